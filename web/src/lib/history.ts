// What was written in an encrypted meeting, on the device that was there: nobody else can give it again.
// Kept for this tab, so that a reload does not lose it; how it is written down.

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

/** Where it is kept: e2ee/history.ts. */
export interface HistoryPlace {
  load(): Promise<History>;
  save(entries: readonly Said[], seen: Record<string, number>): void;
}
