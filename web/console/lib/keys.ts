import { onBeforeUnmount, onMounted } from "vue";

export type KeyMap = Record<string, (event: KeyboardEvent) => void>;

/** Whether a key press belongs to a field, a menu or an open dialog rather than to the page. */
export function typing(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return true;
  const at = event.target as HTMLElement | null;
  if (!at?.closest) return false;
  if (at.closest("input, textarea, select, [contenteditable='true'], [role='dialog'], [role='listbox']"))
    return true;
  // Enter and Space on a focused button or link press it, and nothing else
  return (event.key === "Enter" || event.key === " ") && at.closest("button, a, [role='button']") !== null;
}

function dialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>(".el-overlay")].some((o) => o.style.display !== "none");
}

/** Single keys of a page: `useKeys({ j: next, k: back, Enter: open })`. Letters are matched without case. */
export function useKeys(keys: KeyMap | (() => KeyMap)): void {
  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || typing(event) || dialogOpen()) return;
    const map = typeof keys === "function" ? keys() : keys;
    const act = map[event.key] ?? map[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act(event);
  }
  onMounted(() => window.addEventListener("keydown", onKey));
  onBeforeUnmount(() => window.removeEventListener("keydown", onKey));
}
