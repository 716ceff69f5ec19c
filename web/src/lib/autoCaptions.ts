// Captions that this browser makes of what it plays, on this device. Loaded when somebody wants them.
import type { Caption } from "./captions.svelte";
import { Mixture } from "./mixture";
import { Listening, prepareLocal, type Recognition } from "./recognition";
import type { Sound } from "./sound.svelte";

interface Wishes {
  recognition: Recognition | undefined;
  language: string;
  /** Lines are counted from here. */
  from: number;
  heard(caption: Caption): void;
  /** It cannot be done here after all. */
  failed(): void;
}

export class AutoCaptions {
  #mixture: Mixture | undefined;
  #listening: Listening | undefined;
  #stopped = false;

  constructor(
    private readonly sound: Sound,
    private readonly wishes: Wishes,
  ) {
    void this.#start();
  }

  stop(): void {
    this.#stopped = true;
    this.sound.listener = undefined;
    this.#listening?.stop();
    this.#mixture?.close();
  }

  async #start(): Promise<void> {
    const { recognition, language, from, heard, failed } = this.wishes;
    const can = await prepareLocal(recognition, language);
    if (this.#stopped) return;
    if (!can || !recognition) return failed();
    const mixture = (this.#mixture = new Mixture(this.sound.tracks));
    this.sound.listener = (mid, loudness) => mixture.set(mid, loudness);
    this.sound.mix();
    this.#listening = new Listening(recognition, language, mixture.track, (l) => heard({ ...l, line: from + l.line }), failed);
  }
}
