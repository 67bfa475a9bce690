/** The one outbox of this phone, with what the screens want to know of it. */
import { csrfToken } from "@shared/api";
import { ref } from "vue";
import { db, type OutboxItem } from "./db";
import { i18n } from "./i18n";
import { Outbox, type Sent } from "./outbox";

export const pending = ref<OutboxItem[]>([]);
export const sending = ref(false);
export const online = ref(navigator.onLine);

type Listener = (sent: Sent) => void;
const listeners = new Set<Listener>();
/** Be told of each item that has arrived. Returns how to stop. */
export function whenSent(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const outbox = new Outbox({
  db,
  fetch: (url, init) => fetch(url, init),
  headers: () => ({
    "X-CSRFToken": csrfToken(),
    "Accept-Language": i18n.global.locale.value === "en" ? "en" : "zh-hans",
  }),
  // the app's own page sets the cookie; past the worker's copy
  renew: async () => {
    await fetch("/m/?renew", { cache: "reload", credentials: "same-origin" });
  },
  onChange: () => void refresh(),
  onSent: (sent) => {
    for (const listener of listeners) listener(sent);
  },
  onBusy: (busy) => {
    sending.value = busy;
  },
});

export async function refresh(): Promise<void> {
  pending.value = await outbox.list();
}

export function startSending(): void {
  window.addEventListener("online", () => {
    online.value = true;
  });
  window.addEventListener("offline", () => {
    online.value = false;
  });
  void refresh();
  outbox.listen();
  // ask the system not to clear our database when it is short of space
  void navigator.storage?.persist?.();
}
