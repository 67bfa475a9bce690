/** What the pages of cells, roads, sites, shops and components are made of; one page serves all. */
import { api, type Page, type Query, type Schemas } from "@shared/api";
import type { FormField, FormOption } from "../../lib/form";
import { translate } from "../../lib/i18n";
import type { Filter, ListDef, Row } from "../../lib/listdef";
import type { ShapeKind } from "./shape";

export interface PlaceKind {
  /** as the API calls it: "site" */
  kind: string;
  /** path of the list: "sites" */
  path: string;
  /** layer of the map */
  layer?: string;
  shape?: ShapeKind;
  point?: boolean;
  def: ListDef;
  fields: (types: FormOption[]) => FormField[];
}

export const ROAD_LEVELS = ["main", "secondary", "branch", "lane"] as const;
const levels: FormOption[] = ROAD_LEVELS.map((l) => ({ value: l, label: `places.road_level.${l}` }));

const code = { key: "code", label: "places.field.code", width: 176 };
const region = {
  key: "region",
  label: "places.field.region",
  minWidth: 140,
  text: (r: Row) => r.region?.name ?? "",
};
const road = { key: "road", label: "places.field.road", minWidth: 120, text: (r: Row) => r.road?.name ?? "" };
const address = { key: "address", label: "places.field.address", minWidth: 180 };
const state = {
  key: "active",
  label: "places.field.active",
  width: 80,
  text: (r: Row) => translate(r.active ? "places.active" : "places.retired"),
};
const q: Filter = { key: "q", label: "places.filter.q", kind: "text", width: 200 };
const inRegion: Filter = { key: "region", label: "places.field.region", kind: "area", width: 200 };
const activity: Filter = {
  key: "active",
  label: "places.field.active",
  kind: "select",
  more: true,
  options: [
    { value: "true", label: "places.active" },
    { value: "false", label: "places.retired" },
  ],
};

const codeField: FormField = {
  key: "code",
  label: "places.field.code",
  kind: "text",
  max: 32,
  note: "places.note.code",
};
const nameField: FormField = {
  key: "name",
  label: "places.field.name",
  kind: "text",
  required: true,
  max: 120,
};
const pointFields: FormField[] = [
  { key: "address", label: "places.field.address", kind: "text", max: 200 },
  // longitude, latitude and the map are one field: PointPick
  { key: "lng", label: "places.field.point", kind: "slot", required: true },
];
const exportOf = (kind: string): string => `/places/export/${kind}.xlsx`;

