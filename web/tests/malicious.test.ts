// What a server that lies, and a member who breaks the rules, can make of it: nothing that is not
// rejected or shown.
import { describe, expect, it, vi } from "vitest";

import { type Bytes, concat, fromBase64url, same, toBase64url, utf8 } from "../src/e2ee/bytes";
import * as times from "../src/e2ee/effects";
import type { FromServer } from "../src/e2ee/effects";
import { LEAF_LIFE_MS, readLeaf, signLeaf } from "../src/e2ee/identity";
import { personKey, type SigningKey } from "../src/e2ee/keys";
import * as mls from "../src/e2ee/mls";
import { sameClient } from "../src/e2ee/rules";
import { broken, type Device, stateOf, World } from "./delivery";

vi.setConfig({ testTimeout: 60_000 }); // many signatures, and the machine may be busy

const ANYBODY: mls.Judge = { valid: async () => true, sameClient };

/** The member's state, in the hands of a client that checks nothing. */
function unbound(d: Device): mls.State {
  const state = stateOf(d);
  const { clientConfig } = state;
  const authService = { validateCredential: async () => true };
  return { ...state, clientConfig: { ...clientConfig, authService } };
}

async function packageOf(
  w: World, person: string, device: string, key: SigningKey, groupId = fromBase64url(w.id!)!,
): Promise<mls.OwnPackage> {
  const mlsKey = await mls.newMlsKey();
  const place = { meeting: "council", groupId };
  const leaf = { person, device, expires: w.now + LEAF_LIFE_MS };
  return mls.makePackage(await signLeaf(place, leaf, mlsKey.publicKey, key), mlsKey);
}

const stranger = () => personKey(new Uint8Array(32).fill(200), "council");
const read = (own: mls.OwnPackage) => mls.readPackage(own.bytes)!;

function handshake(w: World, by: Device | string, commit: Bytes): FromServer {
  return {
    type: "handshake",
    group: "meeting",
    sequence: w.sequence + 1,
    epoch: w.epoch,
    by: typeof by === "string" ? by : by.id,
    commit: toBase64url(commit),
    removed: [],
  };
}

/** The members as they were: same epoch, same keys, told of it. */
async function unmoved(w: World, devices: Device[], epoch: bigint, problem: string): Promise<void> {
  await w.pass(100);
  for (const d of devices) {
    expect(d.group.epoch).toBe(epoch);
    expect(d.problems).toContain(problem);
    expect([...d.keys.keys()].every((e) => e <= epoch)).toBe(true);
  }
}

