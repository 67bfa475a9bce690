/** Fields of a form dialog. `label` and `note` are i18n keys unless `raw`. */
export interface FormOption {
  value: string | number | boolean;
  label: string;
  raw?: boolean;
}

export interface FormField {
  key: string;
  label: string;
  kind:
    | "text"
    | "textarea"
    | "number"
    | "switch"
    | "radio"
    | "select"
    | "date"
    | "datetime"
    | "unit"
    | "area"
    | "category"
    | "category_key"
    | "user"
    | "photos"
    | "slot";
  required?: boolean;
  options?: FormOption[];
  multiple?: boolean;
  initial?: unknown;
  /** empty text is sent as null */
  nullable?: boolean;
  max?: number;
  least?: number;
  most?: number;
  step?: number;
  digits?: number;
  hint?: string;
  note?: string;
  raw?: boolean;
  role?: string;
  known?: { id: number; name: string };
  /** shown only while true */
  when?: (data: Record<string, unknown>) => boolean;
}

const TEXTS = new Set(["text", "textarea", "area", "category_key"]);
const IDS = new Set(["unit", "user", "category"]);

/** What the API gets of a field: ids as numbers, untouched lists as [], untouched texts as "". */
export function outgoing(field: FormField, value: unknown): unknown {
  if (field.multiple || field.kind === "photos") {
    const list = Array.isArray(value) ? value : [];
    return IDS.has(field.kind) ? list.map(Number) : list;
  }
  if (value === undefined || value === null || value === "") {
    return TEXTS.has(field.kind) && !field.nullable ? "" : null;
  }
  return IDS.has(field.kind) ? Number(value) : value;
}
