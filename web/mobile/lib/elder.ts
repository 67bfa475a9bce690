/** Elder mode (长辈版): one switch for the phone and, by cookie, for the server pages. */
import { ref } from "vue";
import { speakPlainly } from "./i18n";

const COOKIE = "lf_elder";
export const elder = ref(/(?:^|;\s*)lf_elder=1/.test(document.cookie));

export function applyElder(on = elder.value): void {
  elder.value = on;
  speakPlainly(on);
  document.documentElement.classList.toggle("elder", on);
  document.cookie = `${COOKIE}=${on ? "1" : ""};path=/;max-age=${on ? 31_536_000 : 0};samesite=lax`;
}
