// What this page did, and what others say: proven, or not.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ToServer } from "../src/gen/protocol";
import { RecordWatch } from "../src/lib/recordWatch.svelte";
import { type Alarm, isAlarm } from "../src/record/alarm";
import { base64, fromBase64, utf8 } from "../src/record/digest";
import { isIncluded, leafOf, type Shown } from "../src/record/inclusion";
import { type Evidence, judge } from "../src/record/judge";
import { readCheckpoint, readNote } from "../src/record/note";
import { OwnActs, PATIENCE_MS } from "../src/record/ownActs";
import { consistencyOf, Key, leafHash, MEETING, ORIGIN, pathOf, root, signNote, vkey } from "./recordMaker";

const server = new Key(1);
const SALT = "AAAAAAAAAAAAAAAAAAAAAA";
const events = Array.from({ length: 40 }, (_, i) => `event ${i}`);

const vote = { type: "vote", decision: "d", version: 1, choice: "yes" } as const satisfies ToServer;
const eventOf = (number: number, more = '"decision":"d","version":1,"choice":"yes","seat":"NOR"') =>
  `{"number":${number},"at":5,"by":"p2","salt":"${SALT}","act":"vote",${more}}`;

/** A record in which the vote is event 7. */
const leaves = events.map((event, i) => (i === 6 ? eventOf(7) : event));

function note(size: number, of: readonly string[] = leaves, key = server): string {
  return signNote(`${ORIGIN}\n${size}\n${root(of.slice(0, size)).toString("base64")}\n`, ORIGIN, key);
}

function checkpoint(size: number, of: readonly string[] = leaves) {
  return readCheckpoint(readNote(note(size, of))!.text)!;
}

function shown(number: number, size: number, of: readonly string[] = leaves): Shown {
  const hashes = pathOf(number - 1, of.slice(0, size)).map((hash) => hash.toString("base64"));
  return { leaf: leafHash(of[number - 1]!).toString("base64"), proof: hashes };
}

describe("a leaf", () => {
  it("is in every tree that has it, and in no other place", async () => {
    for (let size = 1; size <= 20; size++) {
      const { root } = checkpoint(size);
      for (let number = 1; number <= size; number++) {
        const leaf = await leafOf(utf8(leaves[number - 1]!));
        const { proof } = shown(number, size);
        const path = proof.map((hash) => fromBase64(hash)!);
        expect(await isIncluded(leaf, number - 1, size, root, path)).toBe(true);
        if (size > 1) {
          expect(await isIncluded(leaf, number % size, size, root, path)).toBe(false);
          expect(await isIncluded(leaf, number - 1, size, root, path.slice(1))).toBe(false);
        }
        expect(await isIncluded(leaf, number - 1, size, root, [...path, root])).toBe(false);
        expect(await isIncluded(leaf, size, size, root, path)).toBe(false);
        expect(await isIncluded(leaf, -1, size, root, path)).toBe(false);
      }
    }
  });
});

