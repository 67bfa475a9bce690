/** What a list page is made of. Labels are i18n keys. */
import type { Query } from "@shared/api";
import type { RouteLocationRaw } from "vue-router";

// biome-ignore lint/suspicious/noExplicitAny: a row is whatever the room's API gives
export type Row = any;

export interface Column {
  key: string;
  label: string;
  width?: number;
  minWidth?: number;
  align?: "left" | "right" | "center";
  /** name in the API's `order`; the column then sorts */
  sort?: string;
  /** not shown until chosen */
  hidden?: boolean;
  fixed?: boolean | "left" | "right";
  /** text of the cell; a slot `cell-<key>` goes before it */
  text?: (row: Row) => string;
  /** one line with dots; default true */
  clip?: boolean;
}

export interface Option {
  value: string;
  /** i18n key, or text when `raw` */
  label: string;
  raw?: boolean;
}

export interface Filter {
  key: string;
  label: string;
  kind: "text" | "select" | "multi" | "unit" | "category" | "area" | "user" | "dates" | "flag";
  options?: Option[] | (() => Option[]);
  /** for `dates`: the two query keys; default `<key>_from`, `<key>_to` */
  keys?: [string, string];
  /** folded away behind "more filters" */
  more?: boolean;
  /** not offered, but kept from a link and shown as a tag that can be taken off */
  hidden?: boolean;
  width?: number;
}

export interface ListDef {
  /** id for saved views and remembered columns */
  list: string;
  source: string;
  columns: Column[];
  filters?: Filter[];
  /** sent with every request, not shown */
  fixed?: Query;
  rowKey?: string;
  exportPath?: string;
  countPath?: string;
  open?: (row: Row) => RouteLocationRaw;
}

export function filterKeys(filters: readonly Filter[]): string[] {
  return filters.flatMap((f) =>
    f.kind === "dates" ? (f.keys ?? [`${f.key}_from`, `${f.key}_to`]) : [f.key],
  );
}

export function manyKeys(filters: readonly Filter[]): ReadonlySet<string> {
  return new Set(filters.filter((f) => f.kind === "multi").map((f) => f.key));
}
