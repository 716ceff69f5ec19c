// The verifier of records: what holds, every kind of fault with its place, and thousands of changes of a whole
// record, by somebody with and without the server's key.
import { beforeAll, describe, expect, it } from "vitest";

import type { JsonObject } from "../src/record/json";
import { paperLink, readPaper } from "../src/record/paper";
import { type Options, verifyRecord } from "../src/record/verify";
import { cosignature, hexOf, Key, listing, Maker, MEETING, NAME, ORIGIN, root as rootOf, SIMPLE, sha256, signNote, vkey, whole, witnessKey } from "./recordMaker";

async function faultOf(maker: Maker, options: Options = {}) {
  return (await verifyRecord(maker.file(), options)).fault;
}

async function text(maker: Maker, options: Options = {}) {
  return (await faultOf(maker, options))?.text;
}

/** A meeting up to the vote, and what then comes. */
const voted = (rest: (maker: Maker) => Maker, rule: JsonObject = SIMPLE, more?: JsonObject) =>
  rest(new Maker(more).begin().event("put_item", { item: "i", title: "Item" }).manifest().everybody().put(rule).call());
const closed = (maker: Maker) => maker.checkpoint().end();

describe("a whole record", () => {
  it("holds, and says what was checked", async () => {
    const maker = whole();
    const report = await verifyRecord(maker.file(), {
      key: vkey(NAME, maker.server),
      organiser: sha256(maker.organiser.public).toString("base64url"),
    });
    expect(report.fault).toBeUndefined();
    expect(report).toMatchObject({
      meeting: MEETING, origin: ORIGIN, events: 13, checkpoints: 2, cosignatures: 6, signedActs: 3, unsignedActs: 0,
      results: 1, manifests: 1, rotations: 0, keyPinned: true, organiserPinned: true, noted: [],
    });
  });

  it("may have a signed correction, whose text is its own", async () => {
    const maker = new Maker().begin().manifest().everybody();
    const own = { event: 3, language: "EN", text: "So it was." };
    const signed_text = JSON.stringify({ meeting: MEETING, person: "p2", act: "propose_correction", ...own, time: maker.at });
    const signature = maker.keys[1]!.sign(`parley act v1\n${signed_text}`).toString("base64url");
    const { fault, signedActs } = await verifyRecord(
      closed(maker.event("propose_correction", { ...own, seat: "NOR", signed_text, signature }, "p2")).file(),
    );
    expect(fault).toBeUndefined();
    expect(signedActs).toBe(1);
  });

  it("is not pinned without keys from elsewhere", async () => {
    const report = await verifyRecord(whole().file());
    expect(report).toMatchObject({ keyPinned: false, organiserPinned: false });
    expect(report.fault).toBeUndefined();
  });

  it("holds with another server key from a rotation on", async () => {
    const [before, after] = [new Key(101), new Key(55)];
    const good = new Maker().begin().checkpoint().rotate(after).event("put_item", { item: "i", title: "T" }).checkpoint().end();
    for (const key of [before, after]) expect(await faultOf(good, { key: vkey(`${NAME}/server`, key) })).toBeUndefined();
    expect(await faultOf(good, { key: vkey(NAME, new Key(9)) })).toEqual({
      line: 1, event: 2, text: "The record is not signed by the key that you gave.",
    });
    expect((await verifyRecord(good.file())).rotations).toBe(1);
  });

  it("notes clocks that went back or are apart, and witnesses from elsewhere", async () => {
    const maker = voted((m) => m);
    maker.at -= 5000;
    maker.vote(0, "yes").vote(0, "no", { time: 1 }).checkpoint([], cosignature("x", "witness.example/w", new Key(7), 1)).end();
    const { fault, noted } = await verifyRecord(maker.file());
    expect(fault).toBeUndefined();
    expect(noted).toEqual([
      "The server's clock went back (line 13)",
      "A person's clock and the server's are more than ten minutes apart (line 14)",
      "The clock of p2 went back (line 14)",
      "A checkpoint is cosigned by witness.example/w, whose key is not in the file and was not given (line 15)",
    ]);
  });
});

