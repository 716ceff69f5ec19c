import { describe, expect, it } from "vitest";

import type {
  AgendaToClient,
  FloorEntry,
  FloorToClient,
  Item,
  Participant,
  Seat,
  SessionToClient,
  ToServer,
} from "../src/gen/protocol";
import { type NextAct, nextAct } from "../src/lib/next";
import { Procedure } from "../src/lib/procedure.svelte";
import { decision } from "./decisions";

const NOW = 1_700_000_000_000;

function participant(more: Partial<Participant> = {}): Participant {
  return {
    id: "p1",
    person: "ingrid",
    name: "Ingrid Solberg",
    role: "delegate",
    seat: "no",
    place: "room",
    hand: false,
    floor: false,
    voice: true,
    booth: false,
    muted_by_chair: false,
    sources: [],
    ...more,
  };
}

function seat(id: string, more: Partial<Seat> = {}): Seat {
  return { seat: id, name: id.toUpperCase(), weight: 1, member: true, present: true, ...more };
}

function session(more: Partial<SessionToClient> = {}): SessionToClient {
  return { type: "session", session: "open", members: 2, present: 2, quorum: 1, now: NOW, ...more };
}

function item(id: string, state: Item["state"]): Item {
  return { item: id, title: `Item ${id}`, state, guests: [] };
}

function agenda(items: Item[], more: Partial<AgendaToClient> = {}): AgendaToClient {
  return { type: "agenda", items, documents: [], asks: [], ...more };
}

function entry(number: number, more: Partial<FloorEntry> = {}): FloorEntry {
  return {
    entry: number,
    kind: "speak",
    name: "NO",
    seat: "no",
    participant: "p1",
    written: false,
    passed: false,
    at: NOW,
    ...more,
  };
}

function floor(more: Partial<FloorToClient> = {}): FloorToClient {
  return {
    type: "floor",
    list_open: true,
    speaking_seconds: 0,
    entries: [],
    interventions: [],
    rulings: [],
    ...more,
  };
}

/** A procedure, what it sent, and whether there is a connection. */
function made(self: Participant | undefined = participant()) {
  const line = { sent: [] as ToServer[], up: true, now: NOW };
  const procedure = new Procedure(
    (m) => {
      if (line.up) line.sent.push(m);
      return line.up;
    },
    () => self,
    () => line.now,
  );
  return { procedure, line };
}

