import { makeI18n } from "@shared/i18n";

export const i18n = makeI18n(import.meta.glob<{ default: unknown }>("../locales/*.json", { eager: true }));

/** For code outside components. */
export function translate(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values);
}
