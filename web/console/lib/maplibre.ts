/** MapLibre with its worker from our own host, and a style without any base map: the grid is the map. */
import * as maplibre from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";
import { token } from "./token";

maplibre.setWorkerUrl(workerUrl);

export function blankStyle(): maplibre.StyleSpecification {
  return {
    version: 8,
    sources: {},
    layers: [{ id: "ground", type: "background", paint: { "background-color": token("sunken") } }],
  };
}
export { maplibre };
