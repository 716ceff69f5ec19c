import { describe, expect, it } from "vitest";

import { anchorOf, cut, render } from "../docs/markdown";
import type { Group } from "../docs/pages";
import { makeSite, resolve } from "../docs/site";
import { find } from "../src/docs/find";

const nowhere = () => ({ href: "" });
const html = (text: string) => render(text, nowhere).html;

describe("anchors are those of GitHub", () => {
  it.each([
    ["What it does", "what-it-does"],
    ["REST, WHIP & WHEP", "rest-whip--whep"],
    ["`parley key`, twice", "parley-key-twice"],
    ["État à 100 %", "état-à-100-"],
    ["group_ack", "group_ack"],
  ])("%s", (title, anchor) => {
    expect(render(`## ${title}`, nowhere).sections[0]?.anchor).toBe(anchor);
  });

  it("a second one of a title has a number", () => {
    const taken = new Map<string, number>();
    expect([anchorOf("Plan", taken), anchorOf("Plan", taken), anchorOf("Plan", taken)]).toEqual(["plan", "plan-1", "plan-2"]);
  });
});

describe("Markdown", () => {
  it("leaves comments out, and refuses other HTML", () => {
    expect(html("a <!-- note --> b\n\n<!-- block -->\n\nc")).not.toContain("note");
    expect(() => html("a <b>bold</b>")).toThrow("HTML is not rendered");
    expect(() => html("<script>x</script>")).toThrow("HTML is not rendered");
    expect(html("`<b>`")).toContain("&lt;b&gt;");
  });

  it("escapes what stands in code and titles", () => {
    expect(html("```\n<x> & y\n```")).toContain("&lt;x&gt; &amp; y");
    expect(html('## a "b" <!-- c -->')).toContain("&quot;b&quot;");
  });

  it("cuts the text at headings", () => {
    const { sections } = render("# One\n\nfirst `code`\n\n| a | b |\n| --- | --- |\n| c | d |\n\n## Two\n\nsecond", nowhere);
    expect(sections.map(({ title, text }) => [title, text.replace(/\s+/g, " ").trim()])).toEqual([
      ["One", "first code a b c d"],
      ["Two", "second"],
    ]);
  });

  it("a part of a file", () => {
    const file = "# All\n\n## A\n\na\n\n### A1\n\nb\n\n## B\n\nc\n";
    expect(cut(file, "Part", ["A"])).toBe("# Part\n\n## A\n\na\n\n### A1\n\nb\n\n");
    expect(() => cut(file, "Part", ["C"])).toThrow("C");
  });
});

function siteOf(files: Record<string, string>) {
  const group: Group = {
    title: "Group",
    pages: Object.keys(files)
      .filter((source) => source.startsWith("docs/"))
      .map((source) => ({ source, slug: source === "docs/README.md" ? "" : source.slice(5, -3), name: source })),
  };
  const read = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  return makeSite([group], { read, exists: (path) => path in files }, { styles: ["/s.css"], script: "/s.js", emblem: "/e.svg" });
}

describe("the site", () => {
  it("links between files become links between pages", () => {
    const { pages } = siteOf({
      "docs/README.md": "# Hello\n\n[a](other.md) [b](other.md#part) [c](#hello) [d](https://example.org/) [e](../src/x.c)",
      "docs/other.md": "# Other\n\n## Part\n\n[back](README.md)",
      "src/x.c": "",
    });
    const index = pages.get("index.html")!;
    for (const href of ["/docs/other", "/docs/other#part", "#hello", "https://example.org/"]) expect(index).toContain(`href="${href}"`);
    expect(index).toContain('<span class="elsewhere" title="src/x.c, in the source">e</span>');
    expect(pages.get("other.html")).toContain('<a href="/docs">back</a>');
  });

  it.each([
    ["[a](gone.md)", "gone.md"],
    ["[a](#gone)", "#gone"],
    ["[a](other.md#gone)", "other.md#gone"],
    ["[a](../../x.md)", "out of the repository"],
  ])("%s is an error", (text, why) => {
    expect(() => siteOf({ "docs/README.md": `# A\n\n${text}`, "docs/other.md": "# B" })).toThrow(why);
  });

  it("has nothing inline, for the Content-Security-Policy", () => {
    for (const page of siteOf({ "docs/README.md": "# A\n\n| a |\n| :-- |\n| b |" }).pages.values()) {
      expect(page).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*src=)/);
    }
  });

  it("resolves paths", () => {
    expect(resolve("docs/a.md", "../src/b.c")).toBe("src/b.c");
    expect(resolve("docs/a.md", "./b.md")).toBe("docs/b.md");
    expect(() => resolve("a.md", "../b")).toThrow();
  });
});

describe("the search", () => {
  const { index } = siteOf({
    "docs/README.md": "# Start\n\nThe port of the server.\n\n## Certificates\n\nOf an authority; a port is needed.",
    "docs/ports.md": "# Ports\n\nNothing else.",
  });
  const titles = (typed: string) => find(index, typed).map((f) => f.entry[3]);

  it("needs all words, in any case, and titles come first", () => {
    expect(titles("port")).toEqual(["Ports", "Start", "Certificates"]);
    expect(titles("PORT authority")).toEqual(["Certificates"]);
    expect(titles("port nowhere")).toEqual([]);
    expect(titles("  ")).toEqual([]);
  });

  it("shows words around what was found", () => {
    expect(find(index, "authority")[0]?.excerpt).toContain("authority");
  });
});
