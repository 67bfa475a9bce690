import { onBeforeUnmount, onMounted, ref } from "vue";

/** The time, told anew every half minute, for "due in 12 minutes". */
export function useNow(everyMs = 30_000) {
  const now = ref(Date.now());
  let timer = 0;
  onMounted(() => {
    timer = window.setInterval(() => {
      now.value = Date.now();
    }, everyMs);
  });
  onBeforeUnmount(() => window.clearInterval(timer));
  return now;
}

/** Calls `act` every `everyMs` while the page is looked at. */
export function usePoll(act: () => void, everyMs: number): void {
  let timer = 0;
  const tick = () => {
    if (document.visibilityState === "visible") act();
  };
  onMounted(() => {
    timer = window.setInterval(tick, everyMs);
  });
  onBeforeUnmount(() => window.clearInterval(timer));
}
