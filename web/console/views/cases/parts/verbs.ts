/**
 * How the verbs of a case look on the screen: what each dialog asks, which key presses it, in which order buttons
 * stand. Which verbs are allowed, and whether an answer is enough, the server says.
 */
import type { Schemas } from "@shared/api";
import type { FormField } from "../../../lib/form";

export type CaseOut = Schemas["CaseOut"];

/** What `duty` of a case holds: the answer of the duty rules, in words and numbers. */
export interface Duty {
  unit_id?: number | null;
  unit?: string;
  assisting?: number[];
  assisting_names?: string[];
  post?: string;
  rule?: number | null;
  reason?: string;
  others?: { unit: string; rule: number; reason: string }[];
}
/** What the machine took from the words: classes, the likeliest first, with the words that spoke for each. */
export interface Proposal {
  key: string;
  name: string;
  confidence: number;
  words: string[];
}
/** At most three, and none that is hardly likely. */
export function proposalsOf(c: CaseOut): Proposal[] {
  const all = (c.understanding as { categories?: Proposal[] }).categories ?? [];
  return all.filter((p) => p.confidence >= 0.02).slice(0, 3);
}
export const dutyOf = (c: CaseOut): Duty => c.duty as Duty;

export interface VerbForm {
  fields: FormField[];
  /** done at once, nothing to ask */
  plain?: boolean;
  danger?: boolean;
  /** a dialog of its own (class and condition, unit, merging, splitting) */
  special?: "class" | "dispatch" | "merge" | "split";
}

const note: FormField = { key: "note", label: "cases.field.note", kind: "textarea" };
const reason: FormField = { key: "reason", label: "cases.field.reason", kind: "textarea", required: true };
const photos: FormField = { key: "files", label: "cases.field.photos", kind: "photos" };
const checker: FormField = {
  key: "checker_id",
  label: "cases.field.checker",
  kind: "user",
  role: "checker",
  note: "cases.hint.checker",
};

export const FORMS: Record<string, VerbForm> = {
  assign: { fields: [], plain: true },
  ask_verification: { fields: [checker, note] },
  verify: {
    fields: [
      {
        key: "true",
        label: "cases.field.verified",
        kind: "radio",
        initial: true,
        required: true,
        options: [
          { value: true, label: "cases.option.true" },
          { value: false, label: "cases.option.untrue" },
        ],
      },
      photos,
      note,
    ],
  },
  file: { fields: [note], special: "class" },
  reject: { fields: [reason], danger: true },
  reclassify: { fields: [{ key: "address", label: "cases.field.address", kind: "text" }], special: "class" },
  ask: {
    fields: [
      {
        key: "question",
        label: "cases.field.question",
        kind: "textarea",
        required: true,
        max: 300,
        note: "cases.hint.question",
      },
    ],
  },
  dispatch: {
    fields: [
      { key: "unit_id", label: "cases.field.lead_unit", kind: "unit", required: true },
      { key: "assisting", label: "cases.field.assisting", kind: "unit", multiple: true },
      note,
    ],
    special: "dispatch",
  },
  return_to_acceptor: { fields: [reason] },
  return_to_dispatcher: {
    fields: [
      reason,
      {
        key: "proposed_unit_id",
        label: "cases.field.proposed_unit",
        kind: "unit",
        note: "cases.hint.proposed_unit",
      },
    ],
  },
  start: { fields: [], plain: true },
  hand_back: { fields: [photos, { ...note, label: "cases.field.handled", required: true }] },
  send_back: { fields: [reason] },
  ask_check: { fields: [checker, note] },
  check: {
    fields: [
      {
        key: "passed",
        label: "cases.field.result",
        kind: "radio",
        initial: true,
        required: true,
        options: [
          { value: true, label: "cases.option.passed" },
          { value: false, label: "cases.option.failed" },
        ],
      },
      photos,
      { ...note, note: "cases.hint.check" },
    ],
  },
  close: { fields: [{ key: "closing", label: "cases.field.closing", kind: "text", max: 300 }, note] },
  reopen: { fields: [reason] },
  merge: { fields: [note], special: "merge" },
  unmerge: { fields: [reason] },
  split: { fields: [note], special: "split" },
  extend: { fields: [reason] },
  suspend: {
    fields: [{ key: "until", label: "cases.field.until", kind: "datetime", required: true }, reason, photos],
  },
  resume: { fields: [note] },
  hang: { fields: [reason] },
  unhang: { fields: [note] },
  appeal: { fields: [reason, photos] },
  void: { fields: [reason], danger: true },
  self_handle: {
    fields: [photos, { ...note, label: "cases.field.handled", required: true }],
    special: "class",
  },
  add_evidence: {
    fields: [
      { ...photos, required: true },
      {
        key: "kind",
        label: "cases.field.evidence_kind",
        kind: "select",
        initial: "other",
        required: true,
        options: ["before", "after", "verify", "check", "other"].map((k) => ({
          value: k,
          label: `cases.evidence.${k}`,
        })),
      },
      note,
    ],
  },
  note: { fields: [{ key: "text", label: "cases.field.note", kind: "textarea", required: true }] },
};

/** Buttons stand in this order; the first allowed one of MAIN is the blue one, and Enter presses it. */
const MAIN = [
  "check",
  "close",
  "hand_back",
  "start",
  "dispatch",
  "verify",
  "file",
  "resume",
  "unhang",
  "ask_check",
  "reopen",
];
const SHOWN = [
  "file",
  "dispatch",
  "start",
  "hand_back",
  "verify",
  "check",
  "close",
  "ask_check",
  "send_back",
  "reject",
  "ask_verification",
  "return_to_dispatcher",
  "return_to_acceptor",
  "extend",
  "suspend",
  "resume",
  "unhang",
  "reopen",
  "unmerge",
  "self_handle",
];
export const KEYS: Record<string, string> = {
  file: "f",
  reject: "r",
  reclassify: "e",
  ask_verification: "v",
  ask: "q",
  merge: "m",
  dispatch: "d",
  return_to_acceptor: "b",
  start: "s",
  hand_back: "h",
  return_to_dispatcher: "b",
  check: "c",
  close: "x",
  send_back: "g",
  ask_check: "a",
  verify: "v",
  note: "n",
  extend: "t",
};
export function mainVerb(allowed: readonly string[]): string | undefined {
  // a unit that has not begun may begin or hand back at once: beginning comes first
  if (allowed.includes("start")) return "start";
  return MAIN.find((v) => allowed.includes(v));
}

export function arrange(allowed: readonly string[]): { main?: string; shown: string[]; folded: string[] } {
  const main = mainVerb(allowed);
  const rest = allowed.filter((v) => v !== main && FORMS[v]);
  const shown = SHOWN.filter((v) => rest.includes(v)).slice(0, 4);
  return { main, shown, folded: rest.filter((v) => !shown.includes(v)) };
}

export const pathOf = (verb: string) => verb.replaceAll("_", "-");
