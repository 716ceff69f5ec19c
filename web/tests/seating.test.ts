import { describe, expect, it } from "vitest";

import type { Participant, Role, Seat } from "../src/gen/protocol";
import { largest, ordered, type Place, type Scene, type Shown, smaller, type Wishes } from "../src/lib/seating";

let sources = 0;

function person(id: string, role: Role = "delegate", seat?: string, more: Partial<Participant> = {}): Participant {
  return {
    id,
    person: id,
    name: id,
    role,
    ...(seat === undefined ? {} : { seat, seat_name: seat }),
    place: "room",
    hand: false,
    floor: false,
    voice: false,
    booth: false,
    muted_by_chair: false,
    sources: [],
    ...more,
  } as Participant;
}

const sharing = (): Partial<Participant> => ({
  sources: [{ id: ++sources, kind: "screen" }] as Participant["sources"],
});

function seat(id: string): Seat {
  return { seat: id, name: id, weight: 1, member: true, present: false } as Seat;
}

function scene(people: Participant[], more: Partial<Scene> = {}): Scene {
  return { people, seats: [], me: "me", holder: undefined, spoke: [], ...more };
}

const FLOOR: Wishes = { layout: "floor", order: "list", pinned: undefined };
const COUNCIL: Wishes = { ...FLOOR, layout: "council" };

const names = (places: Place[]) =>
  places.map((p) => ("seat" in p ? `(${p.seat.seat})` : p.kind === "screen" ? `${p.participant.id}'s screen` : p.participant.id));
const tiles = (s: Scene, w: Wishes, large: Shown | undefined, perPage: number) => ordered(smaller(s, w, large), s, perPage);
const big = (s: Scene, w: Wishes) => names([largest(s, w)!].filter(Boolean))[0];

describe("the large picture", () => {
  const me = person("me");

  it("is nobody's while the floor is nobody's", () => {
    expect(largest(scene([me, person("a")]), FLOOR)).toBeUndefined();
  });

  it("is who has the floor, but for oneself, and who has no tile", () => {
    const people = [me, person("a"), person("booth", "interpreter")];
    expect(big(scene(people, { holder: "a" }), FLOOR)).toBe("a");
    expect(big(scene(people, { holder: "me" }), FLOOR)).toBeUndefined();
    expect(big(scene(people, { holder: "booth" }), FLOOR)).toBeUndefined();
    expect(big(scene(people, { holder: "gone" }), FLOOR)).toBeUndefined();
  });

  it("is not where all are to be alike", () => {
    const s = scene([me, person("a")], { holder: "a" });
    expect(big(s, { ...FLOOR, layout: "people" })).toBeUndefined();
    expect(big(s, COUNCIL)).toBeUndefined();
  });

  it("is the latest screen before who has the floor, however the room is seen", () => {
    const s = scene([me, person("a"), person("b", "briefer", undefined, sharing()), person("c", "briefer", undefined, sharing())], {
      holder: "a",
    });
    for (const wishes of [FLOOR, COUNCIL]) expect(big(s, wishes)).toBe("c's screen");
  });

  it("is not the own screen", () => {
    expect(big(scene([person("me", "chair", undefined, sharing()), person("a")]), FLOOR)).toBeUndefined();
  });

  it("is who was pinned before all else, while they are there", () => {
    const people = [me, person("a"), person("b", "briefer", undefined, sharing())];
    expect(big(scene(people), { ...FLOOR, pinned: "a" })).toBe("a");
    expect(big(scene(people), { ...FLOOR, pinned: "gone" })).toBe("b's screen");
    expect(big(scene(people), { ...FLOOR, pinned: "me" })).toBe("b's screen");
  });
});

describe("the small ones", () => {
  it("are all but the large one, who speaks beside the own screen first", () => {
    const s = scene(
      [person("me"), person("a"), person("b", "briefer", undefined, sharing()), person("z"), person("c", "chair")],
      { holder: "z" },
    );
    const large = largest(s, FLOOR);
    expect(names(tiles(s, FLOOR, large, 10))).toEqual(["b", "z", "c", "a", "me"]);
  });

  it("keep the own one on the first page", () => {
    const people = [person("me"), ...["a", "b", "c", "d", "e"].map((id) => person(id))];
    const s = scene(people, { holder: "e" });
    const large = largest(s, FLOOR);
    expect(names(tiles(s, FLOOR, large, 3))).toEqual(["a", "b", "me", "c", "d"]);
  });

  it("hold the screen of whoever is pinned", () => {
    const s = scene([person("me"), person("b", "briefer", undefined, sharing())]);
    const wishes = { ...FLOOR, pinned: "b" };
    expect(names(tiles(s, wishes, largest(s, wishes), 10))).toEqual(["b's screen", "me"]);
  });

  it("stand as always while nothing is large", () => {
    const s = scene([person("me"), person("b"), person("a"), person("c", "chair")], { holder: "me" });
    expect(names(tiles(s, FLOOR, undefined, 10))).toEqual(["c", "a", "b", "me"]);
  });
});

describe("a council", () => {
  const people = [
    person("me", "delegate", "NOR"),
    person("head", "delegate", "NOR", { voice: true }),
    person("fra2", "adviser", "FRA"),
    person("fra1", "delegate", "FRA"),
    person("chair", "chair"),
    person("guest", "invited"),
    person("booth", "interpreter"),
  ];
  const s = scene(people, { seats: [seat("NOR"), seat("FRA"), seat("BEL")] });

  it("has a place for each seat, of who has its voice, and for nobody else of it", () => {
    expect(names(tiles(s, COUNCIL, undefined, 10))).toEqual(["chair", "head", "fra1", "(BEL)", "guest"]);
  });

  it("is ordered by name where one wants it", () => {
    expect(names(tiles(s, { ...COUNCIL, order: "name" }, undefined, 10))).toEqual([
      "chair",
      "(BEL)",
      "fra1",
      "head",
      "guest",
    ]);
  });

  it("shows oneself where nobody else is there for the seat", () => {
    const alone = { ...s, people: people.filter((p) => p.id !== "head") };
    expect(names(tiles(alone, COUNCIL, undefined, 10))).toContain("me");
  });

  it("leaves out who is large, and their place too", () => {
    const wishes = { ...COUNCIL, pinned: "head" };
    expect(names(tiles(s, wishes, largest(s, wishes), 10))).toEqual(["chair", "fra1", "(BEL)", "guest"]);
  });
});
