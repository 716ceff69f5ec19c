// What a captioner types: the line goes out as it grows, and whole with Enter; the last one may be mended.
import type { Caption } from "./captions.svelte";
import { utf8Bytes } from "./names";

/** While it is typed a line goes out so often; the server takes 4 a second (PL_CAPTION_RATE). */
export const LIVE_MS = 350;

/** A captioner who comes again goes on behind the lines of before: they are counted from the time. */
const COUNTED_FROM = Date.UTC(2026, 0, 1);
export function firstLine(now: number): number {
  return Math.max(1, Math.floor((now - COUNTED_FROM) / 1000));
}

export class CaptionWriter {
  text = $state("");
  /** The last line is being mended. */
  mending = $state(false);
  last = $state.raw<Caption>();

  #next: number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sent = "";
  #draft = "";

  /** `max`: bytes of a line. `send` says whether it went out. */
  constructor(
    private readonly send: (caption: Caption) => boolean,
    private readonly max: number,
    now: number = Date.now(),
  ) {
    this.#next = firstLine(now);
  }

  /** The field has this text now. False: it is too long, and stays as it was. */
  type(text: string): boolean {
    if (utf8Bytes(text) > this.max) return false;
    this.text = text;
    // A line that is mended is shown once it is right.
    if (!this.mending) this.#timer ??= setTimeout(() => this.#live(), LIVE_MS);
    return true;
  }

  /** Enter: the line is whole. False: it did not go out, and stays in the field. */
  enter(): boolean {
    const text = this.text.trim();
    const line = this.mending ? this.last!.line : this.#next;
    if (!this.mending && text === "") return true;
    if (!this.send({ line, text, done: true })) return false;
    this.#still();
    this.last = text === "" ? undefined : { line, text, done: true };
    if (this.mending) return this.#mended();
    this.#next++;
    this.text = "";
    return true;
  }

  /** The last line comes back into the field, and what stood there waits. */
  mend(): void {
    if (!this.last || this.mending) return;
    this.#draft = this.text;
    this.text = this.last.text;
    this.mending = true;
  }

  /** The last line stays as it was. */
  keepLast(): void {
    if (this.mending) this.#mended();
  }

  end(): void {
    this.#still();
  }

  #mended(): true {
    this.mending = false;
    this.text = this.#draft;
    this.#draft = "";
    return true;
  }

  #live(): void {
    this.#timer = undefined;
    const text = this.text.trim();
    if (this.mending || text === this.#sent) return;
    if (this.send({ line: this.#next, text, done: false })) this.#sent = text;
  }

  #still(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sent = "";
  }
}
