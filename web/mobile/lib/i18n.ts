import { LANGUAGES, type Language, makeI18n, merge, messagesOf, rememberLanguage } from "@shared/i18n";

type Files = Record<string, { default: unknown }>;
const files: Files = import.meta.glob<{ default: unknown }>("../locales/*.json", { eager: true });
/** Elder mode says some things more plainly: these keys stand in for their namesakes. */
const plainer: Files = import.meta.glob<{ default: unknown }>("../elder/*.json", { eager: true });

export const i18n = makeI18n(files);

/** Plainer words, or the usual ones again. */
export function speakPlainly(on: boolean): void {
  const [usual, plain] = [messagesOf(files), messagesOf(plainer)];
  for (const language of LANGUAGES)
    i18n.global.setLocaleMessage(language, on ? merge(usual[language], plain[language]) : usual[language]);
}

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
