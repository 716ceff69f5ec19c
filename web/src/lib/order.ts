// Who stands where in the grid: a calm order that changes only when somebody comes, goes, or speaks
// from a page that is not shown.
import type { Participant, Role } from "../gen/protocol";

const PRESIDING: readonly Role[] = ["chair", "secretary"];
const SILENT: readonly Role[] = ["observer", "rapporteur", "captioner"];

export function presides(role: Role): boolean {
  return PRESIDING.includes(role);
}

/** Observers, rapporteurs and captioners send neither picture nor sound. */
export function mayPublish(role: Role): boolean {
  return !SILENT.includes(role);
}

/** Who has a tile: interpreters are heard alone. */
export function hasTile(role: Role): boolean {
  return mayPublish(role) && role !== "interpreter";
}

function rank(p: Participant): number {
  return p.role === "chair" ? 0 : p.role === "secretary" ? 1 : 2;
}

/** The chair first, then by delegation and name, as on the table's plates. */
export function byPlate(a: Participant, b: Participant): number {
  return (
    rank(a) - rank(b) ||
    (a.seat_name ?? a.name).localeCompare(b.seat_name ?? b.name) ||
    a.name.localeCompare(b.name) ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

/** The order of tiles. The own one ends the first page. Those who spoke lately (latest first) and
 * would stand on a later page change places with people of the first page who did not: from the end
 * backwards, presiding people and the own tile excepted. */
export function orderTiles(
  people: Participant[],
  me: string,
  spoke: readonly string[],
  perPage: number,
): Participant[] {
  const order = people.filter((p) => p.id !== me).sort(byPlate);
  const own = people.find((p) => p.id === me);
  if (own) order.splice(Math.min(order.length, perPage - 1), 0, own);

  let free = Math.min(perPage, order.length) - 1;
  for (const id of spoke.slice(0, Math.max(1, perPage - 2))) {
    const from = order.findIndex((p) => p.id === id);
    if (from < perPage) continue;
    while (free >= 0 && keepsPlace(order[free]!, me, spoke)) free--;
    if (free < 0) break;
    [order[from], order[free]] = [order[free]!, order[from]!];
    free--;
  }
  return order;
}

function keepsPlace(p: Participant, me: string, spoke: readonly string[]): boolean {
  return p.id === me || presides(p.role) || spoke.includes(p.id);
}

/** Remembers who spoke, latest first. */
export function noteSpeaker(spoke: readonly string[], id: string): string[] {
  const REMEMBERED = 12;
  return [id, ...spoke.filter((other) => other !== id)].slice(0, REMEMBERED);
}
