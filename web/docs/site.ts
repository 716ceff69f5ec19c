// The documentation as pages of HTML. Pure: it is given the files, and gives pages; a link that leads
// nowhere is an error, so that no build has one.
import type { Entry } from "../src/docs/find";
import { cut, render, type Rendered, type Section, type Target } from "./markdown";
import { type Group, MADE_OF, type Page } from "./pages";

export interface Files {
  /** The text of a file of the repository. */
  read(path: string): string;
  exists(path: string): boolean;
}

/** Where the things are that every page loads. */
export interface Parts {
  styles: string[];
  script: string;
  emblem: string;
}

export interface Site {
  /** HTML by file name, below docs/. */
  pages: Map<string, string>;
  index: Entry[];
}

const escape = (text: string) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
export const addressOf = (slug: string) => (slug ? `/docs/${slug}` : "/docs");

/** A path of the repository, from one of its files. */
export function resolve(from: string, to: string): string {
  const parts = from.split("/").slice(0, -1);
  for (const part of to.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) throw new Error(`${to} leads out of the repository`);
    } else if (part !== "." && part !== "") parts.push(part);
  }
  return parts.join("/");
}

interface Draft extends Rendered {
  page: Page;
  /** Anchors of other pages that links lead to, with what they are called here. */
  wants: { source: string; anchor: string; href: string }[];
}

function draftOf(page: Page, pages: Map<string, Page>, files: Files): Draft {
  const wants: Draft["wants"] = [];
  const target = (href: string): Target => {
    if (/^[a-z]+:/i.test(href)) return { href };
    const [path = "", anchor = ""] = href.split("#");
    const file = path ? resolve(page.source, path) : page.source;
    const [source = "", made = ""] = (MADE_OF[file] ?? file).split("#");
    const to = pages.get(source);
    if (!to && !files.exists(source)) throw new Error(`${page.source}: ${href}: there is no ${source}`);
    if (!to) return { note: `${source}, in the source` };
    const at = anchor || made;
    if (at) wants.push({ source, anchor: at, href });
    return { href: (to === page && path === "" ? "" : addressOf(to.slug)) + (at ? `#${at}` : "") };
  };
  const text = files.read(page.source);
  try {
    return { page, wants, ...render(page.part ? cut(text, page.part.title, page.part.sections) : text, target) };
  } catch (error) {
    throw new Error(`${page.source}: ${(error as Error).message}`);
  }
}

function checkAnchors(drafts: Draft[]): void {
  for (const { page, wants } of drafts) {
    for (const { source, anchor, href } of wants) {
      const there = drafts.find((d) => d.page.source === source)!;
      if (!there.sections.some((s) => s.anchor === anchor)) throw new Error(`${page.source}: ${href}: no heading of ${source} has this anchor`);
    }
  }
}

const link = (page: Page, current: Page) =>
  `<a href="${addressOf(page.slug)}"${page === current ? ' aria-current="page"' : ""}>${escape(page.name)}</a>`;

function navigation(groups: Group[], current: Page): string {
  const group = (g: Group) => `<h2>${escape(g.title)}</h2><ul>${g.pages.map((p) => `<li>${link(p, current)}</li>`).join("")}</ul>`;
  return groups.map(group).join("");
}

/** What is on a page, where that is much. */
function contents(sections: Section[]): string {
  const parts = sections.filter((s) => s.level === 2);
  if (parts.length < 3) return "";
  const lines = parts.map((s) => `<li><a href="#${s.anchor}">${escape(s.title)}</a></li>`);
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${lines.join("")}</ul></nav>`;
}

function around(order: Page[], current: Page): string {
  const at = order.indexOf(current);
  const side = (page: Page | undefined, rel: string, word: string) =>
    page ? `<a rel="${rel}" href="${addressOf(page.slug)}"><small>${word}</small> ${escape(page.name)}</a>` : "<span></span>";
  return `<nav class="around" aria-label="Pages before and after">${side(order[at - 1], "prev", "Before")}${side(order[at + 1], "next", "Next")}</nav>`;
}

function htmlOf({ page, html, sections }: Draft, groups: Group[], { styles, script, emblem }: Parts): string {
  const title = sections.find((s) => s.level === 1)?.title ?? page.name;
  const nav = navigation(groups, page);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${escape(title)} · Parley</title>
<link rel="icon" type="image/svg+xml" href="${emblem}">
${styles.map((href) => `<link rel="stylesheet" href="${href}">\n`).join("")}<script type="module" src="${script}"></script>
</head>
<body>
<a class="skip" href="#text">To the text</a>
<header class="head">
<a class="product" href="/docs"><img src="${emblem}" width="26" height="26" alt="">Parley <span>documentation</span></a>
<search hidden><label for="search">Search</label><input id="search" type="search" placeholder="Search" autocomplete="off" aria-controls="found"><div id="found" role="region" aria-label="Found" aria-live="polite"></div></search>
</header>
<details class="menu"><summary>All pages</summary><nav aria-label="All pages">${nav}</nav></details>
<div class="columns">
<nav class="pages" aria-label="Pages">${nav}</nav>
<main id="text">
${html}${around(groups.flatMap((g) => g.pages), page)}
</main>
${contents(sections)}
</div>
</body>
</html>
`;
}

export function makeSite(groups: Group[], files: Files, parts: Parts): Site {
  const order = groups.flatMap((g) => g.pages);
  const bySource = new Map(order.map((p) => [p.source, p]));
  const drafts = order.map((page) => draftOf(page, bySource, files));
  checkAnchors(drafts);
  const pages = new Map(drafts.map((d) => [`${d.page.slug || "index"}.html`, htmlOf(d, groups, parts)]));
  const index = drafts.flatMap((d) =>
    d.sections.map((s): Entry => [d.page.slug, s.level === 1 ? "" : s.anchor, d.page.name, s.title, s.text.replace(/\s+/g, " ").trim()]),
  );
  return { pages, index };
}
