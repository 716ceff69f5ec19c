import { beforeEach, describe, expect, it, vi } from "vitest";

import type { Admission } from "../src/e2ee/admission";
import { toBase64url } from "../src/e2ee/bytes";
import { type Manifest, readFragment, type SignedManifest, verifyManifest } from "../src/e2ee/identity";
import { personKey, sealSeed } from "../src/e2ee/keys";
import { definitionHash, draw, entriesOf, goodUntil, LIST_LIFE_MS, listOf, seatsOf, withoutPerson, withPerson } from "../src/e2ee/organiser";
import { type Admin, AdminError, type Invitation } from "../src/lib/admin";
import { Editor } from "../src/lib/editor.svelte";
import { Late } from "../src/lib/late";
import { Organiser } from "../src/lib/organiser.svelte";
import { fakeIndexedDb } from "./indexedDb";

vi.stubGlobal("navigator", {}); // asked whether the browser may drop what it keeps

const NOW = 1_800_000_000_000;

type Definition = Record<string, unknown> & { people: { name: string; role: string; seat?: string }[] };

/** The server's REST, as far as the page uses it for one meeting. */
class Server {
  /** With what was added since, */
  kept: (Definition & { seats: { id: string; name: string }[] }) | undefined;
  /** and as it was sent. */
  private made = "";
  signed: SignedManifest | undefined;
  invitations: Invitation[] = [];
  /** What was asked, in order. */
  log: string[] = [];
  /** Refuses the next request of this kind. */
  refuses = "";
  /** What its links begin with. */
  base = "http://h/m/m1#1.";
  private tokens = 0;

  private ask(what: string): void {
    this.log.push(what);
    if (this.refuses !== what) return;
    this.refuses = "";
    throw new AdminError("refused", "Not now.");
  }

  private make(person: string): Invitation {
    const { name } = this.kept!.people[Number(person.slice(1)) - 1]!;
    const made = { id: `i${++this.tokens}`, person, name, expires: 0 };
    this.invitations.push(made);
    return { ...made, url: `${this.base}t${this.tokens}` };
  }

  private keep(definition: Definition) {
    this.made = JSON.stringify(definition);
    this.kept = { seats: [], ...structuredClone(definition) };
  }

  create(definition: Definition) {
    this.ask("create");
    this.keep(definition);
    return { id: "m1", invitations: definition.people.map((_, i) => this.make(`p${i + 1}`)) };
  }

  change(_: string, definition: Definition) {
    this.ask("change");
    const was = this.kept!.people;
    this.keep(definition);
    this.signed = undefined;
    const fresh = definition.people.flatMap(({ name, role }, i) =>
      was[i]?.name === name && was[i]?.role === role ? [] : [`p${i + 1}`],
    );
    this.invitations = this.invitations.filter((i) => !fresh.includes(i.person));
    return { id: "m1", invitations: fresh.map((person) => this.make(person)) };
  }

  async definition() {
    return this.made;
  }

  get() {
    return { ...this.kept, invitations: structuredClone(this.invitations) };
  }

  invite(_: string, person: string) {
    this.ask(`invite ${person}`);
    return this.make(person);
  }

  revoke(_: string, id: string) {
    this.ask(`revoke ${id}`);
    this.invitations.find((i) => i.id === id)!.revoked = 1;
  }

  addSeat(_: string, seat: { id: string; name: string }) {
    this.ask(`seat ${seat.id}`);
    if (this.kept!.seats.some(({ id }) => id === seat.id)) throw new AdminError("refused", "There is a seat of this id already.");
    this.kept!.seats.push(seat);
  }

  addPerson(_: string, { name, role, seat }: { name: string; role: string; seat?: string }) {
    this.ask(`add ${name}`);
    this.kept!.people.push({ name, role, ...(seat && { seat }) });
    return this.make(`p${this.kept!.people.length}`);
  }

  async revokePerson(_: string, person: string) {
    this.ask(`revoke ${person}`);
    for (const i of this.invitations) if (i.person === person) i.revoked = 1;
  }

