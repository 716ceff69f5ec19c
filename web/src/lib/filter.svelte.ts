// Between a device and what is sent of it: as it is, or as an effect makes it. Which of the two is decided
// here, and for pictures so that nothing is ever shown as it is while it is not to be.
import type { Effect, Told } from "../effects/look";

export type FilterState = "off" | "loading" | "on" | "slow" | "failed";

/** Makes the effect; it is loaded then. */
export type Maker<L> = (raw: MediaStreamTrack, look: L, told: Told) => Promise<Effect<L>>;

export class Filter<L> {
  state = $state<FilterState>("off");
  /** What is sent. */
  out = $state.raw<MediaStreamTrack>();

  #raw: MediaStreamTrack | undefined;
  #look: L | undefined;
  #effect: Effect<L> | undefined;
  #shows = false;
  #attempt = 0;

  /** `closed`: while the effect gives nothing, nothing is sent; else the device as it is.
   * `changed`: `out` or `state` did. */
  constructor(
    private readonly closed: boolean,
    private readonly make: Maker<L>,
    private readonly changed: () => void,
  ) {}

  /** From now on this device, or none, with this effect, or none. After a failure it tries again. */
  use(raw: MediaStreamTrack | undefined, look: L | undefined): void {
    const turns = this.#effect && raw === this.#raw && look !== undefined;
    this.#raw = raw;
    this.#look = look;
    if (turns) {
      this.#effect?.turn(look as L);
      return;
    }
    this.#drop();
    if (!raw || look === undefined) this.#become("off");
    else void this.#load(raw, look);
  }

  async #load(raw: MediaStreamTrack, look: L): Promise<void> {
    const attempt = this.#attempt;
    const current = () => attempt === this.#attempt;
    this.#become("loading");
    try {
      const effect = await this.make(raw, look, {
        shows: (on) => current() && this.#show(on),
        slow: (slow) => current() && this.#become(slow ? "slow" : "on"),
        failed: () => current() && this.#fail(),
      });
      if (!current()) {
        effect.close();
        return;
      }
      this.#effect = effect;
      this.#settle();
    } catch {
      if (current()) this.#fail();
    }
  }

  #show(on: boolean): void {
    this.#shows = on;
    this.#settle();
  }

  #settle(): void {
    if (this.#shows && this.#effect && this.state === "loading") this.#become("on");
    else this.#become(this.state);
  }

  #fail(): void {
    this.#drop();
    this.#become("failed");
  }

  #drop(): void {
    this.#attempt++;
    this.#effect?.close();
    this.#effect = undefined;
    this.#shows = false;
  }

  #become(state: FilterState): void {
    this.state = state;
    if (this.#effect && this.#shows) this.out = this.#effect.track;
    else this.out = this.closed && this.#look !== undefined ? undefined : this.#raw;
    this.changed();
  }
}
