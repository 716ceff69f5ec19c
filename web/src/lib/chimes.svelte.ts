// Short sounds for what one should not miss. Made here, not loaded; a browser plays them once its
// person has touched the page, which whoever joined has.
import { keep, kept } from "./kept";

/** Somebody came; the floor, or a vote, is yours; somebody asks you who preside. */
export type Chime = "came" | "yours" | "asked";

/** Pitches in hertz, one after the other. */
const NOTES: Record<Chime, readonly number[]> = {
  came: [523.25],
  yours: [523.25, 659.25, 783.99],
  asked: [659.25, 659.25],
};

const NOTE_S = 0.14;
const LOUDNESS = 0.07; // beside voices, of full scale
const RARE_MS = 3_000; // between two of a kind: an assembly comes in all at once

export class Chimes {
  on = $state(kept("sounds") !== "no");
  #context: AudioContext | undefined;
  readonly #last = new Map<Chime, number>();

  constructor(
    private readonly make: () => AudioContext = () => new AudioContext(),
    private readonly clock: () => number = () => performance.now(),
  ) {}

  switch(on: boolean): void {
    this.on = on;
    keep("sounds", on ? "yes" : "no");
  }

  play(chime: Chime): void {
    const now = this.clock();
    if (!this.on || now - (this.#last.get(chime) ?? -RARE_MS) < RARE_MS) return;
    this.#last.set(chime, now);
    this.#context ??= this.make();
    const context = this.#context;
    NOTES[chime].forEach((pitch, i) => note(context, pitch, context.currentTime + i * NOTE_S));
  }

  close(): void {
    void this.#context?.close();
    this.#context = undefined;
  }
}

function note(context: AudioContext, pitch: number, at: number): void {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(LOUDNESS, at + 0.015);
  volume.gain.exponentialRampToValueAtTime(0.0005, at + NOTE_S * 1.6);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + NOTE_S * 1.7);
  tone.onended = () => volume.disconnect();
}