describe("an own act", () => {
  const recorded = { of: "vote", number: 7, event: eventOf(7) };

  it("is proven at the checkpoint that covers it", async () => {
    const acts = new OwnActs();
    acts.sent(vote, 0);
    expect(acts.busy).toBe(true);
    expect(await acts.recorded(recorded, "p2", 1)).toBeUndefined();
    const asked: number[] = [];
    const inclusion = async (number: number, size: number) => (asked.push(size), shown(number, size));
    expect(await acts.covered(checkpoint(6), inclusion)).toBeUndefined();
    expect(asked).toEqual([]);
    expect(await acts.covered(checkpoint(9), inclusion)).toBeUndefined();
    expect(asked).toEqual([9]);
    expect([...acts.proven]).toEqual([7]);
    expect(acts.busy).toBe(false);
    expect(acts.late(1e9)).toBeUndefined();
  });

  it("that changed nothing, or was refused, waits for nothing", async () => {
    const acts = new OwnActs();
    acts.sent(vote, 0);
    await acts.recorded({ of: "vote" }, "p2", 0);
    expect(acts.busy).toBe(false);
    acts.sent(vote, 0);
    acts.refused("vote");
    expect(acts.busy).toBe(false);
    acts.sent(vote, 0);
    acts.lost(0);
    expect(acts.busy).toBe(false);
  });

  it("may be said more of by the server, if nobody signs it", async () => {
    const acts = new OwnActs();
    const given = `{"number":7,"at":5,"by":"p1","salt":"${SALT}","act":"give_floor","entry":4,"participant":"k2","seat":"NOR","kind":"speak"}`;
    acts.sent({ type: "give_floor", entry: 4 }, 0);
    expect(await acts.recorded({ of: "give_floor", number: 7, event: given }, "p1", 0)).toBeUndefined();
    acts.sent({ type: "give_floor", entry: 5 }, 0);
    expect(await acts.recorded({ of: "give_floor", number: 7, event: given }, "p1", 0)).toMatchObject({ why: "missing" });
  });

  const wrong: [string, string, number][] = [
    ["another choice", eventOf(7, '"decision":"d","version":1,"choice":"no","seat":"NOR"'), 7],
    ["another number", eventOf(8), 7],
    ["another's name", eventOf(7).replace('"p2"', '"p3"'), 7],
    ["another act", eventOf(7).replace('"vote"', '"pass_vote"'), 7],
    ["more than was said", eventOf(7, '"decision":"d","version":1,"choice":"yes","statement":"x","seat":"NOR"'), 7],
    ["what has no place there", eventOf(7).replace('"at":5', '"at": 5'), 7],
    ["nothing that can be read", "{", 7],
  ];
  it.each(wrong)("that is confirmed with %s is missing", async (_what, event, number) => {
    const acts = new OwnActs();
    acts.sent(vote, 0);
    expect(await acts.recorded({ of: "vote", number, event }, "p2", 0)).toMatchObject({ why: "missing", event: number });
  });

  const lies: [string, Shown | undefined][] = [
    ["another leaf", shown(6, 9)],
    ["its leaf in another's place", { ...shown(8, 9), leaf: shown(7, 9).leaf }],
    ["no proof", { ...shown(7, 9), proof: [] }],
    ["hashes that are none", { ...shown(7, 9), proof: ["x"] }],
    ["nothing", undefined],
  ];
  it.each(lies)("of which the server shows %s is missing", async (_what, lie) => {
    const acts = new OwnActs();
    acts.sent(vote, 0);
    await acts.recorded(recorded, "p2", 0);
    const leaf = base64(await leafOf(utf8(eventOf(7))));
    expect(await acts.covered(checkpoint(9), async () => lie)).toEqual({ why: "missing", event: 7, leaf });
    expect(acts.busy).toBe(false);
  });

  it("that is not answered, covered or proven in time is unproved, once", async () => {
    const acts = new OwnActs();
    acts.sent(vote, 0);
    expect(acts.late(PATIENCE_MS - 1)).toBeUndefined();
    expect(acts.late(PATIENCE_MS)).toEqual({ why: "unproved" });
    expect(acts.late(PATIENCE_MS)).toBeUndefined();
    acts.sent(vote, 0);
    await acts.recorded(recorded, "p2", 10);
    await expect(acts.covered(checkpoint(9), async () => Promise.reject(new Error("silence")))).rejects.toThrow();
    expect(acts.late(PATIENCE_MS + 9)).toBeUndefined();
    expect(acts.late(PATIENCE_MS + 10)).toMatchObject({ why: "unproved", event: 7 });
    expect(acts.busy).toBe(false);
  });

  it("that is not signed by anybody may be left unanswered", () => {
    const acts = new OwnActs();
    acts.sent({ type: "media", microphone: true, camera: false, screen: false, screen_sound: false }, 0);
    expect(acts.busy).toBe(false);
    expect(acts.late(1e9)).toBeUndefined();
  });
});

