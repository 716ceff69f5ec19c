// Single keys that act in a meeting. Each can be another key, and all can be off (WCAG 2.1.4); the
// browser keeps both.
import { keep, kept } from "./kept";

export const ACTIONS = ["microphone", "camera", "hand", "meeting", "chat", "people", "layout"] as const;
export type Action = (typeof ACTIONS)[number];
export type Keys = Record<Action, string>;

const DEFAULT: Keys = {
  microphone: "m",
  camera: "v",
  hand: "h",
  meeting: "d",
  chat: "c",
  people: "p",
  layout: "l",
};

/** A letter of any script, or a digit: nothing that moves, scrolls, or presses buttons. */
export function fit(key: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(key);
}

/** With this key for that action; whose key it was takes the other's. `lost`: the one that had it. */
export function reassigned(keys: Keys, action: Action, key: string): { keys: Keys; lost: Action | undefined } {
  const now = key.toLowerCase();
  const lost = ACTIONS.find((a) => a !== action && keys[a] === now);
  return { keys: { ...keys, ...(lost && { [lost]: keys[action] }), [action]: now }, lost };
}

/** What was kept, as far as it is a map: each action once, and no key twice. */
export function read(text: string | null): Keys {
  let told: unknown;
  try {
    told = JSON.parse(text ?? "");
  } catch {
    return DEFAULT;
  }
  if (typeof told !== "object" || told === null) return DEFAULT;
  const keys = ACTIONS.map((a) => (told as Partial<Keys>)[a]);
  const good = keys.every((k) => typeof k === "string" && fit(k)) && new Set(keys).size === keys.length;
  return good ? (Object.fromEntries(ACTIONS.map((a, i) => [a, keys[i]])) as Keys) : DEFAULT;
}

export class Shortcuts {
  on = $state(kept("shortcuts") !== "no");
  keys = $state.raw(read(kept("keys")));

  switch(on: boolean): void {
    this.on = on;
    keep("shortcuts", on ? "yes" : "no");
  }

  /** The action that had the key, if one did. The key is fit. */
  assign(action: Action, key: string): Action | undefined {
    const { keys, lost } = reassigned(this.keys, action, key);
    this.#set(keys);
    return lost;
  }

  reset(): void {
    this.#set(DEFAULT);
  }

  /** What this key does; undefined: nothing. */
  of(key: string): Action | undefined {
    const pressed = key.toLowerCase();
    return this.on ? ACTIONS.find((a) => this.keys[a] === pressed) : undefined;
  }

  /** As a tip tells it; undefined: there is none. */
  told(action: Action): string | undefined {
    return this.on ? this.keys[action].toUpperCase() : undefined;
  }

  #set(keys: Keys): void {
    this.keys = keys;
    keep("keys", JSON.stringify(keys));
  }
}
