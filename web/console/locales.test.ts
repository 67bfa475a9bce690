// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const HERE = dirname(fileURLToPath(import.meta.url));
type Tree = { [key: string]: string | Tree };

function leaves(tree: Tree, path = ""): Map<string, string> {
  const out = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    const at = path ? `${path}.${key}` : key;
    if (typeof value === "string") out.set(at, value);
    else for (const [k, v] of leaves(value, at)) out.set(k, v);
  }
  return out;
}
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

for (const app of ["console", "mobile"]) {
  const folder = join(HERE, "..", app, "locales/");
  const rooms = [...new Set(readdirSync(folder).map((f) => f.split(".")[0]!))];
  describe.each(rooms)(`${app}: words of %s`, (room) => {
    const read = (language: string) =>
      leaves(JSON.parse(readFileSync(`${folder}${room}.${language}.json`, "utf8")) as Tree);
    const zh = read("zh-CN");
    const en = read("en");
    test("both languages have the same keys", () => {
      expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
    });
    test("and the same places for values", () => {
      for (const [key, text] of zh)
        expect(`${key} ${holes(en.get(key) ?? "")}`).toBe(`${key} ${holes(text)}`);
    });
    test("and none is empty", () => {
      for (const [key, text] of [...zh, ...en]) expect(text.trim(), key).not.toBe("");
    });
  });
}

/** Literal keys in the console's source: `$t("a.b")`, `t('a.b')`, `label: "a.b"`. Made-up ones are left out. */
test("every key that the console names is there", () => {
  const here = `${HERE}/`;
  const known = new Set<string>();
  for (const f of readdirSync(`${here}locales`).filter((f) => f.endsWith(".zh-CN.json")))
    for (const key of leaves(JSON.parse(readFileSync(`${here}locales/${f}`, "utf8")) as Tree).keys())
      known.add(key);
  const missing: string[] = [];
  for (const f of readdirSync(here, { recursive: true }) as string[]) {
    if (!/\.(vue|ts)$/.test(f) || f.endsWith(".test.ts")) continue;
    const source = readFileSync(`${here}${f}`, "utf8");
    for (const m of source.matchAll(/(?:\bt|\$t|translate)\(\s*["']([\w]+(?:\.[\w]+)+)["']/g))
      if (!known.has(m[1]!)) missing.push(`${f}: ${m[1]}`);
    for (const m of source.matchAll(/(?:label|title|note|hint): "([a-z]+(?:\.[a-z_]+)+)"/g))
      if (!known.has(m[1]!)) missing.push(`${f}: ${m[1]}`);
  }
  expect(missing).toEqual([]);
});
