// When a receiving slot shows the picture it is said to show. The server names the source of a slot
// and its first RTP timestamp there; the message and the frames travel apart, so a picture counts as
// the new source's from the first presented frame that is not older than that timestamp. In an encrypted
// meeting that timestamp is not the server's, but that of the first frame that could be opened.

/** Whether timestamp a is b or later, on the circle of 2^32 (RFC 1982). */
export function atOrAfter(a: number, b: number): boolean {
  return ((a - b) | 0) >= 0;
}

/** Where the browser does not tell a frame's timestamp, the new picture is taken to be there after
 * so long. */
export const BLIND_MS = 300;

export class SlotMatch {
  #source: number | undefined;
  /** undefined: it is not known yet. */
  #first: number | undefined;
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

  /** What a `slots` message says. Without `first`, `begin` is to tell it. */
  assign(source: number | undefined, first: number | undefined, now: number): void {
    if (source !== undefined && source === this.#source) return;
    this.#source = source;
    this.#first = undefined;
    this.#shown = undefined;
    if (first !== undefined) this.begin(first, now);
  }

  /** From this timestamp on the source is there; undefined: from the next frame on. */
  begin(first: number | undefined, now: number): void {
    if (this.#first !== undefined) return;
    this.#first = first ?? ((this.#last ?? 0) + 1) >>> 0;
    this.#since = now;
    if (this.#source !== undefined && this.#last !== undefined && atOrAfter(this.#last, this.#first)) {
      this.#shown = this.#source; // the frame was quicker than the message
    }
  }

  /** A frame was presented; `timestamp` is undefined where the browser does not tell. */
  frame(timestamp: number | undefined, now: number): void {
    this.#last = timestamp;
    if (this.#source === undefined || this.#first === undefined || this.#shown !== undefined) return;
    const there =
      timestamp === undefined ? now - this.#since >= BLIND_MS : atOrAfter(timestamp, this.#first);
    if (there) this.#shown = this.#source;
  }

  /** No frames are reported at all: called once in a while instead. */
  blind(now: number): void {
    if (this.#source === undefined || this.#first === undefined) return;
    if (now - this.#since >= BLIND_MS) this.#shown = this.#source;
  }
}
