import { describe, expect, it } from "vitest";
import { applyElder, elder } from "./elder";
import { say } from "./i18n";

type Tree = { [key: string]: string | Tree };
const all = import.meta.glob<{ default: Tree }>(["../locales/*.json", "../elder/*.json"], { eager: true });
const paths = (tree: Tree, above = ""): string[] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [`${above}${key}`] : paths(value, `${above}${key}.`),
  );

describe("elder mode", () => {
  it("says it more plainly, and back", () => {
    applyElder(true);
    expect([elder.value, say("report.send")]).toEqual([true, "交上去"]);
    applyElder(false);
    expect(say("report.send")).toBe("提交");
  });
  it("keeps what has no plainer word", () => {
    applyElder(true);
    expect(say("common.back")).toBe("返回");
    applyElder(false);
  });
  it("has plainer words only for words that there are, in both languages", () => {
    for (const language of ["zh-CN", "en"]) {
      const usual = new Set(paths(all[`../locales/mobile.${language}.json`]?.default ?? {}));
      const plain = paths(all[`../elder/words.${language}.json`]?.default ?? {});
      expect(plain.length).toBeGreaterThan(20);
      expect(plain.filter((key) => !usual.has(key))).toEqual([]);
    }
  });
});