describe("a seat that nobody signed", () => {
  const FORGED: [string, (w: World) => Promise<mls.OwnPackage>][] = [
    ["of nobody on the list", async (w) => packageOf(w, "p9", "c-x", await stranger())],
    ["of somebody on the list, by another key", async (w) => packageOf(w, "p2", "c-x", await stranger())],
    ["of another group", async (w) => packageOf(w, "p3", "c-x", w.persons.get("p3")!, utf8("council-other"))],
    ["of another device", async (w) => packageOf(w, "p3", "c-y", w.persons.get("p3")!)],
  ];
  for (const [what, make] of FORGED) {
    it(`is not added by an honest member: ${what}`, async () => {
      const w = await World.make(3);
      const [a, b] = await w.gathered(2);
      const own = await make(w);
      const add = [{ participant: "c-x", package: toBase64url(own.bytes) }];
      w.deliver(a!.id, { type: "group_work", group: "meeting", epoch: w.epoch, add, remove: [] });
      await w.pass(1000);
      expect(a!.problems).toEqual(["bad_package"]);
      expect(a!.view.members.length).toBe(2);
      expect(b!.group.epoch).toBe(a!.group.epoch);
    });
  }

  it("does not keep the others waiting", async () => {
    const w = await World.make(3);
    const [a] = await w.gathered(2);
    const own = await packageOf(w, "p9", "c-x", await stranger());
    w.waiting.push({ from: "c-x", package: toBase64url(own.bytes) });
    const c = w.enter("p3");
    await w.pass(1000);
    expect(c.group.inside).toBe(true);
    expect(a!.view.members.map((m) => m.person)).toEqual(["p1", "p2", "p3"]);
  });

  it("is refused by all when a member adds it", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    const epoch = b!.group.epoch!;
    const forged = await packageOf(w, "p9", "c-x", await stranger());
    const { commit } = await mls.commit(unbound(a!), { add: [read(forged)] });
    for (const d of [b!, c!]) w.deliver(d.id, handshake(w, a!, commit));
    await unmoved(w, [b!, c!], epoch, "bad_commit");
  });

  it("in the tree keeps a newcomer out", async () => {
    const w = await World.make(3);
    const [a] = await w.gathered(2);
    const c = w.device("p3");
    w.tap = (to, m) => (m.type === "group_work" || to === "c-x" ? [] : [m]);
    w.greet(c.id);
    await w.pass(200);
    const forged = await packageOf(w, "p9", "c-x", await stranger());
    const waiting = mls.readPackage(fromBase64url(w.waiting[0]!.package)!)!;
    const { welcome } = await mls.commit(unbound(a!), { add: [read(forged), waiting] });
    const epoch = w.epoch + 1;
    w.deliver(c.id, { type: "group_welcome", group: "meeting", epoch, welcome: toBase64url(welcome!), by: a!.id });
    await w.pass(100);
    expect(c.group.inside).toBe(false);
    expect(c.problems).toEqual(["bad_welcome"]);
    expect(c.keys.size).toBe(0);
  });
});

describe("a key package that was used", () => {
  it("is not added again", async () => {
    const w = await World.make(3);
    const packages: { participant: string; package: string }[] = [];
    w.tap = (_to, m) => {
      if (m.type === "group_work") packages.push(...m.add);
      return [m];
    };
    const [a, , c] = await w.gathered(3);
    const again = packages.find(({ participant }) => participant === c!.id)!;
    w.leave(c!);
    await w.pass(1000);
    const { epoch } = w;
    w.deliver(a!.id, { type: "group_work", group: "meeting", epoch, add: [again], remove: [] });
    await w.pass(1000);
    expect(a!.problems).toEqual(["replayed"]);
    expect(w.epoch).toBe(epoch);
  });
});

