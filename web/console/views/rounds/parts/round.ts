/** What the pages of a round share: the round itself, its indicators, forms and colours of states. */
import { api, type Schemas } from "@shared/api";
import { type InjectionKey, inject, type Ref, ref, shallowRef } from "vue";
import type { FormField } from "../../../lib/form";
import type { Option } from "../../../lib/listdef";
import { fail } from "../../../lib/toast";

export type Round = Schemas["RoundOut"];
export type RoundRow = Schemas["RoundRow"];
export type Task = Schemas["RoundTaskOut"];
export type Step = Schemas["RoundStepOut"];
export type Leaf = Schemas["LeafRow"];

export const KINDS = ["official", "mock", "self"] as const;
export const STATUSES = ["preparing", "open", "closed"] as const;
export const TASK_STATUSES = ["draft", "issued", "taken_up", "returned"] as const;
export const HEADS = ["letter", "tasks", "measures", "dates", "people", "checks"] as const;
/** days after which a task that nobody took up is amber, then red */
const AMBER = 3;
const RED = 7;

export function taskTone(task: Pick<Task, "status" | "waits">): string {
  if (task.status === "taken_up") return "green";
  if (task.status === "returned") return "red";
  if (task.status === "draft") return "grey";
  const waits = task.waits ?? 0;
  return waits >= RED ? "red" : waits >= AMBER ? "amber" : "grey";
}
export function stepTone(state: string): string {
  return state === "done" ? "green" : state === "overdue" ? "red" : "grey";
}
export function percent(n: number, of: number): string {
  return of ? `${Math.round((n / of) * 100)}%` : "–";
}

export interface Here {
  round: Ref<Round>;
  reload: () => Promise<void>;
}
export const HERE: InjectionKey<Here> = Symbol("round");
/** The round of the page around a tab. */
export function useHere(): Here {
  const found = inject(HERE);
  if (!found) throw new Error("outside of a round");
  return found;
}

export function useRound(id: () => number) {
  const round = shallowRef<Round | null>(null);
  const missing = ref(false);
  const loading = ref(false);
  async function reload(): Promise<void> {
    loading.value = true;
    try {
      round.value = await api.get<Round>(`/rounds/${id()}`);
      missing.value = false;
    } catch (error) {
      missing.value = round.value === null;
      if (!missing.value) fail(error);
    } finally {
      loading.value = false;
    }
  }
  return { round, missing, loading, reload };
}

const kept = new Map<number, Promise<Leaf[]>>();
/** Indicators of a round, asked once a page load. */
export function leavesOf(round: number): Promise<Leaf[]> {
  let found = kept.get(round);
  if (!found) {
    found = api.get<Leaf[]>(`/rounds/${round}/leaves`);
    found.catch(() => kept.delete(round));
    kept.set(round, found);
  }
  return found;
}
export function useLeaves(round: () => number | undefined) {
  const leaves = shallowRef<Leaf[]>([]);
  async function load(): Promise<void> {
    const id = round();
    if (!id) return;
    try {
      leaves.value = await leavesOf(id);
    } catch (error) {
      fail(error);
    }
  }
  const options = (): Option[] =>
    leaves.value.map((l) => ({ value: l.code, label: `${l.code} ${l.title}`, raw: true }));
  return { leaves, options, load };
}

export const ROUND_FIELDS: FormField[] = [
  { key: "title", label: "rounds.title", kind: "text", required: true, max: 120 },
  { key: "key", label: "rounds.key", kind: "text", required: true, max: 40, note: "rounds.note.key" },
  {
    key: "kind",
    label: "rounds.kind",
    kind: "radio",
    required: true,
    initial: "mock",
    options: KINDS.map((k) => ({ value: k, label: `rounds.kinds.${k}` })),
  },
  { key: "edition_id", label: "rounds.edition", kind: "slot", required: true },
  { key: "previous_id", label: "rounds.previous", kind: "slot", note: "rounds.note.previous" },
  { key: "starts", label: "rounds.starts", kind: "date", required: true },
  { key: "visit", label: "rounds.visit", kind: "date", nullable: true, note: "rounds.note.visit" },
  { key: "ends", label: "rounds.ends", kind: "date", required: true },
  { key: "context_lines", label: "rounds.context", kind: "textarea", max: 2000, note: "rounds.note.context" },
  {
    key: "population_lines",
    label: "rounds.population",
    kind: "textarea",
    max: 2000,
    note: "rounds.note.population",
  },
  { key: "quota_all", label: "rounds.quota", kind: "number", least: 1, note: "rounds.note.quota" },
  { key: "note", label: "rounds.remark", kind: "textarea", max: 2000 },
];

/** `{a: "1", b: "2"}` as a line each, and back. */
export function toLines(pairs: Record<string, unknown> | undefined): string {
  return Object.entries(pairs ?? {})
    .map(([key, value]) => `${key} = ${value}`)
    .join("\n");
}
export function fromLines(text: unknown): Record<string, string> {
  const out: Record<string, string> = {};
  for (const line of String(text ?? "").split("\n")) {
    const [, key, value] = /^\s*(.+?)\s*[=＝:：]\s*(.+?)\s*$/.exec(line) ?? [];
    if (key && value) out[key] = value;
  }
  return out;
}

/** What a unit writes down of a step. */
export function stepFields(unit: boolean): FormField[] {
  return [
    ...(unit
      ? ([{ key: "unit_id", label: "rounds.unit", kind: "unit", required: true }] as FormField[])
      : []),
    {
      key: "kind",
      label: "rounds.step.kind",
      kind: "radio",
      initial: "plan",
      options: ["plan", "fix"].map((k) => ({ value: k, label: `rounds.step.kinds.${k}` })),
    },
    { key: "leaf", label: "rounds.leaf", kind: "slot" },
    { key: "standard", label: "rounds.step.standard", kind: "text", required: true, max: 300 },
    { key: "measure", label: "rounds.step.measure", kind: "textarea", max: 2000 },
    { key: "person_name", label: "rounds.person", kind: "text", max: 60 },
    { key: "due", label: "rounds.due", kind: "date", nullable: true },
  ];
}
