import { beforeEach, describe, expect, it } from "vitest";

import { signManifest, verifyManifest, type ManifestDraft } from "../src/e2ee/identity";
import { fingerprint, keyFromSeed, personKey } from "../src/e2ee/keys";
import { noteSeen } from "../src/e2ee/seen";
import { type Host, Protection } from "../src/e2ee/protection.svelte";
import type { Place, Sealing } from "../src/e2ee/sealing";
import type { GroupToClient, ToServer } from "../src/gen/protocol";

const organiser = await keyFromSeed(new Uint8Array(32).fill(1));
let meetings = 0; // each has its own: what was seen of one is remembered

interface Page {
  protection: Protection;
  sent: ToServer[];
  /** What was told of and to the page, in order. */
  log: string[];
  /** Signs and hands over a list of this version, after everything before it. */
  manifest(version: number): Promise<void>;
  created(): GroupToClient;
}

async function page(role = "chair"): Promise<Page> {
  const meeting = `m${meetings++}`;
  const key = await personKey(new Uint8Array(32).fill(2), meeting);
  const draft: ManifestDraft = {
    meeting,
    version: 5,
    encryption: "required",
    seats: [{ id: "NOR", name: "Norway", country: "NO" }],
    people: [{ person: "p1", name: "Anna", role, ...(role === "chair" && { seat: "NOR" }), key: key.publicKey }],
    revoked: [],
    notAfter: Date.now() + 1e6,
  };
  const print = await fingerprint(organiser.publicKey);
  const expected = { meeting, organiser: print };
  const manifest = await verifyManifest(await signManifest(draft, organiser), expected, Date.now());
  noteSeen(manifest);
  const protection = new Protection({ meeting, organiser: print, person: "p1", key, manifest });
  const sent: ToServer[] = [];
  const log: string[] = [];
  const sealing = {
    setEpoch: async ({ epoch }: { epoch: bigint }) => void log.push(`keys ${epoch}`),
    switchTo: (epoch: bigint) => log.push(`switch ${epoch}`),
    expect: (mid: string, origin: Place | null) =>
      log.push(`expect ${mid} ${origin ? `${origin.leaf} ${origin.kind} ${origin.since}` : "nobody"}`),
  } as unknown as Sealing;
  const host: Host = {
    send: (m) => {
      sent.push(m);
      log.push(`send ${m.type}`);
      return true;
    },
    sealing: () => sealing,
    unseal: () => log.push("unseal"),
    shows: (mid, participant, kind) => log.push(`shows ${mid} ${participant} ${kind}`),
    said: (circle, by, text) => log.push(`${circle === "meeting" ? "" : `${circle} `}${by.name}: ${text}`),
    captioned: (by, { language, text, done }) => log.push(`${by.name} captions in ${language}: ${text}${done ? "" : "…"}`),
    here: () => [],
    alarmed: (by, { why, ours, theirs }) => log.push(`${by.name}: ${why} ${ours} ${theirs}`),
    members: () => undefined,
    warn: () => log.push("warn"),
  };
  protection.start(host);
  return {
    protection,
    sent,
    log,
    manifest: async (version) => {
      const signed = await signManifest({ ...draft, version }, organiser);
      protection.receive({ type: "manifest", ...signed });
    },
    created: () => {
      const create = sent.find((m) => m.type === "group_create");
      if (create?.type !== "group_create") throw new Error("no group was made");
      return { type: "group", group: "meeting", id: create.id, epoch: 0, member: true, committer: true };
    },
  };
}