describe("a witness elsewhere", () => {
  const name = "witness.example/w";
  const witness = new Key(7);
  const rows: [string, Key, string[], string | undefined][] = [
    ["holds with its key", witness, [witnessKey(name, witness)], undefined],
    ["must have cosigned", witness, [witnessKey(name, witness), witnessKey("other.example", witness)],
      "The witness that you gave, other.example, cosigned no checkpoint of this record."],
    ["is another one with another key", new Key(8), [witnessKey(name, witness)],
      "The witness that you gave, witness.example/w, cosigned no checkpoint of this record."],
    ["has a key that is one", witness, [vkey(name, witness)], "A witness's key that you gave is none."],
  ];
  it.each(rows)("%s", async (_, by, witnesses, fault) => {
    const maker = new Maker().begin().everybody();
    maker.checkpoint([], cosignature(maker.checkpointText(), name, by, 1_764_000_000)).end();
    const report = await verifyRecord(maker.file(), { witnesses });
    expect(report.fault?.text).toBe(fault);
    if (!fault) expect(report.witnesses).toEqual([{ name, checkpoints: 1, last: 5, at: 1_764_000_000_000 }]);
  });

  it("does not sign another text", async () => {
    const maker = new Maker().begin().everybody();
    maker.checkpoint([], cosignature("x", name, witness, 1)).end();
    expect(await text(maker, { witnesses: [witnessKey(name, witness)] })).toBe("The cosignature by the witness witness.example/w does not hold.");
  });
});

