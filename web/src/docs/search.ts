// The one script of the documentation's pages: the search. Without it the pages are whole but for that.
import "./docs.css";

import { type Entry, find } from "./find";

const box = document.querySelector("search")!;
const input = box.querySelector("input")!;
const list = box.querySelector<HTMLElement>("#found")!;
let index: Promise<Entry[]> | undefined;

/** Fetched when somebody begins to search. */
function entries(): Promise<Entry[]> {
  index ??= fetch("/docs/search.json").then((response) => {
    if (!response.ok) throw new Error(`${response.status}`);
    return response.json() as Promise<Entry[]>;
  });
  return index;
}

function line([slug, anchor, page, section]: Entry, excerpt: string): HTMLElement {
  const link = document.createElement("a");
  link.href = (slug ? `/docs/${slug}` : "/docs") + (anchor ? `#${anchor}` : "");
  const title = document.createElement("strong");
  title.textContent = page === section ? page : `${page}: ${section}`;
  const text = document.createElement("span");
  text.textContent = excerpt;
  link.append(title, text);
  return link;
}

async function search() {
  const typed = input.value.trim();
  const all = await entries().catch(() => undefined);
  if (typed !== input.value.trim()) return; // typed on
  if (!all) index = undefined; // asked again with the next letter
  const found = find(all ?? [], typed);
  list.replaceChildren(...found.map(({ entry, excerpt }) => line(entry, excerpt)));
  if (typed && found.length === 0) list.textContent = all ? "Nothing has all these words." : "The server does not answer.";
  list.hidden = typed === "";
}

function close() {
  list.hidden = true;
}

box.hidden = false;
close();
input.addEventListener("focus", () => void entries().catch(() => undefined));
input.addEventListener("input", () => void search());
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
list.addEventListener("click", close);
document.addEventListener("focusin", (event) => {
  if (!box.contains(event.target as Node)) close();
});