async function until(what: () => boolean): Promise<void> {
  for (let i = 0; i < 400 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
}

/** Somebody alone in their group. */
async function inside(role?: string): Promise<Page> {
  const p = await page(role);
  p.protection.welcome("a");
  p.protection.receive({ type: "group", group: "meeting", epoch: 0, member: false, committer: false });
  await until(() => p.sent.length > 0);
  expect(p.protection.inside).toBe(false);
  expect(p.protection.say("too early")).toBe(false);
  expect(p.protection.caption(CAPTION)).toBe(false);
  p.protection.receive(p.created());
  await until(() => p.protection.inside);
  return p;
}

const CAPTION = { language: "EN", line: 1, text: "Good morning", done: false };

/** What was sealed last comes back. */
async function comesBack(p: Page): Promise<ToServer> {
  await until(() => p.sent.some((m) => m.type === "sealed"));
  const sealed = p.sent.find((m) => m.type === "sealed");
  if (sealed?.type !== "sealed") throw new Error("nothing was sealed");
  p.protection.receive({ ...sealed, by: "a", at: 1 });
  return sealed;
}

describe("captions in an encrypted meeting", () => {
  it("are sealed, marked as what is not kept, and shown when they come back", async () => {
    const p = await inside("captioner");
    expect(p.protection.caption(CAPTION)).toBe(true);
    const sealed = await comesBack(p);
    expect(JSON.stringify(sealed)).not.toContain("morning");
    expect(sealed).toMatchObject({ type: "sealed", group: "meeting", caption: true });
    await until(() => p.log.includes("Anna captions in EN: Good morning…"));
  });

  it("are shown of nobody whom the organiser did not name a captioner", async () => {
    const p = await inside("chair");
    p.protection.caption(CAPTION);
    await comesBack(p);
    await until(() => p.protection.troubles.some((text) => text.includes("no captioner")));
    expect(p.log.some((text) => text.includes("captions in"))).toBe(false);
  });
});

describe("an encrypted meeting in the page", () => {
  let p: Page;
  beforeEach(async () => {
    p = await inside();
  });

  it("acknowledges keys once frames can be opened with them, not before", () => {
    expect(p.log).toEqual(["send group_create", "keys 0", "send group_ack"]);
    expect(p.protection.code).toMatch(/^(\d{5} ){5}\d{5}$/);
    expect(p.protection.members.map(({ name, device }) => [name, device])).toEqual([["Anna", "a"]]);
  });

  it("expects in a slot whom the group has for it, and nobody for who is not in it", () => {
    p.log.length = 0;
    p.protection.fill([{ mid: "1", participant: "a", kind: "camera", source: 3, rtp_timestamp: 0 }]);
    p.protection.fill([{ mid: "2", participant: "b", kind: "camera", source: 4, rtp_timestamp: 0 }]);
    expect(p.log).toEqual(["expect 1 nobody", "expect 1 0 camera 0", "expect 2 nobody"]);
    p.log.length = 0;
    const place: Place = { leaf: 0, kind: "camera", since: 0n };
    p.protection.shows("1", place, 9);
    p.protection.shows("2", place, 9); // the slot is another's
    p.protection.shows("1", { ...place, leaf: 1 }, 9); // nobody's place
    p.protection.shows("1", { ...place, since: 1n }, 9); // one who had it at another time
    expect(p.log).toEqual(["shows 1 a camera"]);
    p.protection.mismatch("1");
    expect(p.protection.mismatched.has("a")).toBe(true);
  });

  it("calls people what the organiser signed", () => {
    type Told = Parameters<Protection["named"]>[0];
    const told = { id: "a", name: "Somebody else", role: "observer", seat: "SWE", seat_name: "Sweden", country: "SE" } as Told;
    const anna = { id: "a", name: "Anna", role: "chair", seat: "NOR", seat_name: "Norway", country: "NO" };
    expect(p.protection.named(told)).toEqual(anna);
    expect(p.protection.named({ ...told, id: "b" }).name).toBe("Somebody else");
  });

  it("seals what is written, and shows it when it comes back", async () => {
    expect(p.protection.say("Hello")).toBe(true);
    await until(() => p.sent.some((m) => m.type === "sealed"));
    const sealed = p.sent.find((m) => m.type === "sealed");
    if (sealed?.type !== "sealed") return;
    expect(JSON.stringify(sealed)).not.toContain("Hello");
    p.protection.receive({ ...sealed, by: "a", at: 1 });
    await until(() => p.log.includes("Anna: Hello"));
  });

  it("spreads that the record was changed past the server", async () => {
    p.protection.spread({ why: "rolled_back", ours: "one", theirs: "other" });
    await until(() => p.sent.some((m) => m.type === "sealed"));
    const sealed = p.sent.find((m) => m.type === "sealed");
    if (sealed?.type !== "sealed") return;
    p.protection.receive({ ...sealed, by: "a", at: 1 });
    await until(() => p.log.includes("Anna: rolled_back one other"));
  });

  it("seals with the new keys as soon as all have them", async () => {
    const state = { type: "group_state", group: "meeting", acked: 1, of: 1 } as const;
    p.log.length = 0;
    p.protection.receive({ ...state, epoch: 1 }); // which is none
    p.protection.receive({ ...state, epoch: 0, of: 2 });
    p.protection.receive({ ...state, epoch: 0 });
    await until(() => p.log.length > 0);
    expect(p.log).toEqual(["switch 0"]);
  });

  it("asks for the commits that are missing, when pictures come under later keys", async () => {
    p.log.length = 0;
    p.protection.later(1n);
    await until(() => p.log.length > 0);
    expect(p.log).toEqual(["send group_resync"]);
  });

  it("uses no key on, as another participant", async () => {
    p.protection.welcome("b");
    expect(p.log.at(-1)).toBe("unseal"); // at once
    await until(() => !p.protection.inside);
    expect(p.log.filter((what) => what === "unseal").length).toBe(1);
  });

  it("nor out of the room", async () => {
    p.protection.outside();
    expect(p.log.at(-1)).toBe("unseal");
    await until(() => !p.protection.inside && p.protection.members.length === 0);
  });

  it("says so when the lock is gone that the chair had set, by a group that begins anew", async () => {
    p.protection.lock(true);
    await until(() => p.sent.some((m) => m.type === "commit"));
    const commit = p.sent.find((m) => m.type === "commit");
    if (commit?.type !== "commit") return;
    p.protection.receive({ type: "handshake", group: "meeting", sequence: 1, epoch: commit.epoch, by: "a", commit: commit.commit, removed: [] });
    await until(() => p.protection.locked);
    expect(p.protection.troubles).toEqual([]);
    p.sent.length = 0;
    p.protection.receive({ type: "group", group: "meeting", epoch: 0, member: false, committer: false });
    await until(() => p.sent.some((m) => m.type === "group_create"));
    p.protection.receive(p.created());
    await until(() => p.protection.inside);
    expect(p.protection.locked).toBe(false);
    expect(p.protection.troubles).toEqual([expect.stringMatching(/was locked, and is not any more/)]);
    expect(p.log).toContain("warn");
  });

  it("goes on as the same participant", async () => {
    p.log.length = 0;
    p.protection.welcome("a");
    await p.manifest(6);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(p.protection.inside).toBe(true);
    expect(p.log).toEqual([]);
  });

  it("has no part in a delegation's group that is not its own, and says so", async () => {
    p.log.length = 0;
    p.protection.receive({ ...p.created(), group: "seat:NOR" });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(p.log).toEqual(["warn"]);
    expect(p.protection.troubles).toEqual(["The server told of a group that is not yours."]);
  });

  it("keeps to the list it has, given an older one", async () => {
    await p.manifest(4);
    await until(() => p.log.includes("warn"));
    expect(p.protection.troubles.length).toBe(1);
    expect(p.protection.inside).toBe(true);
  });
});
