// Sound in blocks of one length, for what works on blocks of another.

/** Gives what `work` made of each block, as late as a block is long, in pieces of any length up to that. */
export class Blocks {
  readonly #in: Float32Array;
  readonly #out: Float32Array;
  #at = 0;

  /** `work` changes a block of `length` samples in place. */
  constructor(
    readonly length: number,
    private readonly work: (block: Float32Array) => void,
  ) {
    this.#in = new Float32Array(length);
    this.#out = new Float32Array(length);
  }

  /** `from` and `to` are of one length. */
  pass(from: Float32Array, to: Float32Array): void {
    for (let i = 0; i < from.length; i++) {
      to[i] = this.#out[this.#at]!;
      this.#in[this.#at++] = from[i]!;
      if (this.#at < this.length) continue;
      this.#at = 0;
      this.#out.set(this.#in);
      this.work(this.#out);
    }
  }
}

/** Blocks that wait before sound begins, for those that come late; and that may wait at all. */
const WAITING = 2;
export const WAITING_MAX = 8;

/** Sound that comes in blocks, a little irregularly. */
export class Cushion {
  #waiting: Float32Array[] = [];
  #at = 0;
  #flows = false;

  /** What came too early for too long is left out. */
  put(block: Float32Array): void {
    this.#waiting.push(block);
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.splice(0, this.#waiting.length - WAITING);
      this.#at = 0;
    }
    if (this.#waiting.length >= WAITING) this.#flows = true;
  }

  /** Silence while there is nothing. */
  take(to: Float32Array): void {
    for (let i = 0; i < to.length; i++) {
      const block = this.#flows ? this.#waiting[0] : undefined;
      to[i] = block?.[this.#at++] ?? 0;
      if (!block || this.#at < block.length) continue;
      this.#at = 0;
      this.#waiting.shift();
      this.#flows = this.#waiting.length > 0;
    }
  }
}