describe("commits", () => {
  it("that are withheld are fetched", async () => {
    const w = await World.make(4);
    const [a, b, c] = await w.gathered(3);
    let withheld = 0;
    w.tap = (to, m) => (to === c!.id && m.type === "handshake" && withheld++ === 0 ? [] : [m]);
    const d = w.enter("p4");
    await w.pass(3000);
    for (const x of [a!, b!, c!, d]) {
      expect(x.group.epoch).toBe(a!.group.epoch);
      expect(x.view.code).toBe(a!.view.code);
      expect(x.view.members.length).toBe(4);
    }
    expect(a!.view.changes.map(({ what, member }) => `${what} ${member.person}`)).toEqual(["came_back p3"]);
    expect(a!.view.by?.person).toBe("p3");
    await w.say(c!, "back");
    await w.pass(100);
    expect(d.texts).toEqual(["p3: back"]);
    // And goes on from there.
    w.leave(b!);
    await w.pass(1000);
    for (const x of [a!, c!, d]) expect(x.view.members.map((m) => m.person).sort()).toEqual(["p1", "p3", "p4"]);
  });

  it("that are withheld for good are told of, and no key of before is renewed", async () => {
    const w = await World.make(3);
    const [a, , c] = await w.gathered(3);
    const old = c!.group.epoch!;
    w.tap = (to, m) => (to === c!.id && (m.type === "handshake" || m.type === "group_info") ? [] : [m]);
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(times.GAP_MS + (times.RESYNCS_MAX + 1) * times.RESYNC_MS);
    expect(c!.problems).toEqual(["stuck"]);
    expect(c!.group.epoch).toBe(old);
    expect(c!.all("send").filter(({ message }) => message.type === "group_resync").length).toBe(times.RESYNCS_MAX);
  });

  it("that come in the wrong order are taken in the right one", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    const held: FromServer[] = [];
    w.tap = (to, m) => {
      if (to !== c!.id || m.type !== "handshake") return [m];
      held.push(m);
      return [];
    };
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(200);
    await w.did(a!, a!.group.lock(w.now, false));
    await w.pass(200);
    for (const m of held.reverse()) w.deliver(c!.id, m);
    await w.pass(100);
    expect(held.length).toBe(2);
    expect(c!.group.epoch).toBe(b!.group.epoch);
    expect(c!.view.code).toBe(b!.view.code);
    expect(c!.problems).toEqual([]);
  });

  it("of one epoch count once", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    const two = (await mls.commit(stateOf(b!), {})).commit;
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(300);
    const { epoch } = c!.group;
    const { code } = c!.view;
    w.deliver(c!.id, { ...(handshake(w, b!, two) as FromServer & { type: "handshake" }), epoch: w.epoch - 1 });
    w.deliver(c!.id, w.log.at(-1)!);
    await w.pass(100);
    expect([c!.group.epoch, c!.view.code]).toEqual([epoch, code]);
  });

  it("of one epoch that differ split the meeting, and the codes say so", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    const one = (await mls.commit(stateOf(a!), {})).commit;
    const two = (await mls.commit(stateOf(a!), {})).commit;
    w.deliver(b!.id, handshake(w, a!, one));
    w.deliver(c!.id, handshake(w, a!, two));
    await w.pass(100);
    expect(b!.group.epoch).toBe(c!.group.epoch);
    expect(b!.view.code).not.toBe(c!.view.code);
    const [x, y] = [b!, c!].map((d) => toBase64url(d.keys.get(d.group.epoch!)!.baseKey));
    expect(x).not.toBe(y);
  });

  const BREAKS: [string, (w: World, b: Device, c: Device) => Promise<mls.Changes>][] = [
    ["locks without being the chair", async (_w, b) => ({ policy: { ...mls.policyOf(stateOf(b))!, locked: true } })],
    ["is of another meeting", async (_w, b) => ({ policy: { ...mls.policyOf(stateOf(b))!, meeting: "plenary" } })],
    ["adds a device that is there", async (w) => ({
      add: [read(await packageOf(w, "p3", "c-p3", w.persons.get("p3")!))],
    })],
  ];
  for (const [what, make] of BREAKS) {
    it(`by a member who breaks the rules are refused: ${what}`, async () => {
      const w = await World.make(3);
      const [a, b, c] = await w.gathered(3);
      const epoch = a!.group.epoch!;
      const state = unbound(b!);
      const lax = { ...state.clientConfig.keyPackageEqualityConfig, compareKeyPackageToLeafNode: () => false };
      const free = { ...state, clientConfig: { ...state.clientConfig, keyPackageEqualityConfig: lax } };
      const { commit } = await mls.commit(free, await make(w, b!, c!));
      for (const d of [a!, c!]) w.deliver(d.id, handshake(w, b!, commit));
      await unmoved(w, [a!, c!], epoch, "bad_commit");
      // What the server goes on with from there is not fetched.
      await w.pass(times.GAP_MS + 100);
      expect(a!.problems).toEqual(["bad_commit", "stuck"]);
      expect(a!.all("send").some(({ message }) => message.type === "group_resync")).toBe(false);
    });
  }

  it("after a forged one of the same epoch still count", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    w.tap = (to, m) =>
      to === c!.id && m.type === "handshake" ? [{ ...m, commit: broken(m.commit) }, m] : [m];
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(1000);
    expect(c!.problems).toEqual(["bad_commit"]);
    expect(c!.group.epoch).toBe(b!.group.epoch);
    expect(c!.view.code).toBe(b!.view.code);
  });

  it("add nobody while the meeting is locked, but by the chair", async () => {
    const w = await World.make(4);
    const [a, b, c] = await w.gathered(3);
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(500);
    const epoch = a!.group.epoch!;
    const own = await packageOf(w, "p4", "c-p4", w.persons.get("p4")!);
    const { commit } = await mls.commit(stateOf(b!), { add: [read(own)] });
    for (const d of [a!, c!]) w.deliver(d.id, handshake(w, b!, commit));
    await unmoved(w, [a!, c!], epoch, "bad_commit");
  });
});

