/** Labels of states, verbs and kinds: the city's own word where it has one, else ours. */
import { useI18n } from "vue-i18n";
import { useMe } from "./me";

export function useWords() {
  const { t, te } = useI18n();
  const me = useMe();
  const word = (kind: string, key: string | null | undefined): string => {
    if (!key) return "";
    const own = me.word(key) ?? me.word(`${kind}.${key}`);
    if (own) return own;
    const path = `cases.${kind}.${key}`;
    return te(path) || te(path, "zh-CN") ? t(path) : key;
  };
  return {
    state: (key?: string | null) => word("state", key),
    verb: (key?: string | null) => word("verb", key),
    source: (key?: string | null) => word("source", key),
    evidence: (key?: string | null) => word("evidence", key),
  };
}