describe("the procedure", () => {
  it("takes its own messages, and leaves others", () => {
    const { procedure } = made();
    expect(procedure.receive(session())).toEqual([]);
    expect(procedure.receive({ type: "pong" })).toBeUndefined();
  });

  it("forgets a paper that is taken back", () => {
    const { procedure } = made();
    const paper = { type: "paper" as const, paper: "p", item: "a", questions: [], options: [], positions: [], summary: [] };
    procedure.receive({ ...paper, title: "Guarantees" });
    expect([...procedure.papers.keys()]).toEqual(["p"]);
    procedure.receive({ ...paper, title: "" });
    expect(procedure.papers.size).toBe(0);
  });

  it("goes by the server's clock", () => {
    const { procedure, line } = made();
    procedure.receive(session({ now: NOW + 5_000 }));
    line.now += 250;
    expect(procedure.now()).toBe(NOW + 5_250);
  });

  it("knows the item, and the next", () => {
    const { procedure } = made();
    procedure.receive(session({ item: "b" }));
    procedure.receive(agenda([item("a", "done"), item("b", "current"), item("c", "to_come"), item("d", "to_come")]));
    expect(procedure.item?.item).toBe("b");
    expect(procedure.nextItem?.item).toBe("c");
  });

  it("votes for a member by who holds its voice alone", () => {
    const CASES: [Partial<Participant>, Partial<Seat>, string | undefined][] = [
      [{}, {}, "no"],
      [{ voice: false }, {}, undefined],
      [{}, { member: false }, undefined],
    ];
    for (const [self, own, wanted] of CASES) {
      const { procedure } = made(participant(self));
      procedure.receive({ type: "seats", seats: [seat("fr"), seat("no", own)] });
      expect(procedure.votingSeat).toBe(wanted);
    }
  });

  it("lets those ask for the floor who may speak", () => {
    const person = { ...participant() };
    delete person.seat;
    const CASES: [Participant, boolean][] = [
      [participant(), true],
      [participant({ role: "adviser", voice: false }), false],
      [{ ...person, role: "briefer", voice: false }, true],
      [{ ...person, role: "observer", voice: false }, false],
      [{ ...person, role: "interpreter", voice: false }, false],
    ];
    for (const [self, wanted] of CASES) expect(made(self).procedure.mayAskFloor).toBe(wanted);
  });

  it("knows the seat's requests and the seat's floor, whoever made them", () => {
    const { procedure } = made();
    procedure.receive(floor({
      seat: "no",
      participant: "p9",
      entries: [entry(1, { participant: "p9" }), entry(2, { seat: "fr" })],
    }));
    expect(procedure.ownEntries.map((e) => e.entry)).toEqual([1]);
    expect(procedure.hasFloor).toBe(true);
  });

  it("knows the own requests of somebody without a seat", () => {
    const person = participant({ role: "briefer" });
    delete person.seat;
    const { procedure } = made(person);
    const mine = entry(3);
    delete mine.seat;
    procedure.receive(floor({ participant: "p2", entries: [mine, entry(4)] }));
    expect(procedure.ownEntries.map((e) => e.entry)).toEqual([3]);
    expect(procedure.hasFloor).toBe(false);
  });

  it("names who has the floor by seat, or person, or nobody", () => {
    const { procedure } = made();
    procedure.personName = (id) => `Name of ${id}`;
    procedure.receive({ type: "seats", seats: [seat("no", { name: "Norway" })] });
    procedure.receive(floor({ seat: "no", participant: "p1" }));
    expect(procedure.holderName).toBe("Norway");
    procedure.receive(floor({ participant: "p7" }));
    expect(procedure.holderName).toBe("Name of p7");
    procedure.receive(floor());
    expect(procedure.holderName).toBeUndefined();
  });

  it("knows which decisions wait for the own seat", () => {
    const { procedure } = made();
    procedure.receive(decision("simple", { no: null }, { decision: "a" }));
    procedure.receive(decision("silence", { no: "receipt" }, { decision: "b" }));
    expect(procedure.awaiting.map((d) => d.decision)).toEqual(["a"]);
  });

  it("forgets, after a new connection, what is no longer told", () => {
    const { procedure } = made();
    procedure.receive(decision("simple", {}, { decision: "a" }));
    procedure.receive(decision("simple", {}, { decision: "b" }));
    procedure.restart();
    procedure.receive(decision("simple", {}, { decision: "b" }));
    expect(procedure.decisions.size).toBe(2);
    procedure.settle();
    expect([...procedure.decisions.keys()]).toEqual(["b"]);
  });
});

describe("a refusal", () => {
  const VOTE = { type: "vote", decision: "d1", version: 1, choice: "yes" } as const;

  it("stands with the act that was tried, until it is tried again", () => {
    const { procedure } = made();
    const stop = procedure.telling(["vote"]);
    procedure.act(VOTE);
    const told = procedure.refused({ type: "error", code: "state", message: "Too late.", of: "vote" });
    expect(told).toBe(true);
    expect(procedure.refusals.get("vote")).toEqual({ act: VOTE, text: "Too late." });
    procedure.act(VOTE);
    expect(procedure.refusals.has("vote")).toBe(false);
    stop();
  });

  it("is told elsewhere if no place on the page tells it", () => {
    const { procedure } = made();
    const stop = procedure.telling(["vote"]);
    stop();
    procedure.act(VOTE);
    expect(procedure.refused({ type: "error", code: "state", message: "Too late.", of: "vote" })).toBe(false);
  });

  it("is also that there is no connection", () => {
    const { procedure, line } = made();
    line.up = false;
    expect(procedure.act(VOTE)).toBe(false);
    expect(procedure.refusals.get("vote")).toEqual({ act: VOTE });
  });
});

