/** Fields of the dialogs for rules and pairings. Which of them the server needs is the server's business. */
import type { Schemas } from "@shared/api";
import type { FormField } from "../../../lib/form";

export type Rule = Schemas["DutyRuleOut"];
export type Pairing = Schemas["PairingOut"];
export const SLOTS = ["everywhere", "area", "road", "site", "shop", "component", "grid"] as const;
export const KINDS = ["leader_area", "unit_place", "road_chief", "grid_staff", "shop_front"] as const;

const is =
  (...slots: string[]) =>
  (data: Record<string, unknown>) =>
    slots.includes(String(data.where));

export const RULE_FIELDS: FormField[] = [
  { key: "category", label: "duties.category", kind: "category_key", note: "duties.note.category" },
  {
    key: "where",
    label: "duties.where",
    kind: "select",
    required: true,
    initial: "area",
    options: SLOTS.map((s) => ({ value: s, label: `duties.slot.${s}` })),
  },
  { key: "area", label: "duties.slot.area", kind: "area", required: true, when: is("area") },
  { key: "road_id", label: "duties.slot.road", kind: "slot", required: true, when: is("road") },
  { key: "site_id", label: "duties.slot.site", kind: "slot", required: true, when: is("site") },
  { key: "shop_id", label: "duties.slot.shop", kind: "slot", required: true, when: is("shop") },
  {
    key: "component_id",
    label: "duties.slot.component",
    kind: "slot",
    required: true,
    when: is("component"),
  },
  { key: "grid", label: "duties.slot.grid", kind: "text", max: 20, required: true, when: is("grid") },
  { key: "lead_unit_id", label: "duties.lead", kind: "unit" },
  { key: "owner_first", label: "duties.owner_first", kind: "switch", note: "duties.note.owner_first" },
  { key: "assisting", label: "duties.assisting", kind: "unit", multiple: true },
  { key: "post_id", label: "duties.post", kind: "slot", when: (d) => Boolean(d.lead_unit_id) },
  { key: "valid_from", label: "duties.valid_from", kind: "date" },
  { key: "valid_to", label: "duties.valid_to", kind: "date" },
  { key: "note", label: "duties.remark", kind: "text", max: 200 },
];

export const PAIRING_FIELDS: FormField[] = [
  {
    key: "kind",
    label: "duties.kind",
    kind: "select",
    required: true,
    initial: "leader_area",
    options: KINDS.map((k) => ({ value: k, label: `duties.kinds.${k}` })),
  },
  {
    key: "where",
    label: "duties.where",
    kind: "select",
    required: true,
    initial: "area",
    options: ["area", "road", "site", "shop", "grid"].map((s) => ({ value: s, label: `duties.slot.${s}` })),
  },
  { key: "area", label: "duties.slot.area", kind: "area", when: is("area", "grid") },
  { key: "road_id", label: "duties.slot.road", kind: "slot", when: is("road") },
  { key: "site_id", label: "duties.slot.site", kind: "slot", when: is("site") },
  { key: "shop_id", label: "duties.slot.shop", kind: "slot", when: is("shop") },
  { key: "grid", label: "duties.slot.grid", kind: "text", max: 20, when: is("grid") },
  { key: "user_id", label: "duties.user", kind: "user" },
  { key: "person_name", label: "duties.person", kind: "text", max: 60, note: "duties.note.person" },
  { key: "title", label: "duties.title", kind: "text", max: 80 },
  { key: "phone", label: "duties.phone", kind: "text", max: 32 },
  { key: "unit_id", label: "duties.unit", kind: "unit" },
  { key: "valid_from", label: "duties.valid_from", kind: "date" },
  { key: "valid_to", label: "duties.valid_to", kind: "date" },
  { key: "note", label: "duties.remark", kind: "text", max: 200 },
];

export function ruleValues(rule: Rule): Record<string, unknown> {
  return {
    ...rule,
    where: rule.slot || "everywhere",
    road_id: rule.road?.id,
    site_id: rule.site?.id,
    shop_id: rule.shop?.id,
    component_id: rule.component?.id,
    lead_unit_id: rule.lead_unit?.id,
    assisting: rule.assisting.map((u) => String(u.id)),
    post_id: rule.post?.id,
  };
}

export function pairingValues(p: Pairing): Record<string, unknown> {
  const where = p.shop ? "shop" : p.site ? "site" : p.road ? "road" : p.grid ? "grid" : "area";
  return {
    ...p,
    where,
    road_id: p.road?.id,
    site_id: p.site?.id,
    shop_id: p.shop?.id,
    user_id: p.user?.id,
    unit_id: p.unit?.id,
  };
}

/** What was filled in, without the field that only steers the form. */
export function sent(values: Record<string, unknown>): Record<string, unknown> {
  const { where: _where, ...rest } = values;
  return rest;
}

export function validity(row: { valid_from: string | null; valid_to: string | null }): string {
  if (!row.valid_from && !row.valid_to) return "";
  return `${row.valid_from ?? ""} – ${row.valid_to ?? ""}`;
}