export const KINDS: Record<string, PlaceKind> = {
  cells: {
    kind: "cell",
    path: "cells",
    layer: "cells",
    shape: "area",
    def: {
      list: "places.cells",
      source: "/cells",
      exportPath: exportOf("cell"),
      columns: [
        code,
        region,
        { key: "grid", label: "places.field.grid", width: 140 },
        {
          key: "area_m2",
          label: "places.field.area_m2",
          width: 120,
          align: "right",
          text: (r: Row) => Math.round(r.area_m2).toLocaleString("zh-CN"),
        },
        state,
      ],
      filters: [q, inRegion, activity],
    },
    fields: () => [
      codeField,
      { key: "region", label: "places.field.community", kind: "area", required: true },
      { key: "grid", label: "places.field.grid", kind: "text", max: 20, note: "places.note.grid" },
    ],
  },
  roads: {
    kind: "road",
    path: "roads",
    layer: "roads",
    shape: "line",
    def: {
      list: "places.roads",
      source: "/roads",
      exportPath: exportOf("road"),
      columns: [
        code,
        { key: "name", label: "places.field.name", minWidth: 160 },
        {
          key: "level",
          label: "places.field.road_level",
          width: 110,
          text: (r: Row) => translate(`places.road_level.${r.level}`),
        },
        region,
        {
          key: "drawn",
          label: "places.field.drawn",
          width: 90,
          text: (r: Row) => translate(r.west === null ? "common.no" : "common.yes"),
        },
        state,
      ],
      filters: [
        q,
        {
          key: "level",
          label: "places.field.road_level",
          kind: "select",
          options: ROAD_LEVELS.map((l) => ({ value: l, label: `places.road_level.${l}` })),
        },
        inRegion,
        activity,
      ],
    },
    fields: () => [
      codeField,
      { ...nameField, max: 80 },
      { key: "level", label: "places.field.road_level", kind: "radio", required: true, options: levels },
      { key: "region", label: "places.field.region", kind: "area", note: "places.note.road_region" },
    ],
  },
  sites: {
    kind: "site",
    path: "sites",
    layer: "sites",
    point: true,
    def: {
      list: "places.sites",
      source: "/sites",
      exportPath: exportOf("site"),
      columns: [
        code,
        { key: "name", label: "places.field.name", minWidth: 180 },
        { key: "type", label: "places.field.type", width: 150, text: (r: Row) => r.type.name },
        region,
        road,
        { ...address, hidden: true },
        state,
      ],
      filters: [q, inRegion, activity],
    },
    fields: (types) => [
      nameField,
      { key: "type", label: "places.field.type", kind: "select", required: true, options: types },
      ...pointFields,
      { ...codeField },
    ],
  },
  shops: {
    kind: "shop",
    path: "shops",
    layer: "shops",
    point: true,
    def: {
      list: "places.shops",
      source: "/shops",
      exportPath: exportOf("shop"),
      columns: [
        code,
        { key: "name", label: "places.field.name", minWidth: 180 },
        road,
        { key: "house_number", label: "places.field.house_number", width: 90 },
        { key: "owner_name", label: "places.field.owner_name", width: 100 },
        { key: "owner_phone", label: "places.field.owner_phone", width: 130 },
        { key: "duties_signed_on", label: "places.field.signed", width: 120 },
        { ...region, hidden: true },
        { ...state, hidden: true },
      ],
      filters: [q, inRegion, activity],
    },
    fields: () => [
      nameField,
      ...pointFields,
      { key: "house_number", label: "places.field.house_number", kind: "text", max: 20 },
      { key: "owner_name", label: "places.field.owner_name", kind: "text", max: 40 },
      { key: "owner_phone", label: "places.field.owner_phone", kind: "text", max: 32 },
      { key: "duties_signed_on", label: "places.field.signed", kind: "date" },
      codeField,
    ],
  },
  components: {
    kind: "component",
    path: "components",
    layer: "components",
    point: true,
    def: {
      list: "places.components",
      source: "/components",
      exportPath: exportOf("component"),
      columns: [
        code,
        { key: "name", label: "places.field.name", minWidth: 150 },
        { key: "category_code", label: "places.field.category_code", width: 110 },
        { key: "owner_code", label: "places.field.owner_code", width: 140 },
        { key: "state", label: "places.field.state", width: 100 },
        region,
        road,
        { ...state, hidden: true },
      ],
      filters: [
        q,
        { key: "category", label: "places.field.category_code", kind: "text", width: 120 },
        inRegion,
        activity,
      ],
    },
    fields: () => [
      nameField,
      {
        key: "category_code",
        label: "places.field.category_code",
        kind: "text",
        required: true,
        max: 8,
        note: "places.note.category_code",
      },
      ...pointFields,
      { key: "owner_code", label: "places.field.owner_code", kind: "text", max: 32 },
      { key: "state", label: "places.field.state", kind: "text", max: 20 },
      codeField,
    ],
  },
  "site-types": {
    kind: "site-type",
    path: "site-types",
    def: {
      list: "places.site_types",
      source: "/site-types",
      exportPath: exportOf("site-type"),
      columns: [
        { ...code, width: 220 },
        { key: "name", label: "places.field.name", minWidth: 200 },
        { key: "group", label: "places.field.group", width: 200 },
        { key: "order", label: "places.field.order", width: 80, align: "right" },
        state,
      ],
      filters: [q, activity],
    },
    fields: () => [
      { ...codeField, required: true, note: undefined },
      { ...nameField, max: 60 },
      { key: "group", label: "places.field.group", kind: "text", max: 40 },
      { key: "is_road", label: "places.field.is_road", kind: "switch" },
      { key: "order", label: "places.field.order", kind: "number", least: 0, initial: 0 },
    ],
  },
};

/** Values of a row as its form and PUT take them: references by code. */
export function valuesOf(kind: PlaceKind, row: Row): Record<string, unknown> {
  const out: Record<string, unknown> = { ...row };
  for (const key of ["region", "road", "type", "parent"]) {
    if (key in out) out[key] = (row[key] as { code: string } | null)?.code ?? null;
  }
  for (const key of ["id", "cell", "active", "west", "south", "east", "north", "area_m2", "geometry"])
    delete out[key];
  // a moved point finds its region and road anew
  if (kind.point) for (const key of ["region", "road"]) delete out[key];
  return out;
}

export async function siteTypes(): Promise<FormOption[]> {
  const query: Query = { limit: 200 };
  const page = await api.get<Page<Schemas["SiteTypeOut"]>>("/site-types", query);
  return page.items.map((t) => ({ value: t.code, label: t.name, raw: true }));
}