describe("warnings", () => {
  const CALL = { type: "call_decision", decision: "d1", version: 3, deadline: NOW + 1, time_zone: "UTC" } as const;
  const WARNING = { kind: "not_consulted", party: "ua", name: "Ukraine" } as const;

  it("lead to the same call, with the reason", () => {
    const { procedure, line } = made();
    procedure.act(CALL);
    procedure.receive({ type: "warnings", decision: "d1", warnings: [WARNING] });
    expect(procedure.warned?.warnings).toEqual([WARNING]);
    procedure.acknowledge("It cannot wait.");
    expect(line.sent.at(-1)).toEqual({ ...CALL, acknowledgement: "It cannot wait." });
    expect(procedure.warned).toBeUndefined();
  });

  it("of another decision than the one called are not taken for it", () => {
    const { procedure } = made();
    procedure.act(CALL);
    procedure.receive({ type: "warnings", decision: "d2", warnings: [WARNING] });
    expect(procedure.warned).toBeUndefined();
  });
});

describe("news", () => {
  it("of what was told first is none", () => {
    const { procedure } = made();
    const intervention = { entry: 1, kind: "speak" as const, name: "NO", text: "Text", at: NOW };
    expect(procedure.receive(session({ item: "a" }))).toEqual([]);
    expect(procedure.receive(floor({ interventions: [intervention] }))).toEqual([]);
    expect(procedure.receive(decision("simple", { no: null }))).toEqual([]);
  });

  it("is that the session or the item changed", () => {
    const { procedure } = made();
    procedure.receive(agenda([item("a", "done"), item("b", "to_come")]));
    procedure.receive(session({ item: "a" }));
    expect(procedure.receive(session({ item: "b", session: "suspended", reason: "Lunch." }))).toEqual([
      { what: "session", session: "suspended", reason: "Lunch." },
      { what: "item", title: "Item b" },
    ]);
    expect(procedure.receive(session({ session: "suspended" }))).toEqual([{ what: "item", title: undefined }]);
    expect(procedure.receive(session({ session: "suspended", present: 1 }))).toEqual([]);
  });

  it("is each intervention and ruling, once", () => {
    const { procedure } = made();
    const intervention = { entry: 1, kind: "speak" as const, name: "NO", text: "Text", at: NOW };
    const ruling = { entry: 2, name: "FR", upheld: true, ruling: "So it is.", at: NOW };
    procedure.receive(floor());
    const news = procedure.receive(floor({ interventions: [intervention], rulings: [ruling] }));
    expect(news?.map((n) => n.what)).toEqual(["intervention", "ruling"]);
    expect(procedure.receive(floor({ interventions: [intervention], rulings: [ruling] }))).toEqual([]);
  });

  it("is a decision called, the own turn, and the result", () => {
    const { procedure } = made();
    const roll = (more: object) => decision("roll_call", { fr: null, no: null }, more);
    procedure.receive(roll({ state: "draft" }));
    const whats = (more: object) => procedure.receive(roll(more))?.map((n) => n.what);
    expect(whats({ turn: "fr" })).toEqual(["called"]);
    expect(whats({ turn: "no" })).toEqual(["turn"]);
    expect(whats({ turn: "no" })).toEqual([]);
    expect(whats({ state: "declared", outcome: "adopted", words: "All." })).toEqual(["declared"]);
  });

  it("is silence begun anew on another text, and a result without quorum", () => {
    const { procedure } = made();
    procedure.receive(decision("silence", { no: null }));
    expect(procedure.receive(decision("silence", { no: null }, { version: 2 }))?.map((n) => n.what)).toEqual([
      "called",
    ]);
    const failed = decision("silence", {}, { state: "draft", outcome: "no_quorum" });
    expect(procedure.receive(failed)?.map((n) => n.what)).toEqual(["declared"]);
    expect(procedure.receive(decision("silence", {}, { state: "withdrawn" }))?.map((n) => n.what)).toEqual([
      "withdrawn",
    ]);
  });
});

