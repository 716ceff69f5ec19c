import { describe, expect, it } from "vitest";

import { parseLink, pastedLink, readKept } from "../src/lib/link";
import { sameView, viewTiles } from "../src/lib/view";

describe("invitation links", () => {
  const CASES: [string, string, ReturnType<typeof parseLink>][] = [
    ["/m/bcdfgh2345", "#1.AbC-_9", { meeting: "bcdfgh2345", token: "AbC-_9" }],
    ["/m/bcdfgh2345/", "#1.x", { meeting: "bcdfgh2345", token: "x" }],
    ["/m/bcdfgh2345", "", { meeting: "bcdfgh2345" }],
    ["/m/bcdfgh2345", "#2.x", { meeting: "bcdfgh2345" }], // a later kind of link
    ["/m/bcdfgh2345", "#1.", { meeting: "bcdfgh2345" }],
    ["/m/bcdfgh2345", `#1.${"x".repeat(64)}`, { meeting: "bcdfgh2345", token: "x".repeat(64) }],
    ["/m/bcdfgh2345", `#1.${"x".repeat(65)}`, { meeting: "bcdfgh2345" }],
    ["/m/bcdfgh2345", `#1.x.${"s".repeat(43)}.${"o".repeat(43)}`, { meeting: "bcdfgh2345", token: "x", keys: { secret: "s".repeat(43), organiser: "o".repeat(43) } }],
    ["/m/bcdfgh2345", `#1.x.${"s".repeat(43)}`, { meeting: "bcdfgh2345" }],
    ["/m/bcdfgh2345", `#1.x.${"s".repeat(42)}.${"o".repeat(43)}`, { meeting: "bcdfgh2345" }],
    ["/m/bcdfgh2345", `#1.x.${"s".repeat(43)}.${"o".repeat(44)}`, { meeting: "bcdfgh2345" }],
    [`/m/${"b".repeat(32)}`, "", { meeting: "b".repeat(32) }],
    [`/m/${"b".repeat(33)}`, "", undefined],
    ["/m/", "#1.x", undefined],
    ["/", "", undefined],
    ["/m/a/b", "#1.x", undefined],
  ];
  for (const [path, hash, wanted] of CASES) {
    it(`${path.slice(0, 20)}${hash.slice(0, 12)} (${path.length}, ${hash.length})`, () => {
      expect(parseLink(path, hash)).toEqual(wanted);
    });
  }
});

describe("what a tab kept of a meeting", () => {
  const CASES: [string | null, ReturnType<typeof readKept>][] = [
    [null, { meeting: "m" }],
    ["null", { meeting: "m" }],
    ["#1.x", { meeting: "m" }], // of an earlier page
    ['{"token":1}', { meeting: "m" }],
    ['{"organiser":"o","key":"k"}', { meeting: "m" }],
    ['{"token":"t"}', { meeting: "m", token: "t" }],
    ['{"token":"t","key":"k"}', { meeting: "m", token: "t" }],
    ['{"token":"t","organiser":"o"}', { meeting: "m", token: "t", keys: { organiser: "o" } }],
    ['{"token":"t","organiser":"o","key":"k"}', { meeting: "m", token: "t", keys: { organiser: "o", key: "k" } }],
  ];
  it.each(CASES)("%s", (text, wanted) => expect(readKept("m", text)).toEqual(wanted));
});

describe("view", () => {
  it("is told in device pixels, within bounds", () => {
    expect(
      viewTiles(
        [
          { source: 1, width: 100, height: 56 },
          { source: 2, width: 0.2, height: 40_000 },
        ],
        1.5,
      ),
    ).toEqual([
      { source: 1, width: 150, height: 84 },
      { source: 2, width: 1, height: 16384 },
    ]);
  });

  it("names 64 tiles at most", () => {
    const many = Array.from({ length: 65 }, (_, i) => ({ source: i + 1, width: 9, height: 9 }));
    expect(viewTiles(many, 1).length).toBe(64);
    expect(viewTiles(many, 1).at(-1)?.source).toBe(64);
  });

  it("knows whether it changed", () => {
    const a = viewTiles([{ source: 1, width: 10, height: 10 }], 1);
    expect(sameView(a, structuredClone(a))).toBe(true);
    expect(sameView(a, [])).toBe(false);
    expect(sameView(a, viewTiles([{ source: 1, width: 10, height: 11 }], 1))).toBe(false);
    expect(sameView(a, viewTiles([{ source: 2, width: 10, height: 10 }], 1))).toBe(false);
  });
});

describe("a pasted link", () => {
  const HERE = "https://parley.example.org";
  const CASES: [string, string | undefined][] = [
    [`${HERE}/m/bcdfgh2345#1.x`, "/m/bcdfgh2345#1.x"],
    [`  ${HERE}/m/bcdfgh2345?codec=VP9#1.x\n`, "/m/bcdfgh2345?codec=VP9#1.x"],
    ["https://elsewhere.example.org/m/bcdfgh2345#1.x", undefined],
    [`${HERE}/m/bcdfgh2345`, undefined],
    [`${HERE}/prepare#1.x`, undefined],
    ["javascript:alert(1)", undefined],
    ["/m/bcdfgh2345#1.x", undefined],
    ["", undefined],
  ];
  for (const [text, to] of CASES) it(`${text || "nothing"} leads ${to ?? "nowhere"}`, () => expect(pastedLink(text, HERE)).toBe(to));
});
