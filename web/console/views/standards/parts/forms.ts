/** Fields of the dialogs for classes and filing conditions. */
import type { Schemas } from "@shared/api";
import type { FormField } from "../../../lib/form";

export type Category = Schemas["TreeCategory"];
export type Condition = Schemas["TreeCondition"];
export type Kind = Category["kind"];
export const KINDS: Kind[] = ["event", "component", "matter"];
export const UNITS = ["urgent_hour", "urgent_day", "work_hour", "work_day", "natural_day"] as const;

/** The two digits of a class's own level. */
export function ownCode(c: { code: string }): string {
  return c.code.slice(-2);
}

export const CATEGORY_FIELDS: FormField[] = [
  { key: "name", label: "standards.category_name", kind: "text", max: 60, required: true },
  {
    key: "code",
    label: "standards.own_code",
    kind: "text",
    max: 2,
    required: true,
    note: "standards.note.code",
  },
  { key: "key", label: "standards.key", kind: "text", max: 40, required: true, note: "standards.note.key" },
  { key: "words", label: "standards.words", kind: "textarea", note: "standards.note.words" },
  { key: "help", label: "standards.help", kind: "text", max: 500, note: "standards.note.help" },
  { key: "public", label: "standards.public", kind: "switch", initial: true },
  { key: "priority", label: "standards.priority", kind: "number", least: 0, most: 9, initial: 0 },
  { key: "active", label: "standards.active", kind: "switch", initial: true },
];

export const CONDITION_FIELDS: FormField[] = [
  { key: "text", label: "standards.filing", kind: "textarea", max: 300, required: true },
  {
    key: "limit",
    label: "standards.limit",
    kind: "number",
    least: 0.01,
    most: 99999,
    required: true,
    initial: 4,
  },
  {
    key: "unit",
    label: "standards.unit",
    kind: "select",
    required: true,
    initial: "work_hour",
    options: UNITS.map((u) => ({ value: u, label: `standards.units.${u}` })),
    note: "standards.note.unit",
  },
  { key: "closing", label: "standards.closing", kind: "textarea", max: 300, required: true },
  { key: "photos_before", label: "standards.photos_before", kind: "number", least: 0, most: 9, initial: 0 },
  {
    key: "photos_after",
    label: "standards.photos_after",
    kind: "number",
    least: 0,
    most: 9,
    initial: 1,
    note: "standards.note.photos",
  },
  { key: "default", label: "standards.default", kind: "switch", note: "standards.note.default" },
  { key: "active", label: "standards.active", kind: "switch", initial: true },
];
