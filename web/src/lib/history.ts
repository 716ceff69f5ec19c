// What was written in an encrypted meeting, on the device that was there: nobody else can give it again.
// Kept for this tab, so that a reload does not lose it.

export interface Said {
  circle: string;
  participant: string;
  name: string;
  text: string;
  at: number;
}

/** The latest ones are kept. */
export const HISTORY_MAX = 500;
export const HISTORY_CHARS_MAX = 400_000;

export interface History {
  entries: Said[];
  seen: Record<string, number>;
}

function place(name: string): string {
  return `parley:chat:${name}`;
}

function isSaid(value: unknown): value is Said {
  if (typeof value !== "object" || value === null) return false;
  const { circle, participant, name, text, at } = value as Record<string, unknown>;
  return [circle, participant, name, text].every((v) => typeof v === "string") && typeof at === "number";
}

/** What of it is ours. */
export function readHistory(text: string | null): History {
  let read: unknown;
  try {
    read = JSON.parse(text ?? "{}");
  } catch {
    read = {};
  }
  const { entries, seen } = (read ?? {}) as Partial<Record<keyof History, unknown>>;
  const times = Object.entries(typeof seen === "object" && seen !== null ? seen : {});
  return {
    entries: Array.isArray(entries) ? entries.filter(isSaid) : [],
    seen: Object.fromEntries(times.filter(([, at]) => typeof at === "number")) as Record<string, number>,
  };
}

export function writeHistory(entries: readonly Said[], seen: Record<string, number>): string {
  const kept: Said[] = [];
  let chars = 0;
  for (const { circle, participant, name, text, at } of entries.slice(-HISTORY_MAX).reverse()) {
    chars += text.length + name.length;
    if (chars > HISTORY_CHARS_MAX) break;
    kept.unshift({ circle, participant, name, text, at });
  }
  return JSON.stringify({ entries: kept, seen });
}

export function loadHistory(name: string): History {
  try {
    return readHistory(sessionStorage.getItem(place(name)));
  } catch {
    return { entries: [], seen: {} }; // storage is switched off
  }
}

export function saveHistory(name: string, entries: readonly Said[], seen: Record<string, number>): void {
  try {
    sessionStorage.setItem(place(name), writeHistory(entries, seen));
  } catch {
    // Then it lives as long as the page.
  }
}
