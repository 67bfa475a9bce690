import type { FeatureCollection } from "geojson";
import { expect, test } from "vitest";
import { arrange, FORMS, KEYS } from "../views/cases/parts/verbs";
import { fromUrl, toUrl } from "./filter";
import { outgoing } from "./form";
import { boundsOf } from "./geo";
import { typing } from "./keys";
import { filterKeys, manyKeys } from "./listdef";
import { collect, defineRoom, menuOf, type Room, routesOf } from "./room";

const page = (name: string, roles?: string[], menu = true) => ({
  path: name,
  name,
  title: name,
  menu,
  roles,
  component: async () => ({}),
});
const room = (name: string, order: number, pages: Room["pages"]): { default: Room } => ({
  default: defineRoom({ room: name, title: name, order, icon: {}, pages }),
});

test("rooms stand in their order and show only what a role may see", () => {
  const rooms = collect({
    a: room("late", 20, [page("x")]),
    b: room("first", 10, [page("y", ["leader"]), page("z", undefined, false)]),
  });
  expect(rooms.map((r) => r.room)).toEqual(["first", "late"]);
  expect(menuOf(rooms, ["handler"]).map((r) => r.room)).toEqual(["late"]);
  expect(menuOf(rooms, ["leader"])[0]!.pages.map((p) => p.name)).toEqual(["y"]);
  expect(routesOf(rooms).map((r) => r.path)).toEqual(["/y", "/z", "/x"]);
});

test("a filter survives the address bar", () => {
  const many = new Set(["state"]);
  const state = fromUrl({ q: "井盖", state: "filed", other: "1", area: "" }, ["q", "state", "area"], many);
  expect(state).toEqual({ q: "井盖", state: ["filed"] });
  expect(fromUrl(toUrl(state), ["q", "state", "area"], many)).toEqual(state);
});

test("a range has two keys", () => {
  const filters = [
    { key: "reported", label: "", kind: "dates" as const },
    { key: "state", label: "", kind: "multi" as const },
  ];
  expect(filterKeys(filters)).toEqual(["reported_from", "reported_to", "state"]);
  expect([...manyKeys(filters)]).toEqual(["state"]);
});

test("what a form sends: ids are numbers, untouched texts are empty, untouched ids are null", () => {
  expect(outgoing({ key: "u", label: "", kind: "unit" }, "7")).toBe(7);
  expect(outgoing({ key: "u", label: "", kind: "unit" }, undefined)).toBeNull();
  expect(outgoing({ key: "u", label: "", kind: "unit", multiple: true }, ["7", "8"])).toEqual([7, 8]);
  expect(outgoing({ key: "n", label: "", kind: "textarea" }, undefined)).toBe("");
  expect(outgoing({ key: "n", label: "", kind: "text", nullable: true }, "")).toBeNull();
  expect(outgoing({ key: "p", label: "", kind: "photos" }, undefined)).toEqual([]);
});

test("bounds hold all points of all shapes", () => {
  const shapes: FeatureCollection = {
    type: "FeatureCollection",
    features: [
      { type: "Feature", properties: {}, geometry: { type: "Point", coordinates: [113, 30] } },
      {
        type: "Feature",
        properties: {},
        geometry: {
          type: "Polygon",
          coordinates: [
            [
              [112, 31],
              [114, 31],
              [114, 29],
              [112, 31],
            ],
          ],
        },
      },
    ],
  };
  expect(boundsOf(shapes, null)).toEqual([112, 29, 114, 31]);
  expect(boundsOf(null)).toBeNull();
});

test("keys of the page are silent while somebody types", () => {
  const field = document.createElement("input");
  document.body.append(field);
  let heard: boolean | null = null;
  window.addEventListener("keydown", (e) => {
    heard = typing(e);
  });
  field.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
  expect(heard).toBe(true);
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", bubbles: true }));
  expect(heard).toBe(false);
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "f", ctrlKey: true, bubbles: true }));
  expect(heard).toBe(true);
});

test("every verb that is allowed has a button, the main one first", () => {
  const { main, shown, folded } = arrange(["reject", "file", "merge", "note", "reclassify"]);
  expect(main).toBe("file");
  expect([main, ...shown, ...folded].sort()).toEqual(["file", "merge", "note", "reclassify", "reject"]);
});

test("no two verbs that stand together share a key", () => {
  const together = [
    ["file", "reject", "reclassify", "ask_verification", "ask", "merge", "note"],
    ["dispatch", "return_to_acceptor", "reclassify", "merge", "note"],
    ["start", "hand_back", "return_to_dispatcher", "extend", "note"],
    ["check", "send_back", "ask_check", "note"],
    ["close", "send_back", "note"],
  ];
  for (const verbs of together) {
    const keys = verbs.map((v) => KEYS[v]).filter(Boolean);
    expect(new Set(keys).size, verbs.join()).toBe(keys.length);
    expect(verbs.every((v) => FORMS[v])).toBe(true);
    expect(keys.some((k) => k === "j" || k === "k")).toBe(false);
  }
});
