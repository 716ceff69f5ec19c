// Times of the meeting, by the server's clock. Pure.

/** The last part of a speaking time, in which its end is announced. */
export const WARNING_MS = 30_000;

export type SpeakingState = "unlimited" | "running" | "warning" | "over";

export interface SpeakingClock {
  state: SpeakingState;
  /** For how long the floor is held. */
  spokenMs: number;
  /** What is left of the speaking time; below zero once it is over, and absent without a limit. */
  leftMs?: number;
}

/** `seconds` absent or 0: no limit. */
export function speakingClock(since: number, seconds: number | undefined, now: number): SpeakingClock {
  const spokenMs = Math.max(0, now - since);
  if (!seconds) return { state: "unlimited", spokenMs };
  const leftMs = seconds * 1_000 - spokenMs;
  const state = leftMs < 0 ? "over" : leftMs <= WARNING_MS ? "warning" : "running";
  return { state, spokenMs, leftMs };
}

/** As on a clock: 0:07, 12:30, 1:02:03. Of what is left, the second that has begun counts. */
export function minutesText(ms: number): string {
  const all = Math.floor(Math.abs(ms) / 1_000);
  const two = (n: number) => String(n).padStart(2, "0");
  const hours = Math.floor(all / 3_600);
  const minutes = Math.floor(all / 60) % 60;
  const seconds = two(all % 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${seconds}` : `${minutes}:${seconds}`;
}

export interface Remaining {
  days: number;
  hours: number;
  minutes: number;
  seconds: number;
}

/** Until `deadline`; undefined: it has passed. */
export function remaining(deadline: number, now: number): Remaining | undefined {
  const left = deadline - now;
  if (left <= 0) return undefined;
  const seconds = Math.ceil(left / 1_000);
  return {
    days: Math.floor(seconds / 86_400),
    hours: Math.floor(seconds / 3_600) % 24,
    minutes: Math.floor(seconds / 60) % 60,
    seconds: seconds % 60,
  };
}

/** What a date and time mean on the clocks of a zone (IANA), which need not be this browser's: the
 * instant, or undefined where the text or the zone is none. `local` is as an input of the type
 * datetime-local gives it: 2026-03-01T14:30. */
export function instantIn(zone: string, local: string): number | undefined {
  const asUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  try {
    // The offset at the instant, which needs the offset: twice is enough but in a gap of the clocks.
    const first = asUtc - offsetAt(zone, asUtc);
    return asUtc - offsetAt(zone, first);
  } catch {
    return undefined;
  }
}

/** The other way round, to the minute: what an input of the type datetime-local takes. */
export function localIn(zone: string, at: number): string {
  return new Date(at + offsetAt(zone, at)).toISOString().slice(0, 16);
}

function offsetAt(zone: string, at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const get = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  const local = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
  return local - Math.floor(at / 1_000) * 1_000;
}

export function isZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return zone !== "";
  } catch {
    return false;
  }
}

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
