/** vue-i18n for both apps: Chinese is the source, English complete beside it; every room brings its own file. */
import { createI18n } from "vue-i18n";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
type Tree = { [key: string]: string | Tree };
const KEY = "lifang.language";

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

export function storedLanguage(): Language {
  try {
    const value = localStorage.getItem(KEY);
    if (isLanguage(value)) return value;
  } catch {
    // private mode without storage: the default language
  }
  return "zh-CN";
}

export function merge(into: Tree, from: Tree): Tree {
  for (const [key, value] of Object.entries(from)) {
    const old = into[key];
    if (typeof value === "object" && typeof old === "object") merge(old, value);
    else into[key] = value;
  }
  return into;
}

/** `files`: an eager import.meta.glob of `locales/<room>.<language>.json`. */
export function messagesOf(files: Record<string, { default: unknown }>): Record<Language, Tree> {
  const out: Record<Language, Tree> = { "zh-CN": {}, en: {} };
  for (const [path, file] of Object.entries(files)) {
    const language = /\.([\w-]+)\.json$/.exec(path)?.[1];
    // a copy: two apps or tests must not change each other's tree
    if (isLanguage(language)) merge(out[language], structuredClone(file.default) as Tree);
  }
  return out;
}

export function makeI18n(files: Record<string, { default: unknown }>) {
  const language = storedLanguage();
  document.documentElement.lang = language;
  return createI18n({
    legacy: false,
    locale: language,
    fallbackLocale: "zh-CN",
    messages: messagesOf(files),
    // an error in the console, so that the browser tests fail on it
    missing: (language, key) => console.error(`missing translation: ${language} ${key}`),
    missingWarn: import.meta.env.DEV,
    fallbackWarn: import.meta.env.DEV,
  });
}

export function rememberLanguage(language: Language): void {
  document.documentElement.lang = language;
  // Django reads this cookie, so server pages and the API's messages follow
  document.cookie = `django_language=${language === "en" ? "en" : "zh-hans"};path=/;max-age=31536000;samesite=lax`;
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // not kept: the next visit starts in the default language
  }
}
