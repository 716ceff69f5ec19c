import { describe, expect, it } from "vitest";

import { CHOICE_VALUES, type DecisionToClient, PROCEDURE_VALUES } from "../src/gen/protocol";
import { awaits, byUrgency, castOf, choicesOf, inView, needsStatement, tally, undisputed } from "../src/lib/votes";
import { decision, type Votes } from "./decisions";

describe("choices", () => {
  it("are each of some rule, and every rule has some", () => {
    const all = new Set(PROCEDURE_VALUES.flatMap((rule) => choicesOf(rule)));
    expect([...all].sort()).toEqual([...CHOICE_VALUES].sort());
    for (const rule of PROCEDURE_VALUES) expect(choicesOf(rule).length).toBeGreaterThan(1);
  });

  it("need a reason where others must know it", () => {
    expect(CHOICE_VALUES.filter(needsStatement)).toEqual([
      "join_with_reservation",
      "national_statement",
      "block",
      "break_silence",
    ]);
  });
});

describe("a tally", () => {
  it("counts every choice of the rule, and who has not voted", () => {
    const t = tally(decision("simple", { no: "yes", fr: "yes", de: "no", be: null }));
    expect(t).toEqual({
      counts: [
        { choice: "yes", seats: 2 },
        { choice: "no", seats: 1 },
        { choice: "abstain", seats: 0 },
      ],
      voted: 3,
      seats: 4,
    });
  });

  it("tells votes that are not shown yet apart from those not given", () => {
    const t = tally(decision("consensus", { no: "join", fr: "hidden", de: "hidden", be: null }));
    expect(t.counts.at(-1)).toEqual({ choice: undefined, seats: 2 });
    expect([t.voted, t.seats]).toEqual([3, 4]);
  });
});

describe("a seat", () => {
  const CASES: [string, DecisionToClient, boolean][] = [
    ["that has not voted is awaited", decision("simple", { no: null }), true],
    ["that has voted is not", decision("simple", { no: "yes" }), false],
    ["whose vote is not shown is not", decision("simple", { no: "hidden" }), false],
    ["that takes no part is not", decision("simple", { fr: null }), false],
    ["is not before the call", decision("simple", {}, { state: "draft" }), false],
    ["is not after the end", decision("simple", { no: null }, { state: "declared" }), false],
    ["is in a roll call when it is called", decision("roll_call", { no: null }, { turn: "no" }), true],
    ["is in a roll call not before", decision("roll_call", { no: null }, { turn: "fr" }), false],
  ];
  for (const [what, d, wanted] of CASES) it(what, () => expect(awaits(d, "no")).toBe(wanted));

  it("is nobody's: an observer is awaited nowhere", () => {
    expect(awaits(decision("simple", { no: null }), undefined)).toBe(false);
    expect(castOf(decision("simple", { no: "yes" }), undefined)).toBeUndefined();
  });
});

describe("the order of decisions", () => {
  it("has what is open first, then what is to come, then results, the latest first", () => {
    const one = (id: string, more: Partial<DecisionToClient>) =>
      decision("simple", {} as Votes, { decision: id, ...more });
    const all = [
      one("old", { state: "declared", ended_at: 10 }),
      one("draft", { state: "draft" }),
      one("a draft put later", { state: "draft" }),
      one("late", { state: "open", called_at: 30 }),
      one("new", { state: "declared", ended_at: 20 }),
      one("early", { state: "open", called_at: 25 }),
      one("gone", { state: "withdrawn", ended_at: 40 }),
    ];
    expect(all.sort(byUrgency).map((d) => d.decision).join(" ")).toBe("early late draft a draft put later new old gone");
  });

  const of = (id: string, state: DecisionToClient["state"], item: string, ended_at = 0) =>
    decision("simple", {} as Votes, { decision: id, state, item, ended_at });
  const many = [
    of("draft", "draft", "i1"),
    of("first", "declared", "i1", 10),
    of("last", "declared", "i1", 20),
    of("elsewhere", "declared", "i2", 30),
    of("open", "open", "i1"),
  ];
  const ORDERS: [what: string, item: string | undefined, order: string][] = [
    ["has the item's latest result before what is to come", "i1", "open last draft elsewhere first"],
    ["has no result of an item that is over before what is to come", "i3", "open draft elsewhere last first"],
    ["is by urgency between items", undefined, "open draft elsewhere last first"],
  ];
  for (const [what, item, order] of ORDERS)
    it(what, () => expect(inView(many, item).map((d) => d.decision).join(" ")).toBe(order));
});

describe("an options paper", () => {
  it("tells which options nobody objects to", () => {
    const none = { support: 0, accept: 0, reservation: 2, silent: 1, blocked_by: [], warnings: [] };
    const summary = [
      { option: "a", object: 0, ...none },
      { option: "b", object: 1, ...none },
      { option: "c", object: 0, ...none },
    ];
    expect(undisputed({ summary })).toEqual(["a", "c"]);
  });
});
