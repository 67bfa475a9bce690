import { type Language, makeI18n, rememberLanguage } from "@shared/i18n";

export const i18n = makeI18n(import.meta.glob<{ default: unknown }>("../locales/*.json", { eager: true }));

/** Outside components: a message in the language of the moment. */
export function say(key: string, values: Record<string, unknown> = {}): string {
  return i18n.global.t(key, values);
}

export function switchLanguage(language: Language): void {
  i18n.global.locale.value = language;
  rememberLanguage(language);
}

/** The dark ground behind a sheet closes it when touched; Vant makes it a button but gives it no name. */
export function overlayNamed(): object {
  return { "aria-label": say("common.cancel") };
}
