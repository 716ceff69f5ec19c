// The groups of a delegation, and of notes to it: who may be in them is decided by each member, by what the
// organiser signed, whatever the server hands over.
import { describe, expect, it, vi } from "vitest";

import { fromBase64url, toBase64url } from "../src/e2ee/bytes";
import type { FromServer } from "../src/e2ee/effects";
import { LEAF_LIFE_MS, signLeaf } from "../src/e2ee/identity";
import * as mls from "../src/e2ee/mls";
import { OUTSIDER } from "../src/e2ee/rules";
import { circlesOf, inCircle, type Placed, readCircle } from "../src/lib/circles";
import { type Device, stateOf, World } from "./delivery";

vi.setConfig({ testTimeout: 60_000 }); // many signatures, and the machine may be busy

/** p1 presides, p2 and p3 are Norway's, p4 is Sweden's, p5 looks on. */
const PLACES: Placed[] = [
  { role: "chair" },
  { role: "delegate", seat: "NOR" },
  { role: "adviser", seat: "NOR" },
  { role: "delegate", seat: "SWE" },
  { role: "observer" },
];

describe("circles", () => {
  const rows: [name: string, who: string][] = [
    ["meeting", "xxxxx"],
    ["seat:NOR", "-xx--"],
    ["note:NOR", "xxx--"],
    ["seat:SWE", "---x-"],
    ["note:SWE", "x--x-"],
    ["seat:", "-----"],
    ["chat:NOR", "-----"],
    ["seat:NOR ", "-----"],
    ["", "-----"],
  ];
  it.each(rows)("%s has %s", (name, who) => {
    expect(PLACES.map((p) => (inCircle(name, p) ? "x" : "-")).join("")).toBe(who);
  });

  it("are listed for each", () => {
    const seats = ["NOR", "SWE"];
    expect(PLACES.map((p) => circlesOf(p, seats))).toEqual([
      ["note:NOR", "note:SWE"],
      ["seat:NOR", "note:NOR"],
      ["seat:NOR", "note:NOR"],
      ["seat:SWE", "note:SWE"],
      [],
    ]);
    expect(circlesOf({ role: "observer", seat: "NOR" }, seats)).toEqual([]);
    expect(readCircle("note:A.b-c_1")).toEqual({ kind: "note", seat: "A.b-c_1" });
    expect(readCircle(`seat:${"x".repeat(33)}`)).toBeUndefined();
  });
});

/** p2 and p3 are in the group of their delegation. */
async function delegation(name = "seat:NOR"): Promise<{ w: World; a: Device; b: Device }> {
  const w = await World.make(5, {}, name, PLACES);
  const a = w.enter("p2");
  await w.pass(100);
  const b = w.enter("p3");
  await w.pass(1000);
  expect([a, b].map((d) => d.view.members.map((m) => m.person))).toEqual([["p2", "p3"], ["p2", "p3"]]);
  return { w, a, b };
}

async function packageOf(w: World, person: string, device: string): Promise<mls.OwnPackage> {
  const mlsKey = await mls.newMlsKey();
  const place = { meeting: "council", groupId: fromBase64url(w.id!)! };
  const leaf = { person, device, expires: w.now + LEAF_LIFE_MS };
  return mls.makePackage(await signLeaf(place, leaf, mlsKey.publicKey, w.persons.get(person)!), mlsKey);
}

/** The state of a member who checks nothing. */
function unbound(d: Device): mls.State {
  const state = stateOf(d);
  const authService = { validateCredential: async () => true };
  return { ...state, clientConfig: { ...state.clientConfig, authService } };
}

const read = (own: mls.OwnPackage) => mls.readPackage(own.bytes)!;

