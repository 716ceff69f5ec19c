// Short-lived messages: toasts on the screen, and sentences for screen readers.

export interface ToastAction {
  label: string;
  run: () => void;
  testid?: string;
}

export interface Toast {
  /** One toast of a key at a time; a new one takes the place of the old. */
  key: string;
  text: string;
  tone: "info" | "good" | "warning";
  actions: ToastAction[];
}

const SHOWN_MS = 6_000;
const SPOKEN_MS = 1_500;

export class Notices {
  toasts = $state<Toast[]>([]);
  /** What the live region says now. */
  spoken = $state("");

  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #queue: string[] = [];
  #speaking: ReturnType<typeof setTimeout> | undefined;

  /** A toast with actions waits for its person, and so may another; the rest go by themselves. */
  show(key: string, text: string, tone: Toast["tone"] = "info", actions: ToastAction[] = [], waits = actions.length > 0): void {
    this.dismiss(key);
    this.toasts.push({ key, text, tone, actions });
    if (!waits) {
      this.#timers.set(key, setTimeout(() => this.dismiss(key), SHOWN_MS));
    }
  }

  dismiss(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    const at = this.toasts.findIndex((t) => t.key === key);
    if (at >= 0) this.toasts.splice(at, 1);
  }

  /** Said one after the other: a region that changes twice at once is read once. */
  say(text: string): void {
    this.#queue.push(text);
    if (this.#speaking === undefined) this.#next();
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    clearTimeout(this.#speaking);
    this.#speaking = undefined;
    this.#queue = [];
    this.toasts = [];
  }

  #next(): void {
    const text = this.#queue.shift();
    this.spoken = text ?? "";
    this.#speaking = text === undefined ? undefined : setTimeout(() => this.#next(), SPOKEN_MS);
  }
}