  manifest() {
    return this.signed;
  }

  putManifest(_: string, signed: SignedManifest) {
    this.ask("put");
    this.signed = signed;
  }
}

/** Verified as a participant's browser does it. */
function verified(server: Server, organiser: Organiser): Promise<Manifest> {
  return verifyManifest(server.signed!, { meeting: "m1", organiser: organiser.fingerprint }, Date.now());
}

/** That the link opens: its secret is that of the person on the list, its invitation stands. */
async function opens(link: string, person: string, server: Server, organiser: Organiser): Promise<boolean> {
  const fragment = readFragment(link.slice(link.indexOf("#")));
  if (!fragment || fragment.organiser !== organiser.fingerprint) return false;
  const manifest = await verified(server, organiser);
  const { publicKey } = await personKey(fragment.secret, "m1");
  const invitation = server.invitations.find((i) => `i${fragment.token.slice(1)}` === i.id);
  const listed = manifest.people.get(person);
  return (
    listed !== undefined && toBase64url(listed.key) === toBase64url(publicKey) && !manifest.revoked.has(person) &&
    invitation?.person === person && !invitation.revoked
  );
}

describe("the list that an organiser signs", () => {
  it("has the people of the definition in its order", () => {
    const people = [{ name: "A", role: "chair" }, { name: "B", role: "delegate", seat: "NOR" }];
    expect(entriesOf({ people })).toEqual([
      { person: "p1", name: "A", role: "chair" },
      { person: "p2", name: "B", role: "delegate", seat: "NOR" },
    ]);
    expect(entriesOf({})).toEqual([]);
    const seats = [{ id: "NOR", name: "Norway", country: "NO", weight: 1 }, { id: "EU", name: "Union", country: "" }];
    expect(seatsOf({ seats })).toEqual([{ id: "NOR", name: "Norway", country: "NO" }, { id: "EU", name: "Union" }]);
    expect(seatsOf({})).toEqual([]);
    const [, late] = seatsOf({ seats }, 1);
    expect(late).toEqual({ id: "EU", name: "Union", weight: 1, guest: false });
  });

  it("is good as long as the last invitation", () => {
    const until = NOW + LIST_LIFE_MS;
    expect(goodUntil({ people: [{}, { expires: NOW + 1 }] }, NOW)).toBe(until);
    expect(goodUntil({ people: [{ expires: until + 1 }, {}] }, NOW)).toBe(until + 1);
  });

  it("names a chair who may sign later ones, the one before if that is still a chair", async () => {
    const person = (id: string, role: string) => draw("m1").then(({ key }) => ({ person: id, name: id, role, key }));
    const people = [await person("p1", "secretary"), await person("p2", "chair"), await person("p3", "chair")];
    const before = { late: "p3", revoked: new Set(["p1", "p9"]) } as unknown as Manifest;
    const list = (p: typeof people, b?: Manifest) => listOf("m1", {}, { seats: [], people: p }, b, 4, NOW);
    expect(list(people).late).toBe("p2");
    expect(list(people, before)).toMatchObject({ late: "p3", revoked: ["p1"], version: 4, encryption: "required" });
    expect(list(people.slice(0, 2), before).late).toBe("p2");
    expect(list(people.slice(0, 1)).late).toBeUndefined();
  });

  it("is changed for one, and no other", async () => {
    const [a, b, c] = [await draw("m1"), await draw("m1"), await draw("m1")];
    const people = [{ person: "p1", name: "A", role: "chair", key: a.key }, { person: "p2", name: "B", role: "delegate", key: b.key }];
    const draft = withoutPerson(withoutPerson(listOf("m1", {}, { seats: [], people }, undefined, 1, NOW), "p2"), "p2");
    expect(draft.revoked).toEqual(["p2"]);
    const again = withPerson(draft, { ...people[1]!, key: c.key });
    expect(again.revoked).toEqual([]);
    expect(again.people.map((p) => p.key)).toEqual([a.key, c.key]);
    expect(withPerson(draft, { person: "p3", name: "C", role: "guest", key: c.key }).people.length).toBe(3);
  });
});

