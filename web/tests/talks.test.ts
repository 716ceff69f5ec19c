// A delegation's talk in the page, beside the meeting: pages of several people, with a server that only
// carries in between.
import { describe, expect, it, vi } from "vitest";

import { signManifest, verifyManifest, type ManifestDraft } from "../src/e2ee/identity";
import { fingerprint, keyFromSeed, personKey } from "../src/e2ee/keys";
import { Talks } from "../src/e2ee/talks.svelte";
import type { FromServer } from "../src/e2ee/effects";
import type { ToServer } from "../src/gen/protocol";
import { inCircle } from "../src/lib/circles";

vi.setConfig({ testTimeout: 30_000 });

const PEOPLE = [
  { person: "p1", name: "Chair", role: "chair" },
  { person: "p2", name: "Ann", role: "delegate", seat: "NOR" },
  { person: "p3", name: "Bo", role: "adviser", seat: "NOR" },
  { person: "p4", name: "Cem", role: "delegate", seat: "SWE" },
];

class Page {
  readonly read: string[] = [];
  readonly troubles: string[] = [];
  readonly heard: FromServer[] = [];
  constructor(
    readonly id: string,
    readonly talks: Talks,
  ) {}
}

interface Carried {
  id: string;
  epoch: number;
  sequence: number;
  members: string[];
  waiting: { participant: string; package: string }[];
}

class Server {
  readonly pages = new Map<string, Page>();
  readonly groups = new Map<string, Carried>();
  /** Messages that came from pages. */
  readonly came: ToServer[] = [];
  /** These are not carried on. */
  lost: (from: string, m: ToServer) => boolean = () => false;

  tell(to: string, message: FromServer): void {
    const page = this.pages.get(to)!;
    page.heard.push(message);
    page.talks.receive(message);
  }

  of(circle: string): string[] {
    return PEOPLE.filter((p) => inCircle(circle, p) && this.pages.has(p.person)).map((p) => p.person);
  }

  greet(to: string, group: string): void {
    const g = this.groups.get(group);
    const committer = g?.members[0] === to;
    const member = g?.members.includes(to) ?? false;
    this.tell(to, { type: "group", group, ...(g && { id: g.id }), epoch: g?.epoch ?? 0, committer, member });
  }

  private ask(group: string, { epoch, members, waiting }: Carried): void {
    this.tell(members[0]!, { type: "group_work", group, epoch, add: [...waiting], remove: [] });
  }

  serve(from: string, m: ToServer): void {
    this.came.push(m);
    if (!("group" in m) || this.lost(from, m)) return;
    const { group } = m;
    const g = this.groups.get(group);
    if (m.type === "group_create") {
      if (!g) this.groups.set(group, { id: m.id, epoch: 0, sequence: 0, members: [from], waiting: [] });
      for (const to of g ? [from] : this.of(group)) this.greet(to, group);
    } else if (m.type === "key_package" && g) {
      g.waiting.push({ participant: from, package: m.package });
      this.ask(group, g);
    } else if (m.type === "commit" && g) {
      const { epoch, commit } = m;
      for (const to of g.members)
        this.tell(to, { type: "handshake", group, sequence: ++g.sequence, epoch, by: from, commit, removed: [] });
      g.epoch++;
      for (const { id } of m.added) {
        g.members.push(id);
        this.tell(id, { type: "group_welcome", group, epoch: g.epoch, welcome: m.welcome!, by: from });
      }
      g.waiting = g.waiting.filter((w) => !g.members.includes(w.participant));
      if (g.waiting.length > 0) this.ask(group, g);
    } else if (m.type === "sealed" && g) {
      for (const to of g.members) this.tell(to, { ...m, type: "sealed", by: from, at: 1 });
    }
  }
}

const organiser = await keyFromSeed(new Uint8Array(32).fill(1));

async function meet(...who: string[]): Promise<{ server: Server; pages: Page[] }> {
  const keys = await Promise.all(PEOPLE.map((_, i) => personKey(new Uint8Array(32).fill(i + 2), "council")));
  const draft: ManifestDraft = {
    meeting: "council",
    version: 1,
    encryption: "required",
    seats: [...new Set(PEOPLE.flatMap((p) => p.seat ?? []))].map((id) => ({ id, name: id })),
    people: PEOPLE.map((p, i) => ({ ...p, key: keys[i]!.publicKey })),
    revoked: [],
    notAfter: Date.now() + 1e6,
  };
  const print = await fingerprint(organiser.publicKey);
  const signed = await signManifest(draft, organiser);
  const manifest = await verifyManifest(signed, { meeting: "council", organiser: print }, Date.now());
  const server = new Server();
  for (const person of who) {
    const key = keys[PEOPLE.findIndex((p) => p.person === person)]!;
    const talks = new Talks({ meeting: "council", organiser: print, person, key, manifest });
    const page = new Page(person, talks);
    talks.start({
      send: (m) => {
        setTimeout(() => server.serve(person, m));
        return true;
      },
      said: (circle, by, text) => page.read.push(`${circle} ${by.name}: ${text}`),
      here: (circle) => server.of(circle),
      trouble: (text) => page.troubles.push(text),
    });
    talks.welcome(person);
    server.pages.set(person, page);
  }
  return { server, pages: [...server.pages.values()] };
}

