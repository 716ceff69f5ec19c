// Drives a group by the clock of the page: one thing after the other, in the order in which it came, and
// woken when something falls due in it.
import type { Effect, FromServer } from "./effects";
import type { Group } from "./group";

/** A place that was lost for good is asked for anew after so long. */
const COME_BACK_MS = 5_000;

export interface Driven {
  effect(effect: Effect): Promise<void> | void;
  failed(text: string): void;
}

export class Driver {
  group: Group | undefined;
  #tail: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #comeBack: ReturnType<typeof setTimeout> | undefined;
  #lastGroup: FromServer | undefined;
  #ended = false;

  constructor(private readonly driven: Driven) {}

  /** After everything before it. */
  then(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#ended) return;
      try {
        await work();
      } catch (error) {
        this.driven.failed(error instanceof Error ? error.message : String(error));
      }
      this.#wind();
    });
  }

  /** Within `then`. Without a group nothing happens. */
  async run(call: (group: Group, now: number) => Promise<Effect[]>): Promise<void> {
    if (!this.group) return;
    for (const effect of await call(this.group, Date.now())) {
      await this.driven.effect(effect);
      if (effect.type === "problem" && effect.problem === "stuck") this.#askAgain();
    }
  }

  /** Within `then`. */
  async receive(message: FromServer): Promise<void> {
    if (message.type === "group") this.#lastGroup = message;
    await this.run((group, now) => group.receive(now, message));
  }

  /** Within `then`: there is no group any more. */
  async reset(): Promise<void> {
    await this.run((group, now) => group.reset(now));
    this.group = this.#lastGroup = undefined;
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#comeBack);
  }

  #wind(): void {
    clearTimeout(this.#timer);
    const at = this.group?.deadline;
    if (at === undefined || this.#ended) return;
    const expire = () => this.then(() => this.run((group, now) => group.expire(now)));
    this.#timer = setTimeout(expire, Math.max(0, at - Date.now()));
  }

  #askAgain(): void {
    clearTimeout(this.#comeBack);
    this.#comeBack = setTimeout(() => {
      this.then(async () => {
        const last = this.#lastGroup;
        await this.run((group, now) => group.reset(now));
        if (last) await this.receive(last);
      });
    }, COME_BACK_MS);
  }
}
