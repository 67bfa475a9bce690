/** Points as people read them, and the geometry of what the score pages draw. No rule of scoring is here. */
import type { Schemas } from "@shared/api";
import { number } from "@shared/ui/format";

type Node = Schemas["ScoreNodeOut"];
type Points = string | number | null | undefined;

/** "12.3456" → "12.35"; nothing → "–" */
export function points(value: Points, digits = 2): string {
  return number(value, digits);
}
/** with its sign: "+0.40", "−1.20", "0.00" */
export function signed(value: Points, digits = 2): string {
  if (value === null || value === undefined || value === "") return "–";
  const text = number(Math.abs(Number(value)), digits);
  if (!/[1-9]/.test(text)) return text;
  return `${Number(value) > 0 ? "+" : "−"}${text}`;
}
/** a part of 1 → "62 %" */
export function share(value: Points, digits = 0): string {
  return value === null || value === undefined || value === ""
    ? "–"
    : `${number(Number(value) * 100, digits)} %`;
}

export interface RangeBar {
  /** all in per cent of the bar */
  low: number;
  width: number;
  at: number;
}
/** Where low–high and the score stand on a bar from `from` to `to`; kept within it. */
export function rangeBar(low: Points, high: Points, at: Points, to: Points, from = 0): RangeBar {
  const span = Number(to) - from;
  const place = (v: Points) => (span > 0 ? Math.min(100, Math.max(0, ((Number(v) - from) / span) * 100)) : 0);
  const [a, b] = [place(low), place(high)];
  const round = (v: number) => Math.round(v * 1000) / 1000;
  return { low: round(Math.min(a, b)), width: round(Math.abs(b - a)), at: round(place(at)) };
}
/** A round frame around values that leaves a little air: bars that start near what they show. */
export function frame(values: Points[], least = 10): [number, number] {
  const known = values.map(Number).filter((v) => Number.isFinite(v));
  if (known.length === 0) return [0, 100];
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const air = Math.max((high - low) * 0.1, (least - (high - low)) / 2, 0.5);
  return [Math.max(0, Math.floor(low - air)), Math.ceil(high + air)];
}

export interface ParetoRow<T> {
  row: T;
  lost: number;
  /** of the whole, up to and with this one; in per cent */
  upTo: number;
}
/** The largest first, each with the share that is lost up to and with it, of all and not only of the `most` kept. */
export function pareto<T extends { lost: string | number }>(lines: readonly T[], most = 30): ParetoRow<T>[] {
  const rows = lines
    .map((row) => ({ row, lost: Number(row.lost) }))
    .filter((r) => r.lost > 0)
    .sort((a, b) => b.lost - a.lost);
  const whole = rows.reduce((sum, r) => sum + r.lost, 0);
  let sum = 0;
  return rows.slice(0, most).map((r) => {
    sum += r.lost;
    return { ...r, upTo: (sum / whole) * 100 };
  });
}
/** How many of the largest make up `part` of the whole: "8 of 98 units lose 80 %". */
export function few(lines: readonly { lost: string | number }[], part = 0.8): { n: number; of: number } {
  const rows = pareto(lines, Number.POSITIVE_INFINITY);
  const n = rows.findIndex((r) => r.upTo >= part * 100 - 1e-9);
  return { n: n < 0 ? rows.length : n + 1, of: rows.length };
}

export interface Branch extends Node {
  children?: Branch[];
  depth: number;
}
/** Something was looked at, and not all of it was won. */
export function losing(node: Pick<Node, "state" | "earned" | "possible">): boolean {
  return (
    !["", "pending", "not_applicable"].includes(node.state) && Number(node.earned) < Number(node.possible)
  );
}
/** The tree of flat nodes (parents before children, the order kept); with `only`, branches that hold such a leaf. */
export function treeOf(nodes: readonly Node[], only?: (leaf: Node) => boolean): Branch[] {
  const at = new Map<string, Branch>();
  const parents = new Set(nodes.map((n) => n.parent).filter(Boolean));
  const kept = new Set<string>();
  if (only) {
    const parent = new Map(nodes.map((n) => [n.code, n.parent]));
    for (const n of nodes)
      if (!parents.has(n.code) && only(n))
        for (let c: string | undefined = n.code; c && !kept.has(c); c = parent.get(c)) kept.add(c);
  }
  const roots: Branch[] = [];
  for (const n of nodes) {
    if (only && !kept.has(n.code)) continue;
    const above = n.parent ? at.get(n.parent) : undefined;
    const one: Branch = { ...n, depth: above ? above.depth + 1 : 0 };
    at.set(n.code, one);
    if (above) {
      above.children ??= [];
      above.children.push(one);
    } else roots.push(one);
  }
  return roots;
}
export const isLeaf = (n: { kind: string }): boolean => n.kind !== "group";

export interface Matrix {
  units: Schemas["HeatUnitOut"][];
  leaves: (Schemas["HeatLeafOut"] & { lost: number })[];
  /** `unit|leaf` → cell */
  cells: Map<string, Schemas["HeatCellOut"]>;
  /** largest loss of one cell */
  most: number;
}
/** Units × indicators with the worst `units` only; indicators in the edition's order or by what they lose there. */
export function matrix(heat: Schemas["HeatOut"], most: number, order: "edition" | "lost"): Matrix {
  const units = heat.units.slice(0, most);
  const shown = new Set(units.map((u) => u.code));
  const cells = new Map<string, Schemas["HeatCellOut"]>();
  const lost = new Map<string, number>();
  let top = 0;
  for (const c of heat.cells) {
    if (!shown.has(c.unit)) continue;
    cells.set(`${c.unit}|${c.leaf}`, c);
    const n = Number(c.lost);
    lost.set(c.leaf, (lost.get(c.leaf) ?? 0) + n);
    top = Math.max(top, n);
  }
  const leaves = heat.leaves
    .filter((l) => lost.has(l.code))
    .map((l) => ({ ...l, lost: lost.get(l.code) ?? 0 }));
  if (order === "lost") leaves.sort((a, b) => b.lost - a.lost);
  return { units, leaves, cells, most: top };
}
/** 0 (nothing) to 5: shades of a loss. By the square root, so that small ones are told apart. */
export function shade(value: Points, most: number): number {
  const n = Number(value);
  if (!(n > 0) || most <= 0) return 0;
  return Math.min(5, Math.max(1, Math.ceil(Math.sqrt(n / most) * 5)));
}

/** `veto:X-1` → ["veto", "X-1"] */
export function stepKey(key: string): [string, string] {
  const [kind = "", ...rest] = key.split(":");
  return [kind, rest.join(":")];
}

/** What the chosen lines of a plan come to; gains are those in the plan's order. */
export function chosenOf(
  actions: readonly { gain: number; effort: string | number }[],
  chosen: ReadonlySet<number>,
): { gain: number; effort: number; n: number } {
  let [gain, effort, n] = [0, 0, 0];
  actions.forEach((a, i) => {
    if (!chosen.has(i)) return;
    gain += a.gain;
    effort += Number(a.effort);
    n += 1;
  });
  return { gain, effort, n };
}
