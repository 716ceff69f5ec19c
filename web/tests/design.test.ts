// The design system holds: sizes of letters and colours are tokens (src/app.css).
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const SOURCE = new URL("../src/", import.meta.url);
// The documentation is a page of letters, with a scale of its own.
const files = (readdirSync(SOURCE, { recursive: true }) as string[]).filter(
  (f) => /\.(svelte|css)$/.test(f) && !f.startsWith("docs/"),
);
const style = (file: string) => {
  const text = readFileSync(new URL(file, SOURCE), "utf8");
  return file.endsWith(".css") ? text : (/<style>([^]*)<\/style>/.exec(text)?.[1] ?? "");
};

describe("styles", () => {
  it("are found", () => expect(files.length).toBeGreaterThan(60));
  for (const file of files)
    it(`${file}: letters are of the scale`, () => {
      const sizes = [...style(file).matchAll(/font-size: ([^;]+);/g)].map((m) => m[1]!);
      // On paper points are meant; what is inside a sign or a picture is measured against that.
      expect(sizes.filter((size) => !/^var\(--font-\d\)$|pt$|cqw$|^calc\(var\(--size\)|^93\.75%$/.test(size))).toEqual([]);
    });

  it("name every colour that has two values in app.css alone", () => {
    expect(files.filter((file) => file !== "app.css" && /light-dark\(/.test(style(file)))).toEqual([]);
  });
});
