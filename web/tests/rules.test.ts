import { beforeAll, describe, expect, it } from "vitest";

import { changesBetween } from "../src/e2ee/members";
import { encodeFields, uint64, utf8 } from "../src/e2ee/bytes";
import type { Manifest } from "../src/e2ee/identity";
import type { Claim, Commit, Policy } from "../src/e2ee/mls";
import { LEAVES_MAX, objection, sameClient } from "../src/e2ee/rules";

/** Signatures do not matter here. */
function claim(person: string, device: string, key = 1): Claim {
  const identity = encodeFields(utf8("parley leaf v1"), utf8(person), utf8(device), uint64(1), new Uint8Array(64));
  return { identity, mlsKey: new Uint8Array(32).fill(key) };
}

const people = ["p1", "p2", "p3", "p4"].map((person, i) => ({
  person,
  name: person,
  role: i === 0 ? "chair" : "delegate",
  key: new Uint8Array(32),
}));
const manifest: Manifest = {
  meeting: "council",
  seats: new Map(),
  version: 1,
  organisers: 1,
  encryption: "required",
  people: new Map(people.map((p) => [p.person, p])),
  revoked: new Set(["p4"]),
  notAfter: 1,
  organiser: "o",
  entries: new Map(),
  hash: "h",
};
const policy: Policy = { meeting: "council", name: "meeting", organiser: "o", locked: false };
const leaves = new Map([
  [0, claim("p1", "a")],
  [1, claim("p2", "b", 2)],
  [3, claim("p3", "c", 3)],
  [4, claim("p4", "d", 4)],
]);
const commit = (change: Partial<Commit>): Omit<Commit, "message"> => ({
  groupId: new Uint8Array(1), epoch: 1n, sender: 1, adds: [], removes: [], foreign: false, ...change,
});

const CASES: [string, Partial<Commit>, Partial<Policy>, RegExp | undefined][] = [
  ["an update", { path: claim("p2", "b", 2) }, {}, undefined],
  ["an addition", { adds: [claim("p2", "x", 9)] }, {}, undefined],
  ["a removal", { removes: [3] }, {}, undefined],
  ["what is not used", { foreign: true }, {}, /not used/],
  ["by nobody", { sender: 2 }, {}, /nobody/],
  ["by somebody revoked", { sender: 4 }, {}, /revoked/],
  ["another key in the path", { path: claim("p2", "b", 7) }, {}, /another one/],
  ["another person in the path", { path: claim("p3", "b", 2) }, {}, /another one/],
  ["a lock by the chair", { sender: 0, policy: { ...policy, locked: true } }, {}, undefined],
  ["a lock by another", { policy: { ...policy, locked: true } }, {}, /not the chair/],
  ["an unlock by another", { policy }, { locked: true }, /not the chair/],
  ["another meeting", { sender: 0, policy: { ...policy, meeting: "x" } }, {}, /another meeting/],
  ["another organiser", { sender: 0, policy: { ...policy, organiser: "x" } }, {}, /another meeting/],
  ["another group", { sender: 0, policy: { ...policy, name: "seat:NOR" } }, {}, /another meeting/],
  ["an addition under lock", { adds: [claim("p2", "x", 9)] }, { locked: true }, /locked/],
  ["an addition under lock by the chair", { sender: 0, adds: [claim("p2", "x", 9)] }, { locked: true }, undefined],
  ["unlocking and adding at once by another", { policy, adds: [claim("p2", "x", 9)] }, { locked: true }, /chair/],
  ["a removal under lock", { removes: [3] }, { locked: true }, undefined],
  ["a device twice", { adds: [claim("p3", "c", 9)] }, {}, /twice/],
  ["a device twice in one", { adds: [claim("p3", "x", 8), claim("p3", "x", 9)] }, {}, /twice/],
  ["a device in its own place", { removes: [3], adds: [claim("p3", "c", 9)] }, {}, undefined],
  ["coming back", { sender: "new", removes: [3], path: claim("p3", "c", 9) }, {}, undefined],
  ["coming back under lock", { sender: "new", removes: [3], path: claim("p3", "c", 9) }, { locked: true }, undefined],
  ["coming back as another device", { sender: "new", removes: [3], path: claim("p3", "x", 9) }, {}, /another's place/],
  ["coming back as another", { sender: "new", removes: [1], path: claim("p3", "b", 9) }, {}, /another's place/],
  ["coming in from outside", { sender: "new", path: claim("p3", "x", 9) }, {}, /let in/],
  ["coming back over two", { sender: "new", removes: [3, 1], path: claim("p3", "c", 9) }, {}, /let in/],
  ["coming back with a friend", {
    sender: "new", removes: [3], adds: [claim("p2", "x", 8)], path: claim("p3", "c", 9),
  }, {}, /let in/],
  ["coming back and locking", { sender: "new", removes: [3], policy, path: claim("p3", "c", 9) }, {}, /let in/],
  ["coming back in place of nobody", { sender: "new", removes: [2], path: claim("p3", "c", 9) }, {}, /let in/],
  ["coming back without a leaf", { sender: "new", removes: [3] }, {}, /let in/],
];

describe("the rules for commits", () => {
  for (const [what, change, stand, wanted] of CASES) {
    it(`${wanted ? "refuse" : "allow"} ${what}`, () => {
      const said = objection(commit(change), leaves, { ...policy, ...stand }, manifest);
      if (wanted) expect(said).toMatch(wanted);
      else expect(said).toBeUndefined();
    });
  }

  it("allow so many leaves and no more", () => {
    const full = new Map(Array.from({ length: LEAVES_MAX - 1 }, (_, i) => [i, claim("p2", `d${i}`)] as const));
    const by = { sender: 0 };
    expect(objection(commit({ ...by, adds: [claim("p3", "x")] }), full, policy, manifest)).toBeUndefined();
    const two = [claim("p3", "x"), claim("p3", "y")];
    expect(objection(commit({ ...by, adds: two }), full, policy, manifest)).toMatch(/too many/);
    expect(objection(commit({ ...by, adds: two, removes: [7] }), full, policy, manifest)).toBeUndefined();
  });

  it("take no claim that cannot be read for any other", () => {
    const none = { identity: new Uint8Array(3), mlsKey: new Uint8Array(32) };
    expect(sameClient(none, none)).toBe(false);
  });
});

describe("what changed", () => {
  let after: Map<number, Claim>;
  beforeAll(() => {
    after = new Map([[0, leaves.get(0)!], [1, claim("p3", "c", 30)], [2, claim("p2", "new", 5)], [3, claim("p9", "z", 6)]]);
  });

  it("is who came, left, or came back", () => {
    const told = changesBetween(leaves, after, manifest).map(({ what, member }) => `${what} ${member.device}`);
    expect(told).toEqual(["left b", "left d", "came_back c", "joined new"]); // and nobody of p9's
  });
});
