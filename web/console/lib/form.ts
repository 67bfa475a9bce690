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
    | "user"
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
