/** Words for the verbs of the journal: whole ones, those of cases, else "verb_noun" from its two parts. */
interface Words {
  t: (key: string) => string;
  te: (key: string) => boolean;
}

export function verbName(verb: string, { t, te }: Words): string {
  const key = verb.replaceAll("-", "_");
  for (const at of [`core.journal.verbs.${key}`, `cases.verb.${key}`]) if (te(at)) return t(at);
  const cut = key.indexOf("_");
  const act = `core.journal.acts.${cut < 0 ? key : key.slice(0, cut)}`;
  const noun = `core.journal.nouns.${key.slice(cut + 1)}`;
  if (!te(act)) return verb;
  if (cut < 0) return t(act);
  return te(noun) ? `${t(act)} ${t(noun)}` : verb;
}