async function until(what: () => boolean, ms = 8_000): Promise<void> {
  const end = Date.now() + ms;
  while (!what() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(what()).toBe(true);
}

describe("a delegation's talk", () => {
  it("is read by all of it, also what was written before they had keys, and by nobody else", async () => {
    const { server, pages } = await meet("p1", "p2", "p3", "p4");
    const [chair, ann, bo, cem] = pages as [Page, Page, Page, Page];
    expect(ann.talks.say("seat:NOR", "our line")).toBe(true);
    expect(ann.talks.waiting("seat:NOR")).toEqual(["our line"]);
    await until(() => bo.read.length === 1 && ann.read.length === 1);
    expect(ann.talks.waiting("seat:NOR")).toEqual([]);
    expect([ann.read, bo.read]).toEqual([["seat:NOR Ann: our line"], ["seat:NOR Ann: our line"]]);
    bo.talks.say("seat:NOR", "agreed");
    await until(() => ann.read.length === 2);
    for (const page of [ann, bo])
      expect(page.talks.members("seat:NOR").map(({ name }) => name).sort()).toEqual(["Ann", "Bo"]);
    expect(chair.talks.members("seat:NOR")).toEqual([]);
    expect([...chair.heard, ...cem.heard]).toEqual([]);
    expect(JSON.stringify(server.came)).not.toMatch(/our line|agreed/);
    expect(pages.flatMap((p) => p.troubles)).toEqual([]);
    pages.forEach((p) => p.talks.end());
  });

  it("and notes are two things", async () => {
    const { pages } = await meet("p1", "p2", "p3");
    const [chair, ann, bo] = pages as [Page, Page, Page];
    chair.talks.say("note:NOR", "a word");
    await until(() => [chair, ann, bo].every((p) => p.read.length === 1));
    ann.talks.say("seat:NOR", "what now");
    await until(() => bo.read.length === 2);
    expect(bo.read).toEqual(["note:NOR Chair: a word", "seat:NOR Ann: what now"]);
    expect(chair.read).toEqual(["note:NOR Chair: a word"]);
    pages.forEach((p) => p.talks.end());
  });

  it("does not wait for ever for one who gets no keys", async () => {
    const { server, pages } = await meet("p2", "p3");
    const [ann, bo] = pages as [Page, Page];
    server.lost = (from, m) => from === "p3" && m.type === "key_package";
    ann.talks.say("seat:NOR", "hello?");
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(ann.read).toEqual([]);
    await until(() => ann.read.length === 1);
    expect(bo.read).toEqual([]);
    pages.forEach((p) => p.talks.end());
  });

  it("is not entered by who is not of it, whatever the server says, who tells of it", async () => {
    const { server, pages } = await meet("p1", "p2");
    const [chair, ann] = pages as [Page, Page];
    ann.talks.prepare("seat:NOR");
    await until(() => server.groups.has("seat:NOR"));
    server.greet(chair.id, "seat:NOR");
    server.greet(chair.id, "seat:DEN");
    expect(chair.talks.say("seat:NOR", "me too")).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(chair.troubles).toEqual(Array(2).fill("The server told of a group that is not yours."));
    expect(server.came.map(({ type }) => type)).not.toContain("key_package");
    pages.forEach((p) => p.talks.end());
  });

  it("begins anew when the server knows of none any more", async () => {
    const { server, pages } = await meet("p2", "p3");
    const [ann, bo] = pages as [Page, Page];
    ann.talks.say("seat:NOR", "one");
    await until(() => bo.read.length === 1);
    server.groups.clear(); // it was started again
    for (const page of pages) {
      page.talks.welcome(page.id);
      page.talks.settle();
    }
    ann.talks.say("seat:NOR", "two");
    await until(() => bo.read.length === 2);
    expect(ann.read.at(-1)).toBe("seat:NOR Ann: two");
    pages.forEach((p) => p.talks.end());
  });

  it("stays where it was when the server still tells of it", async () => {
    const { server, pages } = await meet("p2", "p3");
    const [ann, bo] = pages as [Page, Page];
    ann.talks.say("seat:NOR", "one");
    await until(() => bo.read.length === 1);
    for (const page of pages) {
      page.talks.welcome(page.id);
      server.greet(page.id, "seat:NOR");
      page.talks.settle();
    }
    const { length } = server.came;
    ann.talks.say("seat:NOR", "two");
    await until(() => bo.read.length === 2);
    expect(server.came.slice(length).map(({ type }) => type)).toEqual(["sealed"]);
    pages.forEach((p) => p.talks.end());
  });
});