describe("what somebody says of the record", () => {
  const others = leaves.map((event, i) => (i === 3 ? "another" : event));
  const evidence = (changes: Partial<Evidence> = {}): Evidence => ({
    verified: async (text) => (text.includes(ORIGIN) ? readCheckpoint(readNote(text)!.text) : undefined),
    proof: async (from, to) => consistencyOf(from, leaves.slice(0, to)).map((hash) => hash.toString("base64")),
    inclusion: async (number, size) => shown(number, size),
    ...changes,
  });
  const silent = evidence({ proof: async () => Promise.reject(new Error("silence")) });
  const refuses = evidence({ proof: async () => undefined, inclusion: async () => undefined });
  const rows: [string, Partial<Alarm>, Evidence, string][] = [
    ["two of one size", { ours: note(9), theirs: note(9, others) }, evidence(), "holds"],
    ["two that the server cannot join", { ours: note(9), theirs: note(12, others) }, evidence(), "holds"],
    ["an older state, which the server is at", { why: "rolled_back", ours: note(12), theirs: note(9) }, refuses, "holds"],
    ["two that go together", { ours: note(9), theirs: note(12) }, evidence(), "unproven"],
    ["two that go together, the other way", { why: "rolled_back", ours: note(12), theirs: note(9) }, evidence(), "unproven"],
    ["the same twice", { ours: note(9), theirs: note(9) }, evidence(), "unproven"],
    ["one alone", { ours: "", theirs: note(9) }, evidence(), "unproven"],
    ["what nobody signed", { ours: note(9), theirs: "no note" }, evidence(), "unproven"],
    ["nothing", { ours: "", theirs: "" }, evidence(), "unproven"],
    ["two of which the server says nothing", { ours: note(9), theirs: note(12) }, silent, "open"],
    ["an event that the server shows", { why: "missing", theirs: note(9), event: 7 }, evidence(), "unproven"],
    ["an event that the server does not show", { why: "missing", theirs: note(9), event: 7 }, refuses, "holds"],
    ["an event of another tree", { why: "missing", theirs: note(9, others), event: 7 }, evidence(), "holds"],
    ["an event behind the end", { why: "missing", theirs: note(9), event: 10 }, refuses, "unproven"],
  ];
  it.each(rows)("with %s", async (_what, alarm, given, verdict) => {
    expect(await judge({ why: "rewritten", ours: "", theirs: "", ...alarm }, given)).toBe(verdict);
  });

  it("has the form of an alarm", () => {
    const alarm = { why: "missing", ours: "", theirs: "x", event: 7, leaf: "y" };
    expect(isAlarm(alarm)).toBe(true);
    for (const other of [{ event: "7" }, { leaf: 7 }, { why: "so" }, { ours: undefined }]) expect(isAlarm({ ...alarm, ...other })).toBe(false);
  });
});

/** Signatures and hashes are made beside the clock that the test moves. */
const later = setTimeout;
const breathe = () => new Promise((resolve) => later(resolve, 10));