/** A meeting of a chair and two observers, made and signed in the page. */
async function prepared() {
  fakeIndexedDb();
  vi.stubGlobal("localStorage", undefined); // what was seen of m1 is another test's
  const server = new Server();
  const organiser = new Organiser();
  await organiser.load();
  await organiser.make(undefined);
  const editor = new Editor(server as unknown as Admin, organiser);
  const { draft } = editor;
  draft.title = "Council";
  draft.lobby = false;
  draft.items = [];
  draft.people = [];
  for (const name of ["Anna", "Bo", "Cy"])
    draft.people.push({ name, role: name === "Anna" ? "chair" : "observer", seat: "", item: "", party: "", language: "", shared: false });
  expect(await editor.save()).toBe(true);
  return { server, organiser, editor };
}

describe("a meeting that is prepared and signed in the page", () => {
  let server: Server;
  let organiser: Organiser;
  let editor: Editor;
  const link = (person: string) => editor.links[person]!;

  beforeEach(async () => ({ server, organiser, editor } = await prepared()));

  it("has a link for each that opens it", async () => {
    expect(server.log).toEqual(["create", "put"]);
    for (const person of ["p1", "p2", "p3"]) expect(await opens(link(person), person, server, organiser)).toBe(true);
    expect(await opens(link("p1"), "p2", server, organiser)).toBe(false);
    expect(await verified(server, organiser)).toMatchObject({ version: 1, encryption: "required", late: "p1" });
    expect((await verified(server, organiser)).definition).toBe(await definitionHash(await server.definition()));
  });

  it("is signed anew when it is changed, and who stays keeps the link", async () => {
    const before = editor.links;
    editor.draft.people[2]!.name = "Dee";
    editor.draft.encryption = "none";
    expect(await editor.save()).toBe(true);
    expect(link("p2")).toBe(before["p2"]);
    expect(link("p3")).not.toBe(before["p3"]);
    for (const person of ["p1", "p2", "p3"]) expect(await opens(link(person), person, server, organiser)).toBe(true);
    expect(await opens(before["p3"]!, "p3", server, organiser)).toBe(false);
    expect(await verified(server, organiser)).toMatchObject({ version: 2, encryption: "none" });
    expect((await verified(server, organiser)).definition).toBe(await definitionHash(await server.definition()));
  });

  it("gives one person another link, and nobody else", async () => {
    const before = editor.links;
    await editor.renew("p2");
    expect(await opens(link("p2"), "p2", server, organiser)).toBe(true);
    expect(await opens(before["p2"]!, "p2", server, organiser)).toBe(false);
    for (const person of ["p1", "p3"]) expect(await opens(before[person]!, person, server, organiser)).toBe(true);
    expect(server.log.slice(2)).toEqual(["put", "revoke i2", "invite p2"]); // no link before its key is listed
  });

  it("withdraws a link, and gives another later", async () => {
    const before = link("p2");
    await editor.withdraw("p2");
    expect(editor.links["p2"]).toBeUndefined();
    expect((await verified(server, organiser)).revoked).toEqual(new Set(["p2"]));
    expect(server.invitations.find((i) => i.person === "p2")!.revoked).toBeDefined();
    await editor.renew("p2");
    expect(await opens(link("p2"), "p2", server, organiser)).toBe(true);
    expect(await opens(before, "p2", server, organiser)).toBe(false);
  });

  it("is opened and signed further in a later page", async () => {
    const first = editor.links;
    const later = new Editor(server as unknown as Admin, organiser);
    await later.open("m1");
    expect(later.signing.standing.kind).toBe("signed");
    later.draft.people[2]!.name = "Dee";
    expect(await later.save()).toBe(true);
    expect(Object.keys(later.links)).toEqual(["p3"]);
    expect(await opens(first["p1"]!, "p1", server, organiser)).toBe(true);
  });

  it("says so where the list could not be signed, and signs it then", async () => {
    server.refuses = "put";
    editor.draft.title = "Council II";
    expect(await editor.save()).toBe(false);
    expect(editor.trouble?.sentence).toBe("Not now.");
    expect(editor.signing.standing.kind).toBe("unsigned");
    await editor.sign();
    for (const person of ["p1", "p2", "p3"]) expect(await opens(link(person), person, server, organiser)).toBe(true);
    expect((await verified(server, organiser)).version).toBeGreaterThan(1); // nobody's browser takes it for an old one
  });

  it("refuses to go on from an older list that the server gives", async () => {
    const old = server.signed;
    await editor.withdraw("p2");
    server.signed = old;
    await expect(editor.renew("p3")).rejects.toThrow(/older/);
    editor.draft.title = "Council II";
    expect(await editor.save()).toBe(false);
    expect(server.log.at(-1)).not.toBe("change");
  });

  it("is another organiser's in another browser", async () => {
    fakeIndexedDb();
    const other = new Organiser();
    await other.load();
    expect(other.key).toBeUndefined();
    await other.make(undefined);
    const theirs = new Editor(server as unknown as Admin, other);
    await theirs.open("m1");
    expect(theirs.signing.standing).toEqual({ kind: "foreign", digits: organiser.digits });
    await expect(theirs.renew("p1")).rejects.toThrow(AdminError);
    expect(server.log).toEqual(["create", "put"]);
  });

  const SWEDEN = { id: "SWE", name: "Sweden", country: "SE", weight: 1, guest: false };

  it("gets a seat more once it is made, on the list before its delegate, whose link opens it", async () => {
    await editor.addSeat(SWEDEN, "Sven");
    expect(server.log.slice(2)).toEqual(["put", "seat SWE", "add Sven", "put"]);
    const list = await verified(server, organiser);
    expect(list.seats.get("SWE")).toEqual(SWEDEN);
    expect(list.definition).toBe(await definitionHash(await server.definition()));
    expect(list.people.get("p4")).toMatchObject({ name: "Sven", role: "delegate", seat: "SWE" });
    for (const person of ["p1", "p2", "p3", "p4"]) expect(await opens(link(person), person, server, organiser)).toBe(true);
    expect([editor.draft.seats.map(({ id }) => id), editor.dirty]).toEqual([["SWE"], false]);
    await expect(editor.addSeat(SWEDEN, "Saga")).rejects.toThrow(/of this id/);
  });

  it("adds no seat that it could not sign, and may sign it otherwise until it is there", async () => {
    server.refuses = "put";
    await expect(editor.addSeat(SWEDEN, "Sven")).rejects.toThrow("Not now.");
    expect(server.kept!.seats).toEqual([]);
    server.refuses = "seat SWE";
    await expect(editor.addSeat({ ...SWEDEN, weight: 4 }, "Sven")).rejects.toThrow("Not now.");
    await editor.addSeat({ ...SWEDEN, weight: 2, guest: true }, "Sven");
    expect([...(await verified(server, organiser)).seats.values()]).toEqual([{ ...SWEDEN, weight: 2, guest: true }]);
    expect(await opens(link("p4"), "p4", server, organiser)).toBe(true);
  });

  it("goes on with the delegate where only that failed", async () => {
    server.refuses = "add Sven";
    await expect(editor.addSeat(SWEDEN, "Sven")).rejects.toThrow("Not now.");
    await editor.addSeat(SWEDEN, "Sven");
    expect(server.log.filter((what) => what === "seat SWE").length).toBe(1);
    expect(await opens(link("p4"), "p4", server, organiser)).toBe(true);
  });

  it("gets somebody more, and nobody without a key", async () => {
    expect(await opens(await editor.addPerson({ name: "Late", role: "observer" }), "p4", server, organiser)).toBe(true);
    server.refuses = "put";
    await expect(editor.addPerson({ name: "Later", role: "observer" })).rejects.toThrow("Not now.");
    expect(server.log.at(-1)).toBe("revoke p5");
  });

  it("takes a seat and its delegate where nobody signed it", async () => {
    server.signed = undefined;
    const open = new Editor(server as unknown as Admin, organiser);
    await open.open("m1");
    await open.addSeat(SWEDEN, "Sven");
    expect(open.links["p4"]).toMatch(/^http:\/\/h\/m\/m1#1\.t\d+$/);
    expect(server.log.slice(2)).toEqual(["seat SWE", "add Sven"]);
    await open.sign(); // with what was added since
    const list = await verified(server, organiser);
    expect(list.seats.get("SWE")).toEqual(SWEDEN);
    expect(list.definition).toBe(await definitionHash(await server.definition()));
    expect(await opens(open.links["p4"]!, "p4", server, organiser)).toBe(true);
    expect([open.draft.seats.map(({ id }) => id), open.draft.people.length]).toEqual([["SWE"], 4]);
  });

  it("made elsewhere, it is signed here, and the links before are withdrawn", async () => {
    server.signed = undefined;
    const later = new Editor(server as unknown as Admin, organiser);
    await later.open("m1");
    expect(later.signing.standing.kind).toBe("unsigned");
    await later.sign();
    expect((await verified(server, organiser)).definition).toBe(await definitionHash(await server.definition()));
    for (const person of ["p1", "p2", "p3"]) expect(await opens(later.links[person]!, person, server, organiser)).toBe(true);
    expect(server.invitations.filter((i) => !i.revoked).length).toBe(3);
  });
});

describe("what a chair signs in the room", () => {
  let server: Server;
  let organiser: Organiser;
  let editor: Editor;
  let admission: Admission;
  const chair = (who = admission) => new Late(who, "t", server as unknown as Admin);

  beforeEach(async () => {
    ({ server, organiser, editor } = await prepared());
    const link = editor.links["p1"]!;
    const key = await personKey(readFragment(link.slice(link.indexOf("#")))!.secret, "m1");
    admission = { meeting: "m1", organiser: organiser.fingerprint, person: "p1", key, manifest: await verified(server, organiser) };
  });

  it("lets somebody more in, by a link that was never before", async () => {
    const link = await chair().add({ name: "Late", role: "observer" });
    expect(await opens(link, "p4", server, organiser)).toBe(true);
    const list = await verified(server, organiser);
    expect(list.version).toBe(2);
    expect(list.people.get("p4")).toMatchObject({ name: "Late", role: "observer" });
    const another = await chair().add({ name: "Later", role: "rapporteur" });
    for (const [one, person] of [[link, "p4"], [another, "p5"], [editor.links["p2"]!, "p2"]] as const)
      expect(await opens(one, person, server, organiser)).toBe(true);
  });

  it("takes somebody out, of late guests too", async () => {
    const link = await chair().add({ name: "Late", role: "observer" });
    await chair().revoke("p4");
    await chair().revoke("p2");
    expect(await opens(link, "p4", server, organiser)).toBe(false);
    expect(await opens(editor.links["p2"]!, "p2", server, organiser)).toBe(false);
    expect(await opens(editor.links["p3"]!, "p3", server, organiser)).toBe(true);
    expect(server.log.slice(-4)).toEqual(["put", "revoke p4", "put", "revoke p2"]); // off the list before all
  });

  it("is taken over by the organiser, who may undo it", async () => {
    const link = await chair().add({ name: "Late", role: "observer" });
    await chair().revoke("p2");
    const later = new Editor(server as unknown as Admin, organiser);
    await later.open("m1");
    await later.renew("p2");
    expect(await opens(later.links["p2"]!, "p2", server, organiser)).toBe(true);
    expect(await opens(link, "p4", server, organiser)).toBe(true);
    expect((await verified(server, organiser)).version).toBe(4);
  });

  const BASES = ["http://h/m/m1?x=1.", "http://h/m/m1/", "http://h/m/m1?x=#1.", "http://h/m/m2#1.", "javascript:1#1.", "http://a@h/m/m1#1.", ""];
  it.each(BASES)("puts no secret where the server would be sent it: %s", async (base) => {
    server.base = base;
    await expect(chair().add({ name: "Late", role: "observer" })).rejects.toThrow(/a link that is none/);
    expect(server.log.at(-1)).toBe("revoke p4");
    expect((await verified(server, organiser)).version).toBe(1);
    await expect(editor.renew("p2")).rejects.toThrow(/a link that is none/);
  });

  it("takes nobody who is on the list for somebody new", async () => {
    await chair().add({ name: "Late", role: "observer" });
    const { people } = server.kept!;
    for (const there of [1, 3]) {
      vi.spyOn(server, "addPerson").mockImplementation(() => ({ id: "i9", person: `p${there + 1}`, name: people[there]!.name, expires: 0, url: `${server.base}t9` }));
      await expect(chair().add({ name: "Another", role: "observer" })).rejects.toThrow(/somebody new/);
    }
    expect((await verified(server, organiser)).version).toBe(2);
  });

  it("leaves nobody without a key where it could not be signed", async () => {
    server.refuses = "put";
    await expect(chair().add({ name: "Late", role: "observer" })).rejects.toThrow("Not now.");
    expect(server.log.at(-1)).toBe("revoke p4");
    expect((await verified(server, organiser)).version).toBe(1);
  });

  it("is nobody else's, and no list's that the organiser did not sign", async () => {
    await expect(chair({ ...admission, person: "p2" }).add({ name: "Late", role: "observer" })).rejects.toThrow(AdminError);
    await expect(chair({ ...admission, organiser: "A".repeat(43) }).revoke("p2")).rejects.toThrow(/another organiser/);
    const old = server.signed;
    await chair().revoke("p3");
    server.signed = old;
    await expect(chair().revoke("p2")).rejects.toThrow(/older/);
    expect(server.log.filter((what) => what === "put").length).toBe(2);
  });
});

describe("the organiser's key in the page", () => {
  const WORDS = "correct horse battery";
  const SLOW_MS = 30_000; // 600 000 rounds for each try of a passphrase

  it("is kept for later pages, with a copy that its passphrase opens elsewhere", { timeout: SLOW_MS }, async () => {
    fakeIndexedDb();
    const first = new Organiser();
    await first.make(WORDS);
    expect(first.kept).toBe(true);
    expect(first.digits).toMatch(/^(\d{5} ){7}\d{5}$/);
    const later = new Organiser();
    await later.load();
    expect(later.fingerprint).toBe(first.fingerprint);
    const copy = JSON.stringify(later.key!.copy);

    fakeIndexedDb();
    const elsewhere = new Organiser();
    expect(await elsewhere.open(copy, "another passphrase")).toBe(false);
    expect(await elsewhere.open("{}", WORDS)).toBe(false);
    expect(await elsewhere.open("no JSON", WORDS)).toBe(false);
    expect(elsewhere.key).toBeUndefined();
    expect(await elsewhere.open(copy, WORDS)).toBe(true);
    expect(elsewhere.fingerprint).toBe(first.fingerprint);
    expect(elsewhere.key!.privateKey.extractable).toBe(false);
  });

  it("may be the one of parley invite", { timeout: SLOW_MS }, async () => {
    fakeIndexedDb();
    const seed = new Uint8Array(32).fill(9);
    const [clear, sealed] = [new Organiser(), new Organiser()];
    expect(await clear.open(`parley organiser key v1 ${toBase64url(seed)}\n`, WORDS)).toBe(true);
    expect(await sealed.open(JSON.stringify(await sealSeed(seed, WORDS)), WORDS)).toBe(true);
    expect(clear.fingerprint).toBe(sealed.fingerprint);
    expect(await clear.open(`parley organiser key v1 ${toBase64url(seed).slice(1)}\n`, WORDS)).toBe(false);
  });

  it("lives in the page where the browser keeps nothing", async () => {
    fakeIndexedDb(true);
    const organiser = new Organiser();
    await organiser.make(undefined);
    expect(organiser.kept).toBe(false);
    expect(organiser.key).toBeDefined();
  });
});
