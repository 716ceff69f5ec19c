// Whether the machine holds an effect: what each picture took, over some seconds.

const WINDOW_MS = 4_000;
/** Of a picture: more, and fewer than ten a second would come, with nothing left for the rest of the page. */
export const SLOW_MS = 80;
/** Held again only when there is room. */
export const HELD_MS = 50;
/** In a window; with fewer nothing is said. */
const ENOUGH = 5;

export class Pace {
  #began: number | undefined;
  #pictures = 0;
  #spent = 0;
  #slow = false;

  constructor(private readonly told: (slow: boolean) => void) {}

  /** A picture was ready at `now` and took `ms`. The first one, which also warms everything up, is not counted. */
  took(ms: number, now: number): void {
    if (this.#began === undefined) {
      this.#began = now;
      return;
    }
    this.#pictures++;
    this.#spent += ms;
    if (now - this.#began < WINDOW_MS || this.#pictures < ENOUGH) return;
    const mean = this.#spent / this.#pictures;
    const slow = mean > (this.#slow ? HELD_MS : SLOW_MS);
    this.#began = now;
    this.#pictures = this.#spent = 0;
    if (slow === this.#slow) return;
    this.#slow = slow;
    this.told(slow);
  }
}
