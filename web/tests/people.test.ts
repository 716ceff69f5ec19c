import { describe, expect, it } from "vitest";

import type { Participant, Role } from "../src/gen/protocol";
import { initials, isolated, utf8Bytes, withIsolatedNames } from "../src/lib/names";
import { mayPublish, noteSpeaker, orderTiles, presides } from "../src/lib/order";
import { en } from "../src/texts/en";

function person(id: string, seat_name: string, role: Role = "delegate"): Participant {
  return {
    id,
    person: id,
    name: `Name ${id}`,
    role,
    seat_name,
    place: "room",
    hand: false,
    floor: true,
    voice: false,
    booth: false,
    muted_by_chair: false,
    sources: [],
  };
}

const ids = (people: Participant[]) => people.map((p) => p.id).join(" ");

describe("order of tiles", () => {
  const people = [
    person("p4", "Norway"),
    person("p1", "Zurich", "chair"),
    person("p3", "Belgium"),
    person("me", "Albania"),
    person("p2", "France"),
  ];

  it("is the chair, then the delegations by name, then oneself", () => {
    expect(ids(orderTiles(people, "me", [], 25))).toBe("p1 p3 p2 p4 me");
  });

  it("keeps the own tile on the first page", () => {
    expect(ids(orderTiles(people, "me", [], 3))).toBe("p1 p3 me p2 p4");
  });

  it("brings who speaks from a later page to the first, instead of who does not", () => {
    expect(ids(orderTiles(people, "me", ["p4"], 3))).toBe("p1 p4 me p2 p3");
  });

  it("moves nobody who is on the first page already", () => {
    expect(ids(orderTiles(people, "me", ["p3", "p1"], 3))).toBe("p1 p3 me p2 p4");
  });

  it("never moves the chair or oneself away", () => {
    expect(ids(orderTiles(people, "me", ["p4", "p2"], 2))).toBe("p1 me p3 p2 p4");
  });

  it("stands without oneself, as for an observer", () => {
    expect(ids(orderTiles(people, "nobody", [], 2))).toBe("p1 me p3 p2 p4");
  });

  it("remembers speakers, latest first, a few of them", () => {
    expect(noteSpeaker(["a", "b"], "b")).toEqual(["b", "a"]);
    const many = Array.from({ length: 20 }, (_, i) => `p${i}`).reduce(
      (spoke: string[], id) => noteSpeaker(spoke, id),
      [],
    );
    expect(many.length).toBe(12);
    expect(many[0]).toBe("p19");
  });
});

describe("roles", () => {
  it("know who presides and who sends", () => {
    expect(presides("secretary")).toBe(true);
    expect(presides("delegate")).toBe(false);
    expect(mayPublish("observer")).toBe(false);
    expect(mayPublish("rapporteur")).toBe(false);
    expect(mayPublish("briefer")).toBe(true);
  });
});

describe("names", () => {
  const CASES: [string, string][] = [
    ["Ingrid Solberg", "IS"],
    ["ingrid", "I"],
    ["Gen. Alexus G. Grynkewich", "GG"],
    ["Øystein Å", "ØÅ"],
    ["Ana Sá (Portugal)", "AS"],
    ["Marie Curie, PhD", "MC"],
    ["李 明", "李明"],
    ["𝒜bc", "𝒜"],
    ["", "?"],
    ["()", "?"],
  ];
  for (const [name, wanted] of CASES) {
    it(`"${name}" is ${wanted}`, () => expect(initials(name)).toBe(wanted));
  }

  it("are measured in bytes of UTF-8", () => {
    expect(utf8Bytes("aé€𝒜")).toBe(1 + 2 + 3 + 4);
  });
});

describe("who waits outside", () => {
  const CASES: [session: Parameters<typeof en.waiting>[0], words: RegExp][] = [
    [undefined, /not open.*opens it/s],
    ["closed", /not open.*opens it/s],
    ["open", /your item.*in session.*takes up the item/s],
    ["suspended", /your item.*suspended.*takes up the item/s],
  ];
  for (const [session, words] of CASES)
    it(`is told what for: ${session ?? "nothing said yet"}`, () =>
      expect(Object.values(en.waiting(session)).join("\n")).toMatch(words));
});

describe("names from right to left", () => {
  it.each([
    ["Anna Berg", "Anna Berg"],
    ["دنا الشريف", "\u2068دنا الشريف\u2069"],
    ["H.E. דנה כהן", "\u2068H.E. דנה כהן\u2069"],
    ["\u2068דנה\u2069", "\u2068דנה\u2069"],
    ["𞤀𞤣𞤤𞤢𞤥", "\u2068𞤀𞤣𞤤𞤢𞤥\u2069"],
  ])("%s stands by itself", (name, shown) => expect(isolated(name)).toBe(shown));

  it("have initials", () => expect(initials(isolated("דנה כהן"))).toBe("דכ"));

  it("are found where the server tells of people and seats, and nothing else is touched", () => {
    const told = { type: "seats", seats: [{ seat: "IL", name: "ישראל", text: "ישראל" }] };
    expect(withIsolatedNames(told)).toEqual({
      type: "seats",
      seats: [{ seat: "IL", name: "\u2068ישראל\u2069", text: "ישראל" }],
    });
    const register = { type: "register", name: "ישראל" };
    expect(withIsolatedNames(register)).toBe(register);
  });
});
