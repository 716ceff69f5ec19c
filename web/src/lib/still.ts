// Whether what flowed stands still: the first sign, in some browsers the only one, that the network has
// changed. That nobody says anything looks the same from here, so it is a reason to ask, not to act.

/** So long without a packet; sound comes every 20 ms. */
export const STILL_MS = 700;

export class Stillness {
  #latest = 0;
  #since = 0;
  #told = true;

  /** `latest` changes with every packet, 0: there was none yet. True once for each time that it stands. */
  look(latest: number, now: number): boolean {
    if (latest !== this.#latest) {
      this.#latest = latest;
      this.#since = now;
      this.#told = false;
    }
    if (this.#told || now - this.#since < STILL_MS) return false;
    this.#told = true;
    return true;
  }
}
