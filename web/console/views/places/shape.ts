/** Shapes while they are drawn: rings without their closing point. Pure functions; the server checks what is saved. */
import type { Geometry, Position } from "geojson";

/** parts → rings → points. A line is a part with one ring that is not closed. */
export type Parts = Position[][][];
export interface Corner {
  part: number;
  ring: number;
  at: number;
}
export type ShapeKind = "area" | "line";

const open = (ring: Position[]): Position[] => ring.slice(0, -1);
const close = (ring: Position[]): Position[] => [...ring, ring[0]!];

export function partsOf(geometry: Geometry | null | undefined): Parts {
  switch (geometry?.type) {
    case "Polygon":
      return [geometry.coordinates.map(open)];
    case "MultiPolygon":
      return geometry.coordinates.map((p) => p.map(open));
    case "LineString":
      return [[geometry.coordinates]];
    case "MultiLineString":
      return geometry.coordinates.map((l) => [l]);
    default:
      return [];
  }
}

export function geometryOf(kind: ShapeKind, parts: Parts): Geometry | null {
  const least = kind === "area" ? 3 : 2;
  const whole = parts
    .map((part) => part.filter((ring) => ring.length >= least))
    .filter((part) => part.length > 0);
  if (whole.length === 0) return null;
  if (kind === "area") {
    const polygons = whole.map((part) => part.map(close));
    return polygons.length === 1
      ? { type: "Polygon", coordinates: polygons[0]! }
      : { type: "MultiPolygon", coordinates: polygons };
  }
  const lines = whole.map((part) => part[0]!);
  return lines.length === 1
    ? { type: "LineString", coordinates: lines[0]! }
    : { type: "MultiLineString", coordinates: lines };
}

function withRing(parts: Parts, c: Corner, change: (ring: Position[]) => Position[]): Parts {
  return parts.map((part, p) =>
    p === c.part ? part.map((ring, r) => (r === c.ring ? change(ring) : ring)) : part,
  );
}

export const moved = (parts: Parts, c: Corner, to: Position): Parts =>
  withRing(parts, c, (ring) => ring.map((p, i) => (i === c.at ? to : p)));

/** A new point after corner `c`. */
export const inserted = (parts: Parts, c: Corner, point: Position): Parts =>
  withRing(parts, c, (ring) => [...ring.slice(0, c.at + 1), point, ...ring.slice(c.at + 1)]);

/** Without corner `c`; a ring that becomes too short goes away whole. */
export function removed(kind: ShapeKind, parts: Parts, c: Corner): Parts {
  const least = kind === "area" ? 3 : 2;
  return withRing(parts, c, (ring) => ring.filter((_p, i) => i !== c.at))
    .map((part, p) => (p === c.part ? part.filter((ring) => ring.length >= least) : part))
    .filter((part) => part.length > 0);
}

export function corners(parts: Parts): { corner: Corner; point: Position }[] {
  return parts.flatMap((part, p) =>
    part.flatMap((ring, r) => ring.map((point, at) => ({ corner: { part: p, ring: r, at }, point }))),
  );
}

/** Middles of the edges, each named by the corner before it. */
export function middles(kind: ShapeKind, parts: Parts): { corner: Corner; point: Position }[] {
  return parts.flatMap((part, p) =>
    part.flatMap((ring, r) =>
      ring.flatMap((a, at) => {
        const b = ring[at + 1] ?? (kind === "area" ? ring[0] : undefined);
        if (!b) return [];
        const point: Position = [(a[0]! + b[0]!) / 2, (a[1]! + b[1]!) / 2];
        return [{ corner: { part: p, ring: r, at }, point }];
      }),
    ),
  );
}

/** Seven decimals: one centimetre. */
export function rounded(lng: number, lat: number): Position {
  return [Math.round(lng * 1e7) / 1e7, Math.round(lat * 1e7) / 1e7];
}

/** A pasted text as a geometry, or a reason (i18n key). Features and collections of one are taken too. */
export function parsed(kind: ShapeKind, text: string): { geometry: Geometry | null } | { problem: string } {
  if (!text.trim()) return { geometry: null };
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return { problem: "places.shape.not_json" };
  }
  const value = found as { type?: string; geometry?: unknown; features?: { geometry?: unknown }[] };
  if (value?.type === "Feature") found = value.geometry;
  if (value?.type === "FeatureCollection" && value.features?.length === 1)
    found = value.features[0]?.geometry;
  const geometry = found as Geometry;
  const wanted = kind === "area" ? ["Polygon", "MultiPolygon"] : ["LineString", "MultiLineString"];
  if (!geometry || !wanted.includes(geometry.type)) {
    return { problem: kind === "area" ? "places.shape.not_area" : "places.shape.not_line" };
  }
  return { geometry };
}
