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
    const { version, hash, organisers } = (kept ? JSON.parse(kept) : {}) as Partial<Seen>;
    if (typeof version === "number" && typeof hash === "string")
      return { version, hash, ...(typeof organisers === "number" && { organisers }) };
  } catch {
    // Storage is switched off, or what was in it is none of ours.
  }
  return inPage.get(key);
}

export function noteSeen({ meeting, organiser, version, hash, organisers }: Manifest): void {
  const key = name(meeting, organiser);
  inPage.set(key, { version, hash, organisers });
  try {
    localStorage.setItem(key, JSON.stringify({ version, hash, organisers }));
  } catch {
    // See above.
  }
}
