/** A long list by cursor: first page, "load more", and only the newest answer counts. */
import { api, type Page, type Query } from "@shared/api";
import { computed, ref, shallowRef } from "vue";
import { fail } from "./toast";

export function useList<T extends object>(path: () => string, query: () => Query, size = 50) {
  const rows = shallowRef<T[]>([]);
  const next = ref<string | null>(null);
  const loading = ref(false);
  const loaded = ref(false);
  const broken = ref(false);
  let turn = 0;
  let control: AbortController | null = null;

  async function fetchPage(cursor: string | null, limit: number): Promise<Page<T> | null> {
    const mine = ++turn;
    control?.abort();
    control = new AbortController();
    loading.value = true;
    try {
      const page = await api.get<Page<T> | T[]>(
        path(),
        { ...query(), limit, cursor: cursor ?? undefined },
        { signal: control.signal },
      );
      if (mine !== turn) return null;
      broken.value = false;
      // short lists come whole
      return Array.isArray(page) ? { items: page, next: null } : page;
    } catch (error) {
      if (mine === turn) {
        broken.value = true;
        fail(error);
      }
      return null;
    } finally {
      if (mine === turn) {
        loading.value = false;
        loaded.value = true;
      }
    }
  }

  async function reload(): Promise<void> {
    const page = await fetchPage(null, size);
    if (!page) return;
    rows.value = page.items;
    next.value = page.next ?? null;
  }
  /** As many rows as are shown now: after an act the clerk stays where he was. */
  async function refresh(): Promise<void> {
    const page = await fetchPage(null, Math.min(200, Math.max(size, rows.value.length)));
    if (!page) return;
    rows.value = page.items;
    next.value = page.next ?? null;
  }
  async function more(): Promise<void> {
    if (!next.value || loading.value) return;
    const page = await fetchPage(next.value, size);
    if (!page) return;
    rows.value = [...rows.value, ...page.items];
    next.value = page.next ?? null;
  }
  const empty = computed(() => loaded.value && !loading.value && !broken.value && rows.value.length === 0);
  return { rows, next, loading, loaded, broken, empty, reload, refresh, more };
}