describe("a GroupInfo", () => {
  /** An external commit at the place of `victim`. */
  async function intrusion(w: World, own: mls.OwnPackage, victim: string): Promise<Bytes> {
    const at = (claim: mls.Claim) => {
      const { device } = readLeaf(claim.identity);
      return device === victim || same(claim.identity, read(own).claim.identity);
    };
    const judge = { ...ANYBODY, sameClient: (a: mls.Claim, b: mls.Claim) => at(a) && at(b) };
    return (await mls.resync(fromBase64url(w.groupInfo)!, own, judge)).commit;
  }

  const OUTSIDERS: [string, (w: World) => Promise<mls.OwnPackage>][] = [
    ["to nobody on the list", async (w) => packageOf(w, "p9", "c-p3", await stranger())],
    ["to who claims to be the one", async (w) => packageOf(w, "p3", "c-p3", await stranger())],
    ["to somebody on the list who is outside", async (w) => packageOf(w, "p4", "c-p4", w.persons.get("p4")!)],
    ["to who takes another device's place", async (w) => packageOf(w, "p3", "c-other", w.persons.get("p3")!)],
  ];
  for (const [what, make] of OUTSIDERS) {
    it(`opens no door ${what}`, async () => {
      const w = await World.make(4);
      const [a, b] = await w.gathered(3);
      const epoch = a!.group.epoch!;
      const commit = await intrusion(w, await make(w), "c-p3");
      for (const d of [a!, b!]) w.deliver(d.id, handshake(w, "c-x", commit));
      await unmoved(w, [a!, b!], epoch, "bad_commit");
    });
  }

  it("that is older than what one has is refused", async () => {
    const w = await World.make(3);
    const [a, , c] = await w.gathered(3);
    const old = w.groupInfo;
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(1000);
    const { epoch } = c!.group;
    w.tap = (to, m) => {
      if (to === c!.id && m.type === "handshake") return [];
      return [m.type === "group_info" ? { ...m, group_info: old } : m];
    };
    await w.did(a!, a!.group.lock(w.now, false));
    await w.pass(1000);
    expect(c!.problems).toEqual(["bad_group_info"]);
    expect(c!.group.epoch).toBe(epoch);
  });

  it("in which one is no longer makes one wait to be added", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    w.tap = (to, m) => (to === c!.id && m.type === "handshake" ? [] : [m]);
    // Removed behind one's back: the server says so, and lets one ask all the same.
    w.leaving.push(c!.id);
    w.ask();
    await w.pass(400);
    w.members.push(c!.id);
    w.tap = (_to, m) => [m];
    await w.did(c!, c!.group.heard(w.now, BigInt(w.epoch)));
    await w.pass(2000);
    for (const d of [a!, b!, c!]) expect(d.view.code).toBe(a!.view.code);
    expect(c!.all("out").length).toBe(1);
    expect(c!.group.inside).toBe(true);
  });
});

