/** Filters live in the address bar: a reload, the back button and a sent link show the same list. */
import type { Query } from "@shared/api";
import { computed, reactive, watch } from "vue";
import { type LocationQuery, useRoute, useRouter } from "vue-router";

export type FilterValue = string | string[] | undefined;
export type FilterState = Record<string, FilterValue>;

export function fromUrl(
  query: LocationQuery,
  keys: readonly string[],
  many: ReadonlySet<string>,
): FilterState {
  const out: FilterState = {};
  for (const key of keys) {
    const value = query[key];
    if (value === undefined || value === null) continue;
    const list = (Array.isArray(value) ? value : [value]).filter((v): v is string => v !== null && v !== "");
    if (list.length === 0) continue;
    out[key] = many.has(key) ? list : list[0];
  }
  return out;
}

export function toUrl(state: FilterState): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [key, value] of Object.entries(state)) {
    if (value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) continue;
    out[key] = value;
  }
  return out;
}

export function useUrlFilter(keys: readonly string[], many: ReadonlySet<string> = new Set()) {
  const route = useRoute();
  const router = useRouter();
  const name = route.name;
  const state = reactive<FilterState>(fromUrl(route.query, keys, many));

  function replace(next: FilterState): void {
    for (const key of keys) {
      if (next[key] === undefined) delete state[key];
      else state[key] = next[key];
    }
  }
  const plain = computed<Query>(() => toUrl(state));

  watch(plain, (value) => {
    const others = Object.fromEntries(Object.entries(route.query).filter(([k]) => !keys.includes(k)));
    void router.replace({ query: { ...others, ...(value as Record<string, string>) } });
  });
  watch(
    () => route.query,
    (query) => {
      if (route.name !== name) return;
      const next = fromUrl(query, keys, many);
      if (JSON.stringify(toUrl(next)) !== JSON.stringify(toUrl(state))) replace(next);
    },
  );
  return { state, plain, replace };
}