describe("minutes on paper", () => {
  const maker = whole();
  const full = maker.file();
  const root = (n: number) => rootOf(maker.events.slice(0, n));
  const link = (size: number, of = root(size), origin = ORIGIN) =>
    paperLink("https://parley.example/verify", `${origin}\n${size}\n${of.toString("base64")}\n`, vkey(origin, maker.server));
  const paperOf = async (...args: Parameters<typeof link>) => (await readPaper(new URL((await link(...args))!).hash))!;

  it("lead to the page, and tell it the log, its root and the key", async () => {
    expect(await link(7)).toMatch(/^https:\/\/parley\.example\/verify#origin=parley\.example\/M1&size=7&root=[\w-]{43}&key=[\w-]{43}$/);
    const paper = await paperOf(7);
    expect(paper).toMatchObject({ origin: ORIGIN, size: 7, key: vkey(ORIGIN, maker.server) });
    expect(Buffer.from(paper.root).equals(root(7))).toBe(true);
  });

  it("are of this record, at any of its events", async () => {
    for (const size of [1, 7, maker.events.length]) {
      const { fault, keyPinned } = await verifyRecord(full, { paper: await paperOf(size), key: (await paperOf(size)).key! });
      expect({ fault, keyPinned }).toEqual({ fault: undefined, keyPinned: true });
    }
  });

  it("are of another one", async () => {
    const rows: [Awaited<ReturnType<typeof paperOf>>, string][] = [
      [await paperOf(7, root(6)), "The paper is of another history: after 7 events this record had another root."],
      [await paperOf(99, root(7)), `The paper is of 99 events, and this record has ${maker.events.length}: it is an earlier one, or cut off.`],
      [await paperOf(7, root(7), `${NAME}/M2`), `The paper is of the log ${NAME}/M2, and this record is of ${ORIGIN}.`],
    ];
    for (const [paper, fault] of rows) expect((await verifyRecord(full, { paper })).fault?.text).toBe(fault);
  });

  it("say nothing that is none", async () => {
    const good = new URL((await link(7))!).hash;
    for (const bad of ["", "#", "#origin=a", good.replace("size=7", "size=07"), good.replace("size=7", "size=0"), good.replace(/root=./, "root="),
      good.replace("origin=p", "origin=p q"), good.replace("size=7", "size=9999999999999999")])
      expect(await readPaper(bad), bad).toBeUndefined();
    expect(await readPaper(good.replace(/&key=.*/, ""))).toMatchObject({ size: 7 });
  });
});

describe("adopted minutes", () => {
  const [en, fr] = ["Minutes: T\n==========\n", "Proc\u00e8s-verbal : T\n"];
  const adopted = (rest: (maker: Maker) => Maker, hash = hexOf(en + fr)) =>
    closed(rest(new Maker().begin().everybody().event("set_session", { session: "closed" }, "p1")).event("adopt_minutes", { hash }, "p1"));
  const put = (fields: JsonObject) => (maker: Maker) => {
    maker.line("minutes", fields);
    return maker;
  };

  it("are those that the event names", async () => {
    const report = await verifyRecord(adopted(put({ en, fr })).file());
    expect(report).toMatchObject({ minutes: 1, noted: [] });
    expect(report.fault).toBeUndefined();
  });

  it("may be elsewhere, which is noted", async () => {
    const { fault, noted, minutes } = await verifyRecord(adopted((m) => m).file());
    expect({ fault, noted, minutes }).toEqual({ fault: undefined, noted: ["Minutes were adopted whose text is not in the file (line 9)"], minutes: 0 });
  });

  const rows: [string, (m: Maker) => Maker, string][] = [
    ["of another text", put({ en, fr: `${fr}!` }), "The minutes are not those that the event names."],
    ["before another event", (m) => put({ en, fr })(m).event("put_item", { item: "i", title: "T" }, "p1"),
      "A definition, a manifest or minutes stand before an event that does not name them."],
    ["before no event", (m) => put({ en, fr })(m).checkpoint(), "A definition, a manifest or minutes stand before something that is not their event."],
    ["twice", (m) => put({ en, fr })(put({ en, fr })(m)), "A definition, a manifest or minutes stand before something that is not their event."],
  ];
  it.each(rows)("%s are a fault", async (_, rest, fault) => expect(await text(adopted(rest))).toBe(fault));
});

describe("results", () => {
  const rows: [string, JsonObject, (m: Maker) => Maker, string][] = [
    ["a tie", SIMPLE, (m) => m.vote(0, "yes").vote(1, "no"), "not_adopted"],
    ["more yes", SIMPLE, (m) => m.vote(0, "yes").vote(1, "abstain"), "adopted"],
    ["abstentions count", { ...SIMPLE, abstentions_count: true }, (m) => m.vote(0, "yes").vote(1, "abstain"), "not_adopted"],
    ["absolute, of members", { procedure: "absolute" }, (m) => m.vote(0, "yes"), "not_adopted"],
    ["the last vote counts", SIMPLE, (m) => m.vote(0, "no").vote(0, "yes"), "adopted"],
    ["weights", { procedure: "qualified", weight_num: 3, weight_den: 4 }, (m) => m.vote(1, "yes").vote(2, "no"), "adopted"],
    ["not enough weight", { procedure: "qualified", weight_num: 4, weight_den: 5 }, (m) => m.vote(1, "yes").vote(2, "no"), "not_adopted"],
    ["seats and weights", { procedure: "qualified", seats_num: 2, seats_den: 3, weight_num: 1, weight_den: 2 }, (m) => m.vote(1, "yes").vote(2, "no"), "not_adopted"],
    ["nobody", { procedure: "qualified", seats_num: 0, seats_den: 1 }, (m) => m.vote(0, "no"), "not_adopted"],
    ["unanimity with an abstention", { procedure: "unanimity" }, (m) => m.vote(0, "yes").vote(1, "abstain"), "adopted"],
    ["unanimity with a no", { procedure: "unanimity" }, (m) => m.vote(0, "yes").vote(1, "no"), "not_adopted"],
    ["consensus of all", { procedure: "consensus" }, (m) => m.vote(0, "join").vote(1, "national_statement").vote(2, "join"), "adopted"],
    ["consensus, one is silent", { procedure: "consensus" }, (m) => m.vote(0, "join").vote(1, "join"), "not_adopted"],
    ["consensus, the silent one left", { procedure: "consensus" }, (m) => m.vote(0, "join").event("left", { participant: "p4" }).vote(1, "join"), "not_adopted"],
    ["quorum by the votes of who left", { ...SIMPLE, quorum: 3 }, (m) => m.vote(0, "yes").event("left", { participant: "p2" }), "adopted"],
    ["no quorum", { ...SIMPLE, quorum: 3 }, (m) => m.vote(0, "yes").event("left", { participant: "p4" }), "no_quorum"],
    ["who is added counts for their seat", { ...SIMPLE, quorum: 3 }, (m) => m.vote(0, "yes").event("left", { participant: "p3" })
      .event("left", { participant: "p4" }).event("add_person", { person: "p5", name: "N", role: "adviser", seat: "DEN" })
      .event("joined", { participant: "p5", name: "N", place: "room" }).event("add_person", { person: "p6", name: "O", role: "delegate", seat: "ESP" })
      .event("joined", { participant: "p6", name: "O", place: "room" }), "adopted"],
    ["nobody after a restart", SIMPLE, (m) => m.vote(0, "yes").event("restarted", {}), "no_quorum"],
  ];
  it.each(rows)("%s", async (_what, rule, votes, outcome) => {
    expect(await faultOf(closed(voted((m) => votes(m).close(outcome), rule)))).toBeUndefined();
    const other = outcome === "adopted" ? "not_adopted" : "adopted";
    expect(await text(closed(voted((m) => votes(m).close(other), rule)))).toBe(
      `The declared result is "${other}"; by its rule and votes it is "${outcome}".`,
    );
  });

  it("a seat that is added takes part in what is called from then on", async () => {
    const seat = { seat: "SWE", name: "Sweden", guest: false, weight: 1 };
    const rule = { procedure: "absolute" };
    const two = (m: Maker) => m.vote(0, "yes").vote(1, "yes");
    const listed = (of: JsonObject) => new Maker().begin().manifest(listing(of)).everybody();
    expect(await text(closed(two(listed(seat).put(rule).call().event("add_seat", seat)).close("adopted")))).toBeUndefined();
    const before = (of: JsonObject, outcome: string) => closed(two(listed(of).event("add_seat", of).put(rule).call()).close(outcome));
    expect(await text(before(seat, "not_adopted"))).toBeUndefined();
    expect(await text(before(seat, "adopted"))).toBe('The declared result is "adopted"; by its rule and votes it is "not_adopted".');
    expect(await text(before({ ...seat, guest: true }, "adopted"))).toBeUndefined();
    expect(await text(new Maker().begin().event("add_seat", { ...seat, seat: "NOR" }).checkpoint().end())).toBe("A seat is added that is there already.");
  });

  it("silence is adopted at its deadline, and not before", async () => {
    const silence = (due: number, at: number, outcome: string, votes = (m: Maker) => m) => {
      const m = votes(new Maker().begin().manifest().everybody().put({ procedure: "silence" }).call({ deadline: 1_764_000_100_000, time_zone: "UTC" }));
      m.at = at - 1000;
      return closed(m.event("settled", { decision: "d", due, outcome, words: "Words." }));
    };
    const deadline = 1_764_000_100_000;
    expect(await text(silence(deadline, deadline, "adopted", (m) => m.vote(0, "receipt")))).toBeUndefined();
    expect(await text(silence(deadline, deadline - 1, "adopted"))).toBe("Silence is settled before it ended.");
    expect(await text(silence(deadline + 1, deadline + 5, "adopted"))).toBe("Silence is settled with another time than its own.");
    const broken = (m: Maker) => m.vote(1, "break_silence");
    const at = silence(0, deadline, "adopted", broken);
    const when = (JSON.parse(at.events.at(-2)!) as { at: number }).at;
    expect(await text(silence(when, when + 1, "not_adopted", broken))).toBeUndefined();
    expect(await text(silence(when, when + 1, "adopted", broken))).toMatch(/by its rule and votes it is "not_adopted"/);
    expect(await text(silence(deadline, deadline, "adopted", broken))).toBe("Silence is settled with another time than its own.");
  });
});

/** The manifest that was put last, as a later one carries it. */
function baseIn(m: Maker): JsonObject {
  const { manifest, signature } = JSON.parse(m.lines.at(-2)!) as JsonObject;
  return { manifest: manifest!, signature: signature! };
}

describe("faults, with the server's own key in the wrong hands", () => {
  const rows: [string, () => Maker, string][] = [
    ["a vote by the server", () => closed(voted((m) => m.vote(0, "yes", {}, m.server))), "The signature is not by p2."],
    ["by another seat", () => closed(voted((m) => m.vote(0, "yes", {}, m.keys[2]))), "The signature is not by p2."],
    ["another choice signed", () => closed(voted((m) => m.vote(0, "yes", { choice: "no" }))), 'What was signed says something else of "choice".'],
    ["another text signed", () => closed(voted((m) => m.vote(0, "yes", { text: "0".repeat(64) }))), "What was signed is on another text."],
    ["another meeting signed", () => closed(voted((m) => m.vote(0, "yes", { meeting: "M2" }))), "What was signed is of another meeting."],
    ["another person signed", () => closed(voted((m) => m.vote(0, "yes", { person: "p3" }))), "What was signed is another person's."],
    ["more signed", () => closed(voted((m) => m.vote(0, "yes", { more: 1 }))), 'What was signed says something of "more", which the act does not have.'],
    ["a replayed vote", () => {
      const m = voted((maker) => maker.vote(0, "yes"));
      const { signed_text, signature } = JSON.parse(m.events.at(-1)!) as JsonObject;
      m.vote(0, "no").event("vote", { decision: "d", version: 1, choice: "yes", seat: "NOR", signed_text: signed_text!, signature: signature! }, "p2");
      return closed(m);
    }, "What was signed stands in an earlier event too."],
    ["unsigned where signatures are required", () => closed(voted((m) => m.bareVote(0, "yes"), SIMPLE, { ...new Maker().definition, signatures: "required" })), "The act is not signed, and the meeting requires it."],
    ["signed where nobody has keys", () => closed(new Maker().begin().everybody().put(SIMPLE).call().vote(0, "yes")), "The list of participants has no key of p2."],
    ["a revoked person", () => closed(new Maker().begin().manifest({ revoked: ["p2"] }).everybody().put(SIMPLE).call().vote(0, "yes")), "The list of participants has no key of p2."],
    ["a manifest by the server", () => closed(new Maker().begin().manifest({}, new Key(101))), "The manifest's signature is not by whom it says."],
    ["of another meeting", () => closed(new Maker().begin().manifest({ meeting: "M2" })), "The manifest is of another meeting."],
    ["a seat that is not listed", () => closed(new Maker().begin().manifest({ seats: [] })), "The seat of p2 is not in the manifest."],
    ["an older manifest", () => closed(new Maker().begin().manifest({ version: 2 }).manifest({ version: 2 })), "The manifest is no later version than the one before."],
    ["a late manifest by who may not", () => {
      const m = new Maker().begin().manifest();
      const base = JSON.parse(m.lines.at(-2)!) as JsonObject;
      const inner = { manifest: base["manifest"]!, signature: base["signature"]! };
      return closed(m.manifest({ version: 2, base: inner }, m.keys[1], "p2"));
    }, "The organiser gave p2 no right to change the list."],
    ["a late manifest on an older base", () => {
      const m = new Maker().begin().manifest();
      const base = baseIn(m);
      return closed(m.manifest({ version: 2, revoked: ["p3"] }).manifest({ version: 3, base }, m.keys[0], "p1"));
    }, "The changed manifest builds on an older one than the organiser's newest."],
    ["a late manifest that undoes one", () => {
      const m = new Maker().begin().manifest();
      const base = baseIn(m);
      m.manifest({ version: 2, base, revoked: ["p3"] }, m.keys[0], "p1");
      return closed(m.manifest({ version: 3, base }, m.keys[0], "p1"));
    }, "The changed manifest lets p3 in again."],
    ["a cosignature by another", () => {
      const m = whole();
      const other = whole();
      m.lines.splice(-2);
      const note = (JSON.parse(other.lines.at(-2)!) as { note: string }).note.split("\n\n");
      m.line("checkpoint", { note: signNote(note[0] + "\n", ORIGIN, m.server) + cosignature(note[0] + "\n", `${ORIGIN}/person/p2`, m.keys[2]!, 1) });
      return m.end();
    }, "The cosignature of p2 does not hold."],
    ["a person who is not the next", () => closed(new Maker().begin().event("add_person", { person: "p7", name: "N", role: "observer" })), "A person is added under another id than the next one."],
    ["a decision's hash", () => closed(new Maker().begin().event("put_decision", { decision: "d", item: "i", title: "T", texts: [{ language: "EN", text: "A" }], rule: SIMPLE, excluded: [], version: 1, hash: "0".repeat(64) })), "The hash is not that of the texts."],
    ["no checkpoint at the end", () => whole().event("restarted", {}).end(), "Something stands behind the end."],
    ["the last event is not covered", () => new Maker().begin().checkpoint().event("restarted", {}).end(), "The last event is covered by no checkpoint."],
    ["a definition that nobody names", () => { const m = new Maker().begin(); m.line("definition", { text: "{}" }); return closed(m); }, "A definition, a manifest or minutes stand before something that is not their event."],
    ["an act that no record has", () => { const m = new Maker().begin(); m.event("chat", { text: "Hi" }, "p1"); return closed(m); }, "The event is of an act that no record has."],
  ];
  it.each(rows)("%s", async (_what, make, want) => expect(await text(make())).toBe(want));
});

describe("any change of a whole record", () => {
  let file: Uint8Array;
  let key: string;

  beforeAll(() => {
    const maker = whole();
    file = maker.file();
    key = vkey(NAME, maker.server);
  });

  /** Where the change is, at the latest, and not before it. */
  async function found(changed: Uint8Array, line: number) {
    const { fault } = await verifyRecord(new Uint8Array(changed), { key });
    if (!fault) throw new Error(`a change in line ${line} is not found`);
    expect(fault.line === 1 || fault.line >= line, `line ${line}: ${JSON.stringify(fault)}`).toBe(true);
  }

  it("of a single bit is found", async () => {
    for (let i = 0; i < file.length; i += 2) {
      const changed = Uint8Array.from(file);
      changed[i]! ^= 1 << ((i >> 1) % 8);
      await found(changed, file.subarray(0, i).filter((byte) => byte === 0x0a).length + 1);
    }
  }, 120_000);

  it("of whole lines is found", async () => {
    const lines = new TextDecoder().decode(file).slice(0, -1).split("\n");
    const encode = (some: string[]) => new TextEncoder().encode(some.map((one) => `${one}\n`).join(""));
    for (let i = 0; i < lines.length; i++) {
      await found(encode(lines.filter((_, at) => at !== i)), 1);
      await found(encode([...lines.slice(0, i + 1), ...lines.slice(i)]), i + 1);
      await found(encode(lines.slice(0, i)), 0);
      for (let k = i + 1; k < lines.length; k++) {
        const swapped = [...lines];
        [swapped[i], swapped[k]] = [swapped[k]!, swapped[i]!];
        await found(encode(swapped), i + 1);
      }
    }
  }, 60_000);

  it("that cuts it off is found", async () => {
    for (let n = 0; n < file.length; n += 7) await found(file.slice(0, n), 0);
  }, 60_000);
});
