// What is heard, as one track: for who listens instead of somebody (captions by the browser).

/** So much softer than full is the original beside an interpretation: it is left out. */
const FULL = 0.99;

export class Mixture {
  readonly #context = new AudioContext();
  readonly #out = this.#context.createMediaStreamDestination();
  readonly #gains = new Map<string, GainNode>();

  /** Tracks by the sections that they come in. */
  constructor(tracks: Iterable<readonly [string, MediaStreamTrack]>) {
    for (const [mid, track] of tracks) {
      const gain = this.#context.createGain();
      this.#context.createMediaStreamSource(new MediaStream([track])).connect(gain).connect(this.#out);
      this.#gains.set(mid, gain);
    }
  }

  get track(): MediaStreamTrack {
    return this.#out.stream.getAudioTracks()[0]!;
  }

  /** Beside an interpretation only that is taken down. */
  set(mid: string, loudness: number): void {
    const gain = this.#gains.get(mid);
    if (gain) gain.gain.value = loudness >= FULL ? 1 : 0;
  }

  close(): void {
    void this.#context.close();
  }
}