describe("a delegation's group", () => {
  it("talks", async () => {
    const { w, a, b } = await delegation();
    await w.say(a, "our line");
    await w.pass(100);
    for (const d of [a, b]) expect(d.texts).toEqual(["p2: our line"]);
    expect([...a.problems, ...b.problems]).toEqual([]);
  });

  for (const person of ["p1", "p4", "p5"])
    it(`takes in nobody else of the meeting, and says who should have been: ${person}`, async () => {
      const { w, a, b } = await delegation();
      const own = await packageOf(w, person, "c-x");
      const add = [{ participant: "c-x", package: toBase64url(own.bytes) }];
      w.deliver(a.id, { type: "group_work", group: "seat:NOR", epoch: w.epoch, add, remove: [] });
      await w.pass(1000);
      expect(a.all("problem").map(({ problem, text }) => [problem, text])).toEqual([["outsider", OUTSIDER]]);
      expect(b.group.epoch).toBe(a.group.epoch);
      await w.say(b, "still ours");
      await w.pass(100);
      expect(a.texts).toEqual(["p3: still ours"]);
    });

  it("does not follow a member who takes somebody else in", async () => {
    const { w, a, b } = await delegation();
    const epoch = b.group.epoch!;
    const own = await packageOf(w, "p4", "c-x");
    const { commit } = await mls.commit(unbound(a), { add: [read(own)] });
    const handshake: FromServer = {
      type: "handshake", group: "seat:NOR", sequence: 9, epoch: w.epoch, by: a.id, commit: toBase64url(commit),
      removed: [],
    };
    w.deliver(b.id, handshake);
    await w.pass(100);
    expect(b.group.epoch).toBe(epoch);
    expect(b.all("problem").map(({ problem, text }) => [problem, text])).toEqual([["bad_commit", OUTSIDER]]);
  });

  it("is not entered by who finds somebody else in it", async () => {
    const w = await World.make(5, {}, "seat:NOR", PLACES);
    const a = w.enter("p2");
    await w.pass(100);
    const b = w.device("p3");
    w.tap = (to, m) => (m.type === "group_work" || to === "c-x" ? [] : [m]);
    w.greet(b.id);
    await w.pass(200);
    const waiting = mls.readPackage(fromBase64url(w.waiting[0]!.package)!)!;
    const { welcome } = await mls.commit(unbound(a), { add: [read(await packageOf(w, "p1", "c-x")), waiting] });
    w.deliver(b.id, {
      type: "group_welcome", group: "seat:NOR", epoch: w.epoch + 1, welcome: toBase64url(welcome!), by: a.id,
    });
    await w.pass(100);
    expect(b.group.inside).toBe(false);
    expect(b.problems).toEqual(["bad_welcome"]);
  });

  it("is not another group that the server hands over under its name", async () => {
    const w = await World.make(5, {}, "note:NOR", PLACES);
    const a = w.enter("p2");
    await w.pass(100);
    // To p3 the notes with the chair are called the delegation's own talk.
    const other = new World("seat:NOR");
    Object.assign(other, { manifest: w.manifest, persons: w.persons, now: w.now, id: w.id, epoch: w.epoch });
    const b = other.device("p3");
    other.greet(b.id);
    await other.pass(200);
    const [{ from, package: text } = { from: "", package: "" }] = other.waiting;
    const add = [{ participant: from, package: text }];
    w.waiting.push({ from, package: text });
    w.devices.set(b.id, b);
    w.tap = (to, m) => (to === b.id ? [{ ...m, group: "seat:NOR" } as FromServer] : [m]);
    w.deliver(a.id, { type: "group_work", group: "note:NOR", epoch: w.epoch, add, remove: [] });
    await w.pass(1000);
    expect(w.members).toContain(b.id);
    expect(b.group.inside).toBe(false);
    expect(b.problems).toEqual(["bad_welcome"]);
    await w.say(a, "for the chair too");
    await w.pass(100);
    expect(b.texts).toEqual([]);
  });

  it("loses who is moved to another seat", async () => {
    const { w, a, b } = await delegation();
    const people = w.draft.people.map((p) => (p.person === "p3" ? { ...p, seat: "SWE" } : p));
    await w.revise({ people });
    await w.pass(1000);
    expect(a.view.members.map((m) => m.person)).toEqual(["p2"]);
    expect(b.group.inside).toBe(false);
  });
});

describe("notes to a delegation", () => {
  it("are between it and who presides", async () => {
    const { w, a, b } = await delegation("note:NOR");
    const chair = w.enter("p1");
    await w.pass(1000);
    await w.say(chair, "a word with you");
    await w.pass(100);
    for (const d of [a, b, chair]) expect(d.texts).toEqual(["p1: a word with you"]);
    const own = await packageOf(w, "p4", "c-x");
    const add = [{ participant: "c-x", package: toBase64url(own.bytes) }];
    w.deliver(a.id, { type: "group_work", group: "note:NOR", epoch: w.epoch, add, remove: [] });
    await w.pass(1000);
    expect(a.problems).toEqual(["outsider"]);
  });
});