describe("the watch", () => {
  let online = true;
  let answers: (path: string) => Response | Promise<Response>;
  const sent: ToServer[] = [];
  const spread: Alarm[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    vi.stubGlobal("fetch", async (path: string) => answers(path));
    const storage = new Map<string, string>();
    vi.stubGlobal("localStorage", { getItem: (n: string) => storage.get(n) ?? null, setItem: (n: string, v: string) => void storage.set(n, v) });
    online = true;
    sent.length = spread.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  const json = (value: unknown) => new Response(JSON.stringify(value));
  const fine = (path: string) => {
    const { pathname, searchParams: query } = new URL(path, "http://x");
    const n = (name: string) => Number(query.get(name));
    if (pathname.endsWith("/key")) return json({ key: vkey(ORIGIN, server), rotations: [] });
    if (pathname.endsWith("/inclusion")) return json(shown(n("number"), n("size")));
    return json({ proof: consistencyOf(n("from"), leaves.slice(0, n("to"))).map((hash) => hash.toString("base64")) });
  };
  const watch = () =>
    new RecordWatch({
      meeting: MEETING,
      token: "",
      cosigner: undefined,
      send: (message) => (sent.push(message), true),
      online: () => online,
      me: () => "p2",
      spread: (alarm) => void spread.push(alarm),
    });
  const told = (size: number) => ({ type: "checkpoint" as const, size, note: note(size), proof: [] });
  const grown = (from: number, size: number) => ({ ...told(size), from, proof: consistencyOf(from, leaves.slice(0, size)).map((hash) => hash.toString("base64")) });
  /** What is under way, with whatever it loads and hashes. */
  const settles = async (done: () => boolean) => {
    vi.useRealTimers();
    await vi.waitFor(() => expect(done()).toBe(true), { timeout: 10_000 });
  };

  it("has an own vote proven by itself", async () => {
    answers = fine;
    const record = watch();
    record.take(told(6));
    record.sent(vote);
    record.recorded({ type: "recorded", of: "vote", number: 7, event: eventOf(7) });
    record.take(told(9));
    await settles(() => record.proven.has(7));
    expect(record.alarm).toBeUndefined();
    expect(await record.prove(7, eventOf(7))).toBe("shown");
    expect(await record.prove(7, eventOf(8))).toBe("not");
    expect(await record.prove(10, "x")).toBe("later");
  });

  it("cries out when the server shows something else", async () => {
    answers = (path) => (path.includes("inclusion") ? json(shown(6, 9)) : fine(path));
    const record = watch();
    record.sent(vote);
    record.recorded({ type: "recorded", of: "vote", number: 7, event: eventOf(7) });
    record.take(told(9));
    await settles(() => record.alarm !== undefined);
    expect(record.alarm).toMatchObject({ why: "missing", event: 7, by: undefined });
    expect(sent).toMatchObject([{ type: "alarm", why: "missing", theirs: note(9), event: 7 }]);
    expect(spread).toHaveLength(1);
  });

  it("cries out when the server never answers, and not for a lost connection", async () => {
    let asked = 0;
    answers = (path) => (path.includes("consistency") ? (asked++, new Response("", { status: 503 })) : fine(path));
    const record = watch();
    record.take(told(6));
    record.take(told(9));
    const passes = async (ms: number) => {
      for (let at = 0; at < ms; at += 1_000) {
        await vi.advanceTimersByTimeAsync(1_000);
        await breathe();
      }
    };
    while (asked === 0) await breathe();
    online = false;
    await passes(60_000);
    expect(record.alarm).toBeUndefined();
    online = true;
    record.take(told(12));
    await passes(20_000);
    expect(record.alarm).toBeUndefined();
    await passes(30_000);
    expect(record.alarm).toMatchObject({ why: "unproved", ours: note(6), theirs: note(12) });
    expect(sent).toHaveLength(1);
  });

  it("proves what something signed is to stand on", async () => {
    answers = fine;
    const record = watch();
    record.take(told(6));
    const seven = record.leaf(7);
    record.take(grown(6, 9));
    await settles(() => record.size === 9);
    expect(await seven).toBe(shown(7, 9).leaf);
    expect(await record.covers(9)).toBe(true);
    expect(record.alarm).toBeUndefined();
    answers = (path) => (path.includes("inclusion") ? json(shown(6, 9)) : fine(path));
    expect(await record.leaf(7)).toBeUndefined();
  });

  it("cries out when that is still to come", async () => {
    answers = fine;
    const record = watch();
    record.take(told(6));
    const covered = record.covers(1_000);
    for (const size of [9, 12]) record.take(grown(size - 3, size));
    await settles(() => record.alarm !== undefined);
    expect(await covered).toBe(false);
    expect(record.alarm).toMatchObject({ why: "unproved", event: 1_000, theirs: note(12) });
    expect(sent).toMatchObject([{ type: "alarm", why: "unproved", event: 1_000 }]);
  });

  it("takes what others say for what it finds", async () => {
    answers = fine;
    const record = watch();
    record.take(told(9));
    const alarm = { why: "rewritten", ours: note(9), theirs: note(12), alarm: 1, by: "p3", name: "Fox" } as const;
    record.listed([alarm, alarm]);
    await settles(() => record.claims.every(({ verdict }) => verdict !== undefined));
    expect(record.alarm).toBeUndefined();
    expect(record.unproven).toMatchObject([{ by: "p3", name: "Fox", verdict: "unproven" }]);
    record.repeat(["p2", "p3"]);
    expect(spread).toEqual([]);
    const others = leaves.map((event, i) => (i === 3 ? "another" : event));
    record.heard({ why: "rewritten", ours: note(9), theirs: note(12, others), by: "p3" });
    await settles(() => record.alarm !== undefined);
    expect(record.alarm).toMatchObject({ by: "p3", why: "rewritten" });
    record.repeat(["p2", "p3", "p4"]); // theirs to say
    expect(spread).toEqual([]);
    record.repeat(["p2", "p4"]);
    expect(spread).toHaveLength(1);
  });
});
