// What was said in writing, in each circle. Where the meeting is not encrypted the server repeats it to
// everybody who comes (back), so that a welcome starts it anew; else this device keeps it.
import { WHOLE } from "./circles";
import type { HistoryPlace } from "./history";

export interface ChatEntry {
  circle: string;
  participant: string;
  name: string;
  text: string;
  at: number;
  key: number;
}

export class Chat {
  entries = $state.raw<ChatEntry[]>([]);
  /** The one that is written to, and looked at when the chat is. */
  circle = $state(WHOLE);
  /** Half-written texts, by circle. */
  readonly drafts: Record<string, string> = $state({});
  /** The chat is on the screen. */
  open = $state(false);
  /** Read by the person up to this time, by circle; server's clock. */
  #seen = $state.raw<Record<string, number>>({});
  #count = 0;
  #kept: HistoryPlace | undefined;
  /** What was kept is not here yet, and must not be written over. */
  #loading = false;

  of(circle: string): ChatEntry[] {
    return this.entries.filter((e) => e.circle === circle);
  }

  /** `circle`: in that one alone. */
  unread(me: string, circle?: string): number {
    const seen = this.#seen;
    const in_ = circle === undefined ? this.entries : this.of(circle);
    return in_.filter((e) => e.at > (seen[e.circle] ?? 0) && e.participant !== me).length;
  }

  shows(circle: string): boolean {
    return this.open && this.circle === circle;
  }

  restart(): void {
    this.entries = [];
  }

  /** From now on this tab keeps what is written there, and goes on with what it kept. */
  async keep(place: HistoryPlace): Promise<void> {
    this.#kept = place;
    this.#loading = true;
    const { entries, seen } = await place.load();
    this.entries = [...entries.map((e) => ({ ...e, key: this.#count++ })), ...this.entries];
    this.#seen = { ...seen, ...this.#seen };
    this.#loading = false;
    if (this.entries.length > entries.length) this.#save(); // something came meanwhile
  }

  add(circle: string, { participant, name, text, at }: Omit<ChatEntry, "circle" | "key">): void {
    this.entries = [...this.entries, { circle, participant, name, text, at, key: this.#count++ }];
    this.#save();
  }

  markRead(circle: string): void {
    const last = this.entries.findLast((e) => e.circle === circle)?.at ?? 0;
    if (last <= (this.#seen[circle] ?? 0)) return;
    this.#seen = { ...this.#seen, [circle]: last };
    this.#save();
  }

  #save(): void {
    if (!this.#loading) this.#kept?.save(this.entries, this.#seen);
  }
}
