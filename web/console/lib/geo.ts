import type { FeatureCollection, Position } from "geojson";

export type Bounds = [number, number, number, number];

function* positions(coordinates: unknown): Generator<Position> {
  if (!Array.isArray(coordinates)) return;
  if (typeof coordinates[0] === "number") yield coordinates as Position;
  else for (const c of coordinates) yield* positions(c);
}

/** West, south, east, north of all features, or null where there are none. */
export function boundsOf(...collections: (FeatureCollection | null | undefined)[]): Bounds | null {
  let out: Bounds | null = null;
  for (const collection of collections) {
    for (const feature of collection?.features ?? []) {
      const geometry = feature.geometry;
      if (!geometry || !("coordinates" in geometry)) continue;
      for (const [lng, lat] of positions(geometry.coordinates)) {
        if (lng === undefined || lat === undefined) continue;
        if (!out) out = [lng, lat, lng, lat];
        else
          out = [Math.min(out[0], lng), Math.min(out[1], lat), Math.max(out[2], lng), Math.max(out[3], lat)];
      }
    }
  }
  return out;
}
