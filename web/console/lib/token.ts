/** A design token's value now (light or dark), for canvases that CSS does not reach. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--lf-${name}`).trim();
}