describe("frames of a later epoch", () => {
  it("get the commits fetched that the server withheld", async () => {
    const w = await World.make(3);
    const [a, , c] = await w.gathered(3);
    const old = c!.group.epoch!;
    w.tap = (to, m) => (to === c!.id && (m.type === "handshake" || m.type === "group_state") ? [] : [m]);
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(5000);
    expect([c!.group.epoch, a!.group.epoch]).toEqual([old, old + 1n]);
    w.tap = (_to, m) => [m];
    await w.did(c!, c!.group.heard(w.now, old + 1n));
    await w.pass(times.GAP_MS + 500);
    expect(c!.view.code).toBe(a!.view.code);
    expect(c!.problems).toEqual([]);
  });

  it("tell of it if the server withholds all", async () => {
    const w = await World.make(3);
    const [, , c] = await w.gathered(3);
    w.tap = () => [];
    await w.did(c!, c!.group.heard(w.now, c!.group.epoch! + 1n));
    await w.pass(times.GAP_MS + (times.RESYNCS_MAX + 1) * times.RESYNC_MS);
    expect(c!.problems).toEqual(["stuck"]);
  });

  it("that were made up keep nobody out", async () => {
    const w = await World.make(3);
    const [a, b, c] = await w.gathered(3);
    const { epoch } = c!.group;
    const asked = () => c!.all("send").filter(({ message }) => message.type === "group_resync").length;
    for (let i = 0; i < 20; i++) {
      await w.did(c!, c!.group.heard(w.now, epoch! + 1n + BigInt(i)));
      await w.pass(1000);
    }
    expect(asked()).toBeLessThanOrEqual(Math.ceil(20_000 / times.RUMOUR_MS));
    expect(new Set(c!.problems)).toEqual(new Set(["unknown_key"]));
    expect(c!.group.epoch).toBe(epoch);
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(1000);
    for (const d of [a!, b!, c!]) expect([d.group.epoch, d.view.code]).toEqual([epoch! + 1n, a!.view.code]);
  });
});

describe("a Welcome", () => {
  it("that comes twice is refused the second time", async () => {
    const w = await World.make(2);
    const welcomes: FromServer[] = [];
    w.tap = (_to, m) => {
      if (m.type === "group_welcome") welcomes.push(m);
      return [m];
    };
    const [, b] = await w.gathered(2);
    const { code } = b!.view;
    w.deliver(b!.id, welcomes[0]!);
    await w.pass(100);
    expect(b!.problems).toEqual(["bad_welcome"]);
    expect(b!.view.code).toBe(code);
    // Not after one has lost one's place, either.
    await w.did(b!, b!.group.reset(w.now));
    w.tap = (_to, m) => (m.type === "group_work" ? [] : [m]);
    w.greet(b!.id);
    w.deliver(b!.id, welcomes[0]!, 100);
    await w.pass(300);
    expect(b!.group.inside).toBe(false);
    expect(b!.problems).toEqual(["bad_welcome", "bad_welcome"]);
  });

  it("of a commit that did not count leads nowhere unseen", async () => {
    const w = await World.make(3);
    const [a] = await w.gathered(2);
    const c = w.device("p3");
    w.tap = (_to, m) => (m.type === "group_work" ? [] : [m]);
    w.greet(c.id);
    await w.pass(200);
    const waiting = mls.readPackage(fromBase64url(w.waiting[0]!.package)!)!;
    const lost = await mls.commit(stateOf(a!), { add: [waiting] });
    await w.did(a!, a!.group.lock(w.now, true));
    await w.pass(500);
    const welcome = toBase64url(lost.welcome!);
    w.deliver(c.id, { type: "group_welcome", group: "meeting", epoch: w.epoch, welcome, by: a!.id });
    await w.pass(200);
    expect(c.view.code).not.toBe(a!.view.code);
    // It is not the others' group: what they say is not opened, their commits do not hold.
    w.members.push(c.id);
    await w.say(a!, "hello");
    await w.did(a!, a!.group.lock(w.now, false));
    await w.pass(2000);
    expect(c.problems).toEqual(expect.arrayContaining(["bad_message", "bad_commit", "stuck"]));
    expect(c.texts).toEqual([]);
  });

  it("is not taken in another epoch than the server says", async () => {
    const w = await World.make(2);
    w.tap = (_to, m) => [m.type === "group_welcome" ? { ...m, epoch: m.epoch + 1 } : m];
    const [, b] = await w.gathered(2);
    expect(b!.group.inside).toBe(false);
    expect(b!.problems).toContain("bad_welcome");
  });
});

