/** Times and numbers as people in the trade read them. All shown in the city's time, whatever the browser's zone. */
const ZONE = "Asia/Shanghai";
type When = string | number | Date | null | undefined;

function parts(value: When): Record<string, string> | null {
  if (value === null || value === undefined || value === "") return null;
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) return null;
  const list = new Intl.DateTimeFormat("en-CA", {
    timeZone: ZONE,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(date);
  return Object.fromEntries(list.map((p) => [p.type, p.value]));
}

/** 2026-03-01 */
export function day(value: When): string {
  const p = parts(value);
  return p ? `${p.year}-${p.month}-${p.day}` : "";
}
/** 2026-03-01 09:30 */
export function time(value: When): string {
  const p = parts(value);
  return p ? `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}` : "";
}
/** 03-01 09:30 this year, 2025-12-30 otherwise: for dense tables */
export function shortTime(value: When, now: Date = new Date()): string {
  const p = parts(value);
  if (!p) return "";
  return p.year === parts(now)?.year
    ? `${p.month}-${p.day} ${p.hour}:${p.minute}`
    : `${p.year}-${p.month}-${p.day}`;
}

export interface Span {
  value: number;
  unit: "minute" | "hour" | "day";
  past: boolean;
}
/** How long until (or, `past`, since) a moment, in the one unit a person would say. */
export function span(value: When, now: number = Date.now()): Span | null {
  if (value === null || value === undefined || value === "") return null;
  const ms = new Date(value).getTime() - now;
  if (Number.isNaN(ms)) return null;
  const minutes = Math.abs(ms) / 60_000;
  const past = ms < 0;
  if (minutes < 60) return { value: Math.floor(minutes), unit: "minute", past };
  if (minutes < 48 * 60) return { value: Math.floor(minutes / 60), unit: "hour", past };
  return { value: Math.floor(minutes / 1440), unit: "day", past };
}

/** 1234567 → 1,234,567; null → – */
export function number(value: number | string | null | undefined, digits = 0): string {
  if (value === null || value === undefined || value === "") return "–";
  const n = Number(value);
  return Number.isNaN(n)
    ? "–"
    : n.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
