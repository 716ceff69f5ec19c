// What was said in writing. The server repeats it to everybody who comes (back), so a welcome starts
// it anew.
import type { ChatToClient } from "../gen/protocol";

export type ChatEntry = Omit<ChatToClient, "type"> & { key: number };

export class Chat {
  entries = $state.raw<ChatEntry[]>([]);
  /** Read by the person; server's clock. */
  #seen = $state(0);
  #count = 0;

  unread(me: string): number {
    return this.entries.filter((e) => e.at > this.#seen && e.participant !== me).length;
  }

  restart(): void {
    this.entries = [];
  }

  add(message: ChatToClient): void {
    const { participant, name, text, at } = message;
    this.entries = [...this.entries, { participant, name, text, at, key: this.#count++ }];
  }

  markRead(): void {
    this.#seen = Math.max(this.#seen, this.entries.at(-1)?.at ?? 0);
  }
}
