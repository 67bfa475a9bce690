import { expect, test } from "vitest";
import { day, number, shortTime, span, time } from "./format";

test("times are the city's, whatever the zone of the machine", () => {
  expect(time("2026-03-01T16:30:00Z")).toBe("2026-03-02 00:30");
  expect(day("2026-12-31T17:00:00Z")).toBe("2027-01-01");
});
test("the year is left out where it is this one, the hour where it is not", () => {
  const now = new Date("2026-05-01T00:00:00Z");
  expect(shortTime("2026-03-01T01:30:00Z", now)).toBe("03-01 09:30");
  expect(shortTime("2025-03-01T01:30:00Z", now)).toBe("2025-03-01");
});
test("a span is told in one unit", () => {
  const now = Date.UTC(2026, 0, 1);
  const at = (minutes: number) => new Date(now + minutes * 60_000).toISOString();
  expect(span(at(59), now)).toEqual({ value: 59, unit: "minute", past: false });
  expect(span(at(-61), now)).toEqual({ value: 1, unit: "hour", past: true });
  expect(span(at(47 * 60), now)).toEqual({ value: 47, unit: "hour", past: false });
  expect(span(at(49 * 60), now)).toEqual({ value: 2, unit: "day", past: false });
});
test("what is not there is not zero", () => {
  expect([time(null), number(null), number(undefined), span(null)]).toEqual(["", "–", "–", null]);
  expect([number(1234567), number(93.715, 2), number("0")]).toEqual(["1,234,567", "93.72", "0"]);
});
