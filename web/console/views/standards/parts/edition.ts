/** The document of an edition as the editor holds it (docs/editions.md). Values that are the default may be absent. */
import type { Schemas } from "@shared/api";

export type Edition = Schemas["EditionOut"];
export type Fault = Schemas["EditionFaultOut"];
export type Saved = Schemas["EditionSaved"];
export type Change = Schemas["EditionChangeOut"];

export interface Rule {
  kind: string;
  by?: string;
  better?: string;
  cuts?: [string, string][];
  else?: string;
  lo?: string;
  hi?: string;
  grades?: Record<string, string>;
  combine?: string;
  full?: string;
  each?: string;
  floor?: string;
  per?: string;
  site_cap?: string;
  target?: string;
  cap?: string;
  accept?: string[];
  options?: Record<string, string | null>;
  then?: Rule;
  effect?: string;
  value?: string;
}
export interface Slot {
  key: string;
  title?: string;
  kind?: string;
  least?: string;
  most?: string;
  size?: string;
  words?: string;
  months?: string;
  help?: string;
}
export interface Measure {
  key?: string;
  method: string;
  share?: string;
  rule: Rule;
  slots?: Slot[];
  questions?: string[];
  take?: string;
  unit?: string;
}
export interface Node {
  code: string;
  parent?: string;
  title?: string;
  points?: string;
  lead?: string;
  assist?: { role: string; share: string }[];
  measures?: Measure[];
  na?: { policy?: string; within?: string };
  missing?: { policy?: string };
  applies?: Record<string, string[]>;
  help?: string;
}
export interface Feed {
  leaf: string;
  measure?: string;
  share?: string;
}
export interface Item {
  code: string;
  title?: string;
  feeds?: Record<string, Feed[]>;
  categories?: string[];
  help?: string;
}
export interface Doc {
  key?: string;
  version?: string;
  title?: string;
  total?: string;
  rounding?: { total?: string; leaf?: string };
  bonus_cap?: string;
  prerequisites?: { edition: string; at_least: string }[];
  blends?: { edition: string; share: string; full?: string }[];
  nodes?: Node[];
  items?: Item[];
}

export const METHODS = ["field", "document", "survey", "statistic", "special", "veto"] as const;
/** Which kinds of rule a method may have; the first is what a new measure starts with. */
export const KINDS_OF: Record<string, string[]> = {
  field: ["step", "linear_clamp", "deduct", "all_or_nothing"],
  document: ["grade_map", "all_or_nothing", "deduct", "ratio_of_target"],
  survey: ["survey_mean"],
  statistic: ["step", "linear_clamp", "ratio_of_target", "deduct"],
  special: ["bonus"],
  veto: ["veto"],
};
export const NA = ["drop", "full", "redistribute", "zero"] as const;
export const MISSING = ["pending", "zero"] as const;
export const SLOT_KINDS = ["", "document", "report", "photo", "table"] as const;

export type RuleField =
  | { key: keyof Rule; kind: "number"; initial?: string }
  | { key: keyof Rule; kind: "choice"; options: readonly string[] }
  | { key: "cuts" | "grades" | "options"; kind: "pairs"; loose?: boolean }
  | { key: "accept"; kind: "names" }
  | { key: "then"; kind: "then" };
const BY: RuleField = { key: "by", kind: "choice", options: ["pass_rate", "site_rate", "site_pass"] };