describe("the next act", () => {
  const chair = participant({ role: "chair", voice: false });
  const voted = decision("simple", { no: "yes", fr: "no" });
  const draft = decision("simple", {}, { state: "draft" });
  const ask = { ask: 5, seat: "no", title: "Article 4", reason: "Now.", at: NOW, answered: false };
  const two = [item("i1", "current"), item("i2", "to_come")];
  const point = entry(9, { kind: "point_of_order" });

  type Told = Parameters<Procedure["receive"]>[0];
  const CASES: [string, Told[], NextAct["what"] | undefined][] = [
    ["nothing is known yet", [], undefined],
    ["a meeting without agenda", [session()], undefined],
    ["suspended", [session({ session: "suspended", item: "i1" }), agenda(two)], "resume"],
    ["closed", [session({ session: "closed" }), agenda(two)], "closed"],
    ["a point of order on the floor", [session({ item: "i1" }), agenda(two, { asks: [ask] }),
      floor({ seat: "no", participant: "p1", kind: "point_of_order", since: NOW, entries: [point] })], "rule"],
    ["a request for consultation", [session({ item: "i1" }), agenda(two, { asks: [ask] })], "answer_ask"],
    ["an answered one", [session({ item: "i1" }), agenda(two, { asks: [{ ...ask, answered: true }] })], "take_item"],
    ["somebody asks for the floor", [session({ item: "i1" }), agenda(two), floor({ entries: [entry(1)] }), draft],
      "give_floor"],
    ["who asks is not here", [session({ item: "i1" }), agenda(two), floor({ entries: [absent(entry(1))] })],
      "take_item"],
    ["somebody speaks, within the time", [session({ item: "i1" }), agenda(two),
      floor({ seat: "no", since: NOW - 10_000, seconds: 60, entries: [entry(1)] })], undefined],
    ["somebody speaks too long", [session({ item: "i1" }), agenda(two),
      floor({ seat: "no", since: NOW - 61_000, seconds: 60 })], "overtime"],
    ["a text is ready", [session({ item: "i1" }), agenda(two), draft], "call_decision"],
    ["a text of another item is", [session({ item: "i2" }), agenda(two), draft], "take_item"],
    ["all have voted", [session({ item: "i1" }), agenda(two), voted], "close_decision"],
    ["some have not", [session({ item: "i1" }), agenda(two), decision("simple", { no: null, fr: "yes" })], undefined],
    ["who has not is absent", [session({ item: "i1" }), agenda(two),
      { type: "seats", seats: [seat("no", { present: false })] }, decision("simple", { no: null, fr: "yes" })],
      "close_decision"],
    ["a roll call goes on", [session({ item: "i1" }), agenda(two), decision("roll_call", { no: "yes" }, { turn: "fr" })],
      undefined],
    ["a roll call is at its end", [session({ item: "i1" }), agenda(two), decision("roll_call", { no: null })],
      "close_decision"],
    ["nobody has, and nobody is there", [session({ item: "i1" }), agenda(two),
      { type: "seats", seats: [seat("no", { present: false })] }, decision("simple", { no: null })], undefined],
    ["silence runs: the meeting goes on", [session({ item: "i1" }), agenda(two), decision("silence", { no: null })],
      "take_item"],
    ["the last item", [session({ item: "i1" }), agenda([item("i1", "current")])], "end_item"],
    ["the agenda is done", [session(), agenda([item("i1", "done")])], "close_session"],
  ];
  for (const [what, told, wanted] of CASES) {
    it(what, () => {
      const { procedure } = made(chair);
      for (const m of told) procedure.receive(m);
      expect(nextAct(procedure, procedure.overtime)?.what).toBe(wanted);
    });
  }

  it("is not one that the secretary may not do", () => {
    const { procedure } = made(participant({ role: "secretary", voice: false }));
    procedure.receive(session({ item: "i1" }));
    procedure.receive(agenda(two, { asks: [ask] }));
    expect(nextAct(procedure, false)?.what).toBe("take_item");
    procedure.receive(voted);
    expect(nextAct(procedure, false)).toBeUndefined();
    procedure.receive(floor({ seat: "no", participant: "p1", kind: "point_of_order", since: NOW, entries: [point] }));
    expect(nextAct(procedure, false)).toBeUndefined();
  });

  function absent(e: FloorEntry): FloorEntry {
    const gone = { ...e };
    delete gone.participant;
    return gone;
  }
});
