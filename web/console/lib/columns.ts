/** Which columns a clerk wants to see, kept in the browser for each list. */
import { computed, ref } from "vue";
import type { Column } from "./listdef";

export function useColumns(list: string, all: () => readonly Column[]) {
  const key = `lifang.columns.${list}`;
  const chosen = ref<string[] | null>(null);
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    if (Array.isArray(stored)) chosen.value = stored.filter((s): s is string => typeof s === "string");
  } catch {
    // unreadable: the standard columns
  }
  const standard = computed(() =>
    all()
      .filter((c) => !c.hidden)
      .map((c) => c.key),
  );
  const keys = computed<string[]>({
    get: () => chosen.value ?? standard.value,
    set: (value) => {
      const same = value.length === standard.value.length && value.every((k) => standard.value.includes(k));
      chosen.value = same ? null : value;
      if (same) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    },
  });
  /** in the list's own order */
  const visible = computed(() => {
    const shown = all().filter((c) => keys.value.includes(c.key));
    return shown.length > 0 ? shown : all().slice(0, 1);
  });
  function reset(): void {
    keys.value = standard.value;
  }
  return { keys, visible, reset };
}