describe("messages", () => {
  it("under another's name are shown under the right one, and told of", async () => {
    const w = await World.make(3);
    const [, b, c] = await w.gathered(3);
    w.tap = (_to, m) => [m.type === "sealed" ? { ...m, by: "c-p1" } : m];
    await w.say(b!, "I am p2");
    await w.pass(100);
    expect(c!.texts).toEqual(["p2: I am p2"]);
    expect(c!.problems).toEqual(["other_sender"]);
  });

  it("that were changed, or come again, are not shown", async () => {
    const w = await World.make(2);
    const [a, b] = await w.gathered(2);
    w.tap = (_to, m) =>
      m.type === "sealed" ? [{ ...m, message: broken(m.message) }, { ...m, message: broken(m.message, 10) }, m, m] : [m];
    await w.say(a!, "once");
    await w.pass(100);
    expect(b!.texts).toEqual(["p1: once"]);
    expect(b!.problems).toEqual(["bad_message", "bad_message"]);
  });
});

describe("a group", () => {
  it("of another meeting is not entered", async () => {
    const w = await World.make(1);
    const a = w.device("p1");
    for (const id of ["", "!", toBase64url(utf8("council")), toBase64url(concat(utf8("plenary"), new Uint8Array(16)))])
      w.deliver(a.id, { type: "group", group: "meeting", id, epoch: 0, member: true, committer: true });
    await w.pass(100);
    expect(a.problems).toEqual(["bad_group", "bad_group", "bad_group", "bad_group"]);
    expect(a.all("send")).toEqual([]);
  });

  it("does not remove oneself because the server says so", async () => {
    const w = await World.make(2);
    const [a] = await w.gathered(2);
    w.deliver(a!.id, { type: "group_work", group: "meeting", epoch: w.epoch, add: [], remove: [{ id: a!.id }] });
    await w.pass(1000);
    expect(a!.group.inside).toBe(true);
  });
});

describe("whatever the server sends", () => {
  it("breaks nothing", async () => {
    const w = await World.make(4);
    const seen: FromServer[] = [];
    w.tap = (_to, m) => {
      seen.push(m);
      return [m];
    };
    const [a, b] = await w.gathered(3);
    await w.say(a!, "hello");
    await w.pass(200);
    w.tap = (_to, m) => [m];
    let state = 12345;
    const random = (n: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return (state >>> 8) % n;
    };
    const info: FromServer = { type: "group_info", group: "meeting", epoch: w.epoch, group_info: w.groupInfo };
    let inside = 0;
    for (let i = 0; i < 600; i++) {
      if (!b!.group.inside) {
        // Back in, so that most of it meets a member.
        await w.did(b!, b!.group.reset(w.now));
        w.greet(b!.id);
        await w.pass(1500);
      }
      if (b!.group.inside) inside++;
      const from = i % 5 === 0 ? info : seen[random(seen.length)]!;
      const m = JSON.parse(JSON.stringify(from)) as Record<string, unknown>;
      const keys = Object.keys(m).filter((k) => !["type", "group", "by"].includes(k));
      const key = keys[random(keys.length)]!;
      const value = m[key];
      if (typeof value === "string") {
        const bytes = fromBase64url(value) ?? utf8(value);
        if (bytes.length > 0) bytes[random(bytes.length)]! ^= 1 << random(8);
        m[key] = toBase64url(random(3) === 0 ? bytes.slice(0, random(bytes.length + 1)) : bytes);
      } else if (typeof value === "number") m[key] = Math.max(0, value + random(5) - 2);
      if (i % 3 === 0) await w.did(b!, b!.group.heard(w.now, BigInt(w.epoch + 9)));
      if (i % 3 === 0) await w.did(b!, b!.group.expire(w.now + times.GAP_MS)); // and asks for a GroupInfo
      await w.did(b!, b!.group.receive(w.now, m as unknown as FromServer));
    }
    expect(inside).toBeGreaterThan(550);
    expect(b!.texts.length).toBeLessThanOrEqual(1);
    await w.did(b!, b!.group.reset(w.now));
    w.greet(b!.id);
    await w.pass(3000);
    expect(b!.view.code).toBe(a!.view.code);
    for (const { members } of b!.all("members")) for (const m of members) expect(m.person).toMatch(/^p[1-4]$/);
  });
});
