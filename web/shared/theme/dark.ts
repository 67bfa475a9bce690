/** Light, dark or as the machine says. Set on <html> before the app mounts, so that nothing flashes. */
export type Scheme = "light" | "dark" | "auto";
const KEY = "lifang.scheme";

export function storedScheme(): Scheme {
  try {
    const value = localStorage.getItem(KEY);
    if (value === "light" || value === "dark") return value;
  } catch {
    // no storage: as the machine says
  }
  return "auto";
}

export function isDark(scheme: Scheme): boolean {
  return scheme === "dark" || (scheme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
}

export function applyScheme(scheme: Scheme): void {
  document.documentElement.classList.toggle("dark", isDark(scheme));
  try {
    if (scheme === "auto") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, scheme);
  } catch {
    // not kept
  }
}
