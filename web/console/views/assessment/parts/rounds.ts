/** What several pages of the score know of rounds. */
import type { Schemas } from "@shared/api";

type Round = Schemas["ScoreRoundOut"];
type Translate = (key: string, values?: Record<string, unknown>) => string;
const KEY = "lifang.score.round";

/** The round that was looked at last, kept in the browser. */
export const lastRound = {
  get: (): number | null => {
    try {
      return Number(localStorage.getItem(KEY)) || null;
    } catch {
      return null;
    }
  },
  set: (id: number): void => {
    try {
      localStorage.setItem(KEY, String(id));
    } catch {
      // a browser that keeps nothing: the list is shown next time
    }
  },
};

/** What the countdown runs to: i18n key of its words, and the days; where no visit is known, the round's end. */
export function counting(r: Pick<Round, "visit" | "days_left">): { label: string; days: number } {
  const when = r.days_left > 0 ? "in" : r.days_left < 0 ? "past" : "today";
  return { label: `assessment.count.${r.visit ? "visit" : "end"}_${when}`, days: Math.abs(r.days_left) };
}
/** "距测评组到访 23 天" */
export function countdown(r: Pick<Round, "status" | "visit" | "days_left">, t: Translate): string {
  if (r.status !== "open") return "–";
  const { label, days } = counting(r);
  return days ? `${t(label)} ${t("assessment.days", { n: days })}` : t(label);
}
