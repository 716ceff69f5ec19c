// What is signed stands on an event of the record: on the call that a vote answers, on what put the option of a
// position, on what a correction corrects. The server names that event by its number, and could name one still to
// come, to keep what was signed for it: so nothing is signed before a checkpoint that held covers it.

/** So long is waited before the person is told; a call is covered at once. */
export const COVER_WAIT_MS = 10_000;
/** So long until it is an alarm; of time with a connection. */
const COVER_PATIENCE_MS = 30_000;
/** A checkpoint may have been made while the event was being written, the next one not. */
const LATER_MAX = 2;

/** It was not signed. */
export class Ungrounded extends Error {
  constructor() {
    super("Not signed: what this is on is not in the record that your browser checked. Try again; if it stays so, ask the host.");
  }
}

interface Wanted {
  event: number;
  /** How many checkpoints the server had told, */
  told: number;
  /** and how many that it told later end before the event. */
  later: number;
  since: number;
  done(covered: boolean): void;
}

/** Times are milliseconds of any clock that goes on. */
export class Grounds {
  private size = 0;
  private told = 0;
  private wanted: Wanted[] = [];

  get busy(): boolean {
    return this.wanted.length > 0;
  }

  /** The server told a checkpoint: its place among them, for when it is checked. */
  tell(): number {
    return ++this.told;
  }

  /** That one held; `grown`: it goes on from the one before, and is not the last one told again. An event that it
   * had to cover, and does not. */
  checked(size: number, place: number, grown: boolean): number | undefined {
    this.size = Math.max(this.size, size);
    for (const one of this.wanted.filter(({ event }) => event <= this.size)) this.end(one, true);
    const later = grown ? this.wanted.filter(({ told }) => told < place) : [];
    for (const one of later) one.later++;
    return this.giveUp(later.find((one) => one.later >= LATER_MAX));
  }

  /** Whether it is covered; soon, or not. */
  covers(event: number, now: number): Promise<boolean> {
    if (!Number.isSafeInteger(event) || event < 1) return Promise.resolve(false);
    if (event <= this.size) return Promise.resolve(true);
    return new Promise((resolve) => {
      this.wanted.push({ event, told: this.told, later: 0, since: now, done: resolve });
      setTimeout(() => resolve(false), COVER_WAIT_MS);
    });
  }

  /** One that was waited for too long; once each. */
  late(now: number): number | undefined {
    return this.giveUp(this.wanted.find(({ since }) => now - since >= COVER_PATIENCE_MS));
  }

  /** The connection is gone. */
  lost(now: number): void {
    for (const one of this.wanted) one.since = now;
  }

  private giveUp(one: Wanted | undefined): number | undefined {
    if (one) this.end(one, false);
    return one?.event;
  }

  private end(one: Wanted, covered: boolean): void {
    this.wanted = this.wanted.filter((other) => other !== one);
    one.done(covered);
  }
}
