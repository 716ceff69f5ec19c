// A clock for pages: what reads `now` is worked out again as time goes by, as long as it is shown.
import { createSubscriber } from "svelte/reactivity";

const TICK_MS = 500;

class Seconds {
  readonly #subscribe = createSubscriber((update) => {
    const timer = setInterval(update, TICK_MS);
    return () => clearInterval(timer);
  });

  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const seconds = new Seconds();
