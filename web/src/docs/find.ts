// The search of the documentation: which sections have all words that were typed, the best first.

/** Page, anchor, name of the page, title of the section, its text: docs/site.ts makes them. */
export type Entry = [slug: string, anchor: string, page: string, section: string, text: string];

export interface Found {
  entry: Entry;
  /** Some words around the first that fits. */
  excerpt: string;
}

const MOST = 12;
/** Beyond that many times, more of a word tells no more. */
const TIMES = 4;
const AROUND = 70;

function score([, , page, section, text]: Entry, words: string[]): number {
  let sum = 0;
  for (const word of words) {
    const title = section.toLowerCase();
    const times = Math.min(TIMES, text.toLowerCase().split(word).length - 1);
    const found = (title.includes(word) ? (title.startsWith(word) ? 12 : 8) : 0) + (page.toLowerCase().includes(word) ? 4 : 0) + times;
    if (found === 0) return 0;
    sum += found;
  }
  return sum;
}

function excerptOf(text: string, words: string[]): string {
  const small = text.toLowerCase();
  const at = Math.max(0, Math.min(...words.map((w) => small.indexOf(w)).filter((i) => i >= 0), text.length));
  const from = at === text.length ? 0 : Math.max(0, text.lastIndexOf(" ", at - AROUND / 2) + 1);
  const cut = text.slice(from, from + 2 * AROUND);
  return `${from > 0 ? "… " : ""}${cut}${from + cut.length < text.length ? " …" : ""}`;
}

export function find(index: Entry[], typed: string): Found[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  return index
    .map((entry) => ({ entry, score: score(entry, words) }))
    .filter((f) => f.score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ entry }) => ({ entry, excerpt: excerptOf(entry[4], words) }));
}
