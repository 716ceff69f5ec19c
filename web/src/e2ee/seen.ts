// Which version of a meeting's list of participants this browser saw, so that the server cannot go back to
// an older one. Where nothing can be kept, that holds for the page only.
import type { Manifest, Seen } from "./identity";

const inPage = new Map<string, Seen>();

function name(meeting: string, organiser: string): string {
  return `parley:manifest:${meeting}:${organiser}`;
}

export function seenOf(meeting: string, organiser: string): Seen | undefined {
  const key = name(meeting, organiser);
  try {
    const kept = localStorage.getItem(key);
    const seen = (kept ? JSON.parse(kept) : {}) as Partial<Seen>;
    if (typeof seen.version === "number" && typeof seen.hash === "string") return seen as Seen;
  } catch {
    // Storage is switched off, or what was in it is none of ours.
  }
  return inPage.get(key);
}

/** What is newest stays: two lists may be verified at the same time, the older one to its end last. */
export function noteSeen({ meeting, organiser, version, hash, organisers, entries, revoked, definition }: Manifest): void {
  const key = name(meeting, organiser);
  if ((seenOf(meeting, organiser)?.version ?? 0) > version) return;
  const few = { version, hash, organisers, defined: definition !== undefined };
  const seen = { ...few, entries: Object.fromEntries(entries), revoked: [...revoked] };
  inPage.set(key, seen);
  for (const one of [seen, few]) {
    try {
      localStorage.setItem(key, JSON.stringify(one));
      return;
    } catch {
      // See above; or all of it is too much.
    }
  }
}
