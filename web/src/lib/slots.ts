// When a receiving slot shows the picture it is said to show. The server names the source of a slot
// and its first RTP timestamp there; the message and the frames travel apart, so a picture counts as
// the new source's from the first presented frame that is not older than that timestamp.

/** Whether timestamp a is b or later, on the circle of 2^32 (RFC 1982). */
export function atOrAfter(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** Where the browser does not tell a frame's timestamp, the new picture is taken to be there after
 * so long. */
export const BLIND_MS = 300;

export class SlotMatch {
  #source: number | undefined;
  #first = 0;
  #since = 0;
  #last: number | undefined;
  #shown: number | undefined;

  /** The source whose picture is on the screen for certain. */
  get shown(): number | undefined {
    return this.#shown;
  }

  /** The source that the slot is to show. */
  get source(): number | undefined {
    return this.#source;
  }

  /** What a `slots` message says. */
  assign(source: number | undefined, first: number, now: number): void {
    if (source !== undefined && source === this.#source) return;
    this.#source = source;
    this.#first = first;
    this.#since = now;
    this.#shown = undefined;
    if (source !== undefined && this.#last !== undefined && atOrAfter(this.#last, first)) {
      this.#shown = source; // the frame was quicker than the message
    }
  }

  /** A frame was presented; `timestamp` is undefined where the browser does not tell. */
  frame(timestamp: number | undefined, now: number): void {
    this.#last = timestamp;
    if (this.#source === undefined || this.#shown !== undefined) return;
    const there =
      timestamp === undefined ? now - this.#since >= BLIND_MS : atOrAfter(timestamp, this.#first);
    if (there) this.#shown = this.#source;
  }

  /** No frames are reported at all: called once in a while instead. */
  blind(now: number): void {
    if (this.#source !== undefined && now - this.#since >= BLIND_MS) this.#shown = this.#source;
  }
}