/** The form of each kind of rule. `by` is asked only where places are looked at, `better` only of figures. */
export function ruleFields(kind: string, method: string): RuleField[] {
  const by = method === "field" ? [BY] : [];
  const better: RuleField[] =
    method === "statistic" ? [{ key: "better", kind: "choice", options: ["high", "low"] }] : [];
  switch (kind) {
    case "step":
      return [
        ...by,
        ...better,
        { key: "cuts", kind: "pairs" },
        { key: "else", kind: "number", initial: "0" },
      ];
    case "linear_clamp":
      return [
        ...by,
        { key: "lo", kind: "number", initial: "0" },
        { key: "hi", kind: "number", initial: "1" },
      ];
    case "grade_map":
      return [
        { key: "grades", kind: "pairs" },
        { key: "combine", kind: "choice", options: ["mean", "min"] },
      ];
    case "deduct":
      return [
        { key: "full", kind: "number", initial: "1" },
        { key: "each", kind: "number" },
        { key: "floor", kind: "number", initial: "0" },
        ...(method === "field"
          ? ([
              { key: "per", kind: "choice", options: ["all", "site"] },
              { key: "site_cap", kind: "number" },
            ] as RuleField[])
          : []),
      ];
    case "ratio_of_target":
      return [
        { key: "target", kind: "number" },
        { key: "cap", kind: "number", initial: "1" },
      ];
    case "all_or_nothing":
      return method === "document" ? [{ key: "accept", kind: "names" }] : [];
    case "survey_mean":
      return [
        { key: "options", kind: "pairs", loose: true },
        { key: "then", kind: "then" },
      ];
    case "bonus":
      return [{ key: "cap", kind: "number" }];
    case "veto":
      return [
        { key: "effect", kind: "choice", options: ["deduct", "cap", "suspend", "disqualify"] },
        { key: "value", kind: "number", initial: "0" },
      ];
  }
  return [];
}

/** A rule to start from. */
export function freshRule(kind: string): Rule {
  switch (kind) {
    case "step":
      return { kind, cuts: [["0.95", "1"], ["0.85", "0.7"]] }; // biome-ignore format: one line says it
    case "grade_map":
      return { kind, grades: { A: "1", B: "0.6", C: "0" } };
    case "deduct":
      return { kind, full: "10", each: "2" };
    case "ratio_of_target":
      return { kind, target: "1" };
    case "survey_mean":
      return { kind, options: { 满意: "1", 比较满意: "0.8", 一般: "0.5", 不满意: "0", 不了解: null } };
    case "bonus":
      return { kind, cap: "1" };
    case "veto":
      return { kind, effect: "deduct", value: "1" };
  }
  return { kind };
}
export function freshMeasure(method: string): Measure {
  const rule = freshRule(KINDS_OF[method]?.[0] ?? "step");
  return method === "survey" ? { method, rule, questions: [""] } : { method, rule };
}

export const keyOf = (m: Measure) => m.key || m.method;
export const isLeaf = (n: Node) => Boolean(n.measures?.length);

/** Points of a node: its own, or those of all indicators below. */
export function pointsBelow(nodes: readonly Node[]): Map<string, number> {
  const parents = new Map(nodes.map((n) => [n.code, n.parent ?? ""]));
  const sums = new Map<string, number>();
  for (const n of nodes) {
    const own = Number(n.points ?? 0);
    if (!isLeaf(n) || !own) continue;
    const seen = new Set<string>();
    for (let at = n.code; at && !seen.has(at); at = parents.get(at) ?? "") {
      seen.add(at);
      sums.set(at, (sums.get(at) ?? 0) + own);
    }
  }
  return sums;
}
/** 2.50 → 2.5 */
export const short = (n: number | string | undefined) => String(Math.round(Number(n ?? 0) * 1e6) / 1e6);
/** 0.7 → 70% */
export const percent = (part: string | number | undefined) => `${Math.round(Number(part ?? 0) * 1e4) / 100}%`;

export interface TreeItem extends Node {
  children: TreeItem[];
}
export function treeOf(nodes: readonly Node[]): TreeItem[] {
  const made = new Map<string, TreeItem>();
  for (const n of nodes) if (!made.has(n.code)) made.set(n.code, { ...n, children: [] });
  const roots: TreeItem[] = [];
  for (const n of made.values()) {
    const parent = n.parent ? made.get(n.parent) : undefined;
    // an orphan, or one of a ring, stands at the top so that it can be mended
    if (parent && parent !== n && !within(made, n.code, parent.code)) parent.children.push(n);
    else roots.push(n);
  }
  return roots;
}
function within(made: Map<string, TreeItem>, top: string, code: string): boolean {
  const seen = new Set<string>();
  for (let at: string | undefined = code; at && !seen.has(at); at = made.get(at)?.parent) {
    if (at === top) return true;
    seen.add(at);
  }
  return false;
}
