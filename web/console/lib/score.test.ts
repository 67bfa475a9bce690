import type { Schemas } from "@shared/api";
import { describe, expect, test } from "vitest";
import {
  chosenOf,
  few,
  frame,
  losing,
  matrix,
  pareto,
  points,
  rangeBar,
  shade,
  share,
  signed,
  stepKey,
  treeOf,
} from "./score";

const node = (code: string, parent: string, kind: string, more: object = {}): Schemas["ScoreNodeOut"] =>
  ({ code, parent, kind, title: code, possible: "10", high: "10", low: "0", earned: "0", ...more }) as never;

test("it works", () => {
  expect(points("71.404")).toBe("71.40");
  expect(share("0.6234")).toBe("62 %");
});

describe("words of points", () => {
  test("nothing is a dash, never a zero", () => {
    expect([points(null), share(null), signed("")]).toEqual(["–", "–", "–"]);
  });
  test("a sign stands only before what is more than nothing once rounded", () => {
    expect([signed("0.4"), signed(-1.2), signed("-0.001"), signed(0)]).toEqual([
      "+0.40",
      "−1.20",
      "0.00",
      "0.00",
    ]);
  });
});

describe("range bar", () => {
  test("low, width and mark in per cent of what is possible", () => {
    expect(rangeBar("55", "88", "71.4", "100")).toEqual({ low: 55, width: 33, at: 71.4 });
  });
  test("nothing leaves the bar: a deduction may go below it, a bonus beyond", () => {
    expect(rangeBar("-3", "104", "104", "100")).toEqual({ low: 0, width: 100, at: 100 });
  });
  test("no points, no bar", () => {
    expect(rangeBar("0", "0", "0", "0")).toEqual({ low: 0, width: 0, at: 0 });
  });
  test("a frame leaves air around what it holds and is never empty", () => {
    const [low, high] = frame(["71.2", "71.2"]);
    expect(low).toBeLessThan(70);
    expect(high).toBeGreaterThan(73);
    expect(frame([])).toEqual([0, 100]);
  });
});

describe("pareto", () => {
  const lines = [
    { key: "a", lost: "1" },
    { key: "b", lost: "7" },
    { key: "c", lost: "2" },
    { key: "d", lost: "0" },
  ];
  test("the largest first, summed up to the whole, nothing lost left out", () => {
    expect(pareto(lines).map((r) => [r.row.key, r.upTo])).toEqual([
      ["b", 70],
      ["c", 90],
      ["a", 100],
    ]);
  });
  test("the share is of all, also where only the first are shown", () => {
    expect(pareto(lines, 1).map((r) => r.upTo)).toEqual([70]);
  });
  test("how few lose most", () => {
    expect(few(lines, 0.8)).toEqual({ n: 2, of: 3 });
    expect(few([], 0.8)).toEqual({ n: 0, of: 0 });
  });
});

describe("tree", () => {
  const nodes = [
    node("1", "", "group"),
    node("2", "", "group"),
    node("1-1", "1", "base", { state: "scored", earned: "8" }),
    node("1-2", "1", "base", { state: "scored", earned: "10" }),
    node("2-1", "2", "base", { state: "pending" }),
  ];
  test("children stand below their parents in the order given", () => {
    expect(treeOf(nodes).map((b) => [b.code, b.children?.map((c) => c.code)])).toEqual([
      ["1", ["1-1", "1-2"]],
      ["2", ["2-1"]],
    ]);
  });
  test("only branches with such a leaf", () => {
    const kept = treeOf(nodes, losing);
    expect(kept.map((b) => [b.code, b.children?.map((c) => c.code)] as const)).toEqual([["1", ["1-1"]]]);
  });
});

describe("heat", () => {
  const heat: Schemas["HeatOut"] = {
    units: [
      { code: "u", name: "甲", lost: "5" },
      { code: "v", name: "乙", lost: "1" },
    ],
    leaves: [
      { code: "1", title: "一" },
      { code: "2", title: "二" },
      { code: "3", title: "三" },
    ],
    cells: [
      { unit: "u", leaf: "1", lost: "1", open: "0" },
      { unit: "u", leaf: "2", lost: "4", open: "0" },
      { unit: "v", leaf: "3", lost: "1", open: "0" },
    ],
  };
  test("only the worst units, and the indicators that they lose at", () => {
    const m = matrix(heat, 1, "lost");
    expect(m.units.map((u) => u.code)).toEqual(["u"]);
    expect(m.leaves.map((l) => l.code)).toEqual(["2", "1"]);
    expect(m.most).toBe(4);
  });
  test("the edition's order", () => {
    expect(matrix(heat, 9, "edition").leaves.map((l) => l.code)).toEqual(["1", "2", "3"]);
  });
  test("five shades; nothing has none, the largest the last, a trace the first", () => {
    expect([shade(0, 4), shade("0.0001", 4), shade(1, 4), shade(4, 4)]).toEqual([0, 1, 3, 5]);
  });
});

test("the key of a step is a kind and what it is about", () => {
  expect([stepKey("base"), stepKey("veto:X-1")]).toEqual([
    ["base", ""],
    ["veto", "X-1"],
  ]);
});

test("what is chosen of a plan adds up", () => {
  const actions = [
    { gain: 2, effort: "1.5" },
    { gain: 1, effort: "2" },
    { gain: 0.5, effort: "1" },
  ];
  expect(chosenOf(actions, new Set([0, 2]))).toEqual({ gain: 2.5, effort: 2.5, n: 2 });
});
