// What stands where in the room: which picture is large, and in which order the others come.
import type { Kind, Participant, Seat } from "../gen/protocol";
import { byPlate, hasTile, orderTiles, presides } from "./order";

/** How the room is seen: who has the floor large, all alike, or a place for each seat. */
export type Layout = "floor" | "people" | "council";
/** Of a council's seats: as the meeting lists them, or by name. */
export type SeatOrder = "list" | "name";

/** A picture and whose it is. */
export interface Shown {
  participant: Participant;
  kind: Kind;
}

/** What a tile shows: somebody, or a seat whose delegation is not there. */
export type Place = Shown | { seat: Seat };

export interface Wishes {
  layout: Layout;
  order: SeatOrder;
  /** The participant whom one always wants to see. */
  pinned: string | undefined;
}

export interface Scene {
  /** In the room. */
  people: readonly Participant[];
  seats: readonly Seat[];
  me: string;
  /** Who was given the floor. */
  holder: string | undefined;
  /** Who spoke lately, latest first. */
  spoke: readonly string[];
}

/** Shared screens of the others, latest first. */
export function screensOf({ people, me }: Scene): Participant[] {
  const id = (p: Participant) => p.sources.find((s) => s.kind === "screen")?.id;
  return people
    .filter((p) => p.id !== me && id(p) !== undefined)
    .sort((a, b) => (id(b) ?? 0) - (id(a) ?? 0));
}

/** The large picture: who was pinned, or else a screen, or else who has the floor. Nobody sees
 * themselves large. */
export function largest(scene: Scene, { layout, pinned }: Wishes): Shown | undefined {
  const other = (id: string | undefined) =>
    scene.people.find((p) => p.id === id && p.id !== scene.me && hasTile(p.role));
  const wanted = other(pinned);
  if (wanted) return { participant: wanted, kind: "camera" };
  const [screen] = screensOf(scene);
  if (screen) return { participant: screen, kind: "screen" };
  const holder = layout === "floor" ? other(scene.holder) : undefined;
  return holder && { participant: holder, kind: "camera" };
}

const camera = (participant: Participant): Place => ({ participant, kind: "camera" });

/** One place for each seat. Who speaks for it is who has its voice, or else the first of those who are
 * there. Who presides stands before the seats; who has no seat, after them. */
function council({ people, seats, me }: Scene, order: SeatOrder): Place[] {
  const guests = people.filter((p) => hasTile(p.role) && !seats.some((s) => s.seat === p.seat));
  const sorted = [...guests].sort(byPlate);
  const ordered = order === "list" ? seats : [...seats].sort((a, b) => a.name.localeCompare(b.name));
  const places = ordered.map((seat): Place => {
    const delegation = people.filter((p) => p.seat === seat.seat && hasTile(p.role)).sort(byPlate);
    const speaks =
      delegation.find((p) => p.voice) ?? delegation.find((p) => p.id !== me) ?? delegation[0];
    return speaks ? camera(speaks) : { seat };
  });
  return [
    ...sorted.filter((p) => presides(p.role)).map(camera),
    ...places,
    ...sorted.filter((p) => !presides(p.role)).map(camera),
  ];
}

/** The small tiles, all pages of them: in front other screens, who belongs to the large one (the briefer beside
 * the briefing) and who has the floor, or the whole council; then the others, in no order yet. */
export interface Small {
  front: Place[];
  others: Participant[];
}

export function smaller(scene: Scene, wishes: Wishes, large: Shown | undefined): Small {
  const isLarge = (place: Place) =>
    "kind" in place && place.kind === large?.kind && place.participant.id === large.participant.id;
  const screens = screensOf(scene).map((participant): Place => ({ participant, kind: "screen" }));
  const rest = screens.filter((s) => !isLarge(s));
  if (wishes.layout === "council")
    return { front: [...rest, ...council(scene, wishes.order).filter((place) => !isLarge(place))], others: [] };

  const people = scene.people.filter((p) => hasTile(p.role) && !isLarge({ participant: p, kind: "camera" }));
  const first = [large?.participant.id, large && scene.holder];
  const front = first.flatMap((id, i) =>
    first.indexOf(id) === i ? people.filter((p) => p.id === id && p.id !== scene.me) : [],
  );
  return { front: [...rest, ...front.map(camera)], others: people.filter((p) => !front.includes(p)) };
}

/** All of them in their order, which depends on how many a page holds. */
export function ordered({ front, others }: Small, { me, spoke }: Scene, perPage: number): Place[] {
  return [...front, ...orderTiles(others, me, spoke, Math.max(1, perPage - front.length)).map(camera)];
}
