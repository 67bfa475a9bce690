let known: boolean | null = null;
/** MapLibre needs WebGL2; old desktops and locked-down ones have none. */
export function hasWebGL2(): boolean {
  if (known === null) {
    try {
      known = document.createElement("canvas").getContext("webgl2") !== null;
    } catch {
      known = false;
    }
  }
  return known;
}
