// Circles: those of the meeting who read a text of the chat together, as in src/meet/circle.h. Named
// `meeting` (all who are in the room), `seat:NOR` (the delegation of that seat), `note:NOR` (that
// delegation, and who presides).

export const WHOLE = "meeting";

export type Circle = { kind: "meeting" } | { kind: "seat" | "note"; seat: string };

/** undefined: it names none. */
export function readCircle(name: string): Circle | undefined {
  if (name === WHOLE) return { kind: "meeting" };
  const parts = /^(seat|note):([A-Za-z0-9._-]{1,32})$/.exec(name);
  return parts ? { kind: parts[1] as "seat" | "note", seat: parts[2]! } : undefined;
}

export interface Placed {
  role: string;
  seat?: string | undefined;
}

const presides = ({ role }: Placed): boolean => role === "chair" || role === "secretary";
const sitsAt = (seat: string, who: Placed): boolean =>
  who.seat === seat && (who.role === "delegate" || who.role === "adviser");

/** Is somebody with this role and seat in it? */
export function inCircle(name: string, who: Placed): boolean {
  const circle = readCircle(name);
  if (!circle) return false;
  if (circle.kind === "meeting") return true;
  return sitsAt(circle.seat, who) || (circle.kind === "note" && presides(who));
}

/** The circles of somebody but the whole meeting: of a delegation its own and that with who presides; of
 * who presides one for each of these seats. */
export function circlesOf(who: Placed, seats: readonly string[]): string[] {
  if (presides(who)) return seats.map((seat) => `note:${seat}`);
  if (who.seat === undefined || !sitsAt(who.seat, who)) return [];
  return [`seat:${who.seat}`, `note:${who.seat}`];
}
