// The circles of the chat as one person is offered them: what they are called, and who is missing.
import type { Participant, Seat } from "../gen/protocol";
import { type ChatEntry } from "./chat.svelte";
import { inCircle, readCircle, WHOLE } from "./circles";

/** `everyone`; the own `delegation`; the `chair`, for a delegation; a `note`, for who presides. */
export type Kind = "everyone" | "delegation" | "chair" | "note";

export interface Conversation {
  circle: string;
  kind: Kind;
  /** The name of the seat; of `everyone` empty. */
  seat: string;
}

export function conversation(circle: string, presides: boolean, seats: readonly Seat[]): Conversation {
  const read = readCircle(circle);
  if (!read || read.kind === "meeting") return { circle: WHOLE, kind: "everyone", seat: "" };
  const seat = seats.find((s) => s.seat === read.seat)?.name ?? read.seat;
  return { circle, kind: read.kind === "seat" ? "delegation" : presides ? "note" : "chair", seat };
}

/** Is anybody here for whom it is meant? `readers`: who are here and read it, but for oneself. */
export function isAlone({ circle, kind }: Conversation, readers: readonly Participant[]): boolean {
  const read = readCircle(circle);
  if (kind === "everyone" || !read || read.kind === "meeting") return false;
  if (kind === "chair") return !readers.some((p) => !inCircle(`seat:${read.seat}`, p));
  return !readers.some((p) => inCircle(`seat:${read.seat}`, p));
}

/** Which circles stand as buttons, and which only in the list: who presides has one for each seat. */
export function offered(
  circles: readonly string[],
  presides: boolean,
  entries: readonly ChatEntry[],
  current: string,
): { buttons: string[]; more: string[] } {
  if (!presides) return { buttons: circles.length > 0 ? [WHOLE, ...circles] : [], more: [] };
  const used = new Set([current, ...entries.map((e) => e.circle)]);
  const open = circles.filter((c) => used.has(c));
  return {
    buttons: circles.length > 0 ? [WHOLE, ...open] : [],
    more: circles.filter((c) => !used.has(c)),
  };
}
