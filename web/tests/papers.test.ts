import { describe, expect, it } from "vitest";

import type { PaperToClient, Position, RegisterToClient, Seat, Stance } from "../src/gen/protocol";
import {
  blockers,
  byStance,
  cellKey,
  entriesOf,
  freshId,
  letters,
  mayWriteRegister,
  optionLetter,
  positionsByCell,
  standing,
  verdict,
} from "../src/lib/papers";

function seat(id: string, member = true): Seat {
  return { seat: id, name: `Name of ${id}`, weight: 1, member, present: true };
}

function position(option: string, of: string, stance: Stance): Position {
  return { option, seat: of, stance, visibility: "all", outdated: false, at: 1 };
}

const SEATS = [seat("NOR"), seat("HUN"), seat("TUR"), seat("UKR", false)];

const PAPER: PaperToClient = {
  type: "paper",
  paper: "p1",
  item: "i1",
  title: "Guarantees",
  questions: [],
  options: ["troops", "training", "none"].map((option) => ({ option, title: option, answers: [], touches: [], since: 1 })),
  positions: [
    position("troops", "HUN", "object"),
    position("troops", "NOR", "support"),
    position("training", "NOR", "accept"),
    position("training", "TUR", "reservation"),
    position("none", "HUN", "support"),
    position("none", "TUR", "object"),
  ],
  summary: [
    { option: "troops", support: 1, accept: 0, reservation: 0, object: 1, silent: 1, blocked_by: [{ id: "HUN" }], warnings: [] },
    { option: "training", support: 0, accept: 1, reservation: 1, object: 0, silent: 1, blocked_by: [], warnings: [] },
    { option: "none", support: 1, accept: 0, reservation: 0, object: 2, silent: 0, blocked_by: [{ id: "HUN" }, { id: "XXX" }], warnings: [] },
  ],
};

describe("an options paper", () => {
  it("calls its options by letters", () => {
    expect([0, 1, 25, 26, 27, 51, 52, 701, 702].map(optionLetter)).toEqual([
      "A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]);
  });

  it("says whether anybody objects", () => {
    expect(verdict(PAPER.summary[0]!, SEATS)).toEqual({ what: "blocked", by: ["Name of HUN"] });
    expect(verdict(PAPER.summary[1]!, SEATS)).toEqual({ what: "clear", silent: 1 });
    // A seat that is not listed is called by its id.
    expect(verdict(PAPER.summary[2]!, SEATS)).toEqual({ what: "blocked", by: ["Name of HUN", "XXX"] });
    const silent = { ...PAPER.summary[1]!, accept: 0, reservation: 0, silent: 3 };
    expect(verdict(silent, SEATS)).toEqual({ what: "untouched" });
  });

  it("says who blocks which", () => {
    expect(blockers(PAPER, SEATS).map((b) => [b.seat.seat, b.options])).toEqual([["HUN", [0, 2]]]);
  });

  it("groups the seats by stance, objections first, silent guests left out", () => {
    const cells = positionsByCell(PAPER.positions);
    expect(cells.get(cellKey("troops", "NOR"))?.stance).toBe("support");
    const groups = byStance("troops", cells, SEATS).map((g) => [g.stance, g.seats.map((s) => s.seat)]);
    expect(groups).toEqual([
      ["object", ["HUN"]],
      ["support", ["NOR"]],
      [undefined, ["TUR"]],
    ]);
  });

  it("gives a new option an id that is free", () => {
    expect(freshId("o", [])).toBe("o1");
    expect(freshId("o", ["o1", "o3"])).toBe("o2");
    expect(freshId("o", ["o1", "o2", "troops"])).toBe("o3");
  });
});

describe("the consultation register", () => {
  const register: RegisterToClient = {
    type: "register",
    parties: [],
    entries: [
      { entry: 4, party: "UKR", paper: "p1", options: [{ id: "none" }, { id: "gone" }], consulted: true, crossed_by: [], at: 1 },
      { entry: 9, party: "UKR", paper: "p1", options: [], consulted: true, crossed_by: [], at: 2 },
      { entry: 5, party: "RUS", paper: "p1", options: [], consulted: false, crossed_by: [], at: 3 },
    ],
    status: [{ party: "RUS", paper: "p1", option: "troops", status: "not_consulted", crossed: true }],
  };

  it("is read by party, the latest entry first", () => {
    expect(entriesOf(register, "UKR").map((e) => e.entry)).toEqual([9, 4]);
    expect(letters(PAPER, register.entries[0]!.options)).toEqual(["C"]);
    expect(letters(undefined, register.entries[0]!.options)).toEqual([]);
  });

  it("has a standing for a party that an option touches", () => {
    expect(standing(register, "p1", "troops", "RUS")).toMatchObject({ status: "not_consulted", crossed: true });
    expect(standing(register, "p1", "none", "RUS")).toBeUndefined();
    expect(standing(register, "p2", "troops", "RUS")).toBeUndefined();
  });

  it("is written by who presides and by rapporteurs", () => {
    const may = (role: Parameters<typeof mayWriteRegister>[0]["role"]) => mayWriteRegister({ role, voice: false });
    expect(["chair", "secretary", "rapporteur"].every((r) => may(r as "chair"))).toBe(true);
    expect(["delegate", "invited", "briefer", "observer"].some((r) => may(r as "chair"))).toBe(false);
  });
});
