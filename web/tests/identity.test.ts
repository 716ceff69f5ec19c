import { describe, expect, it } from "vitest";

import {
  concat,
  decodeFields,
  encodeFields,
  fromBase64url,
  fromUint64,
  toBase64url,
  uint64,
  utf8,
  type Bytes,
} from "../src/e2ee/bytes";
import {
  CLOCK_ALLOWANCE_MS,
  IdentityError,
  LEAF_LIFE_MS,
  organisersVersion,
  PEOPLE_MAX,
  readFragment,
  readLeaf,
  signLate,
  signLeaf,
  signManifest,
  verifyLeaf,
  verifyManifest,
  writeFragment,
  type Expected,
  type ManifestDraft,
  type SignedManifest,
} from "../src/e2ee/identity";
import {
  fingerprint,
  fingerprintDigits,
  keyFromSeed,
  openSeed,
  PASSPHRASE_LETTERS_MIN,
  personKey,
  sealSeed,
  sign,
  verify,
  type SigningKey,
} from "../src/e2ee/keys";
import { noteSeen, seenOf } from "../src/e2ee/seen";

const NOW = 1_800_000_000_000;
const bytesOf = (value: number) => new Uint8Array(32).fill(value);
const hex = (text: string): Bytes => new Uint8Array(text.match(/../g)!.map((pair) => parseInt(pair, 16)));
const hexOf = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

async function problem(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof IdentityError)) throw error ?? new Error("it was accepted");
  expect(error.message).toMatch(/^[A-Z][^.]+.*\.$/s);
  return error.problem;
}

interface World {
  organiser: SigningKey;
  keys: Record<string, SigningKey>;
  draft: ManifestDraft;
  signed: SignedManifest;
  expected: Expected;
}

async function world(change: Partial<ManifestDraft> = {}): Promise<World> {
  const organiser = await keyFromSeed(bytesOf(1));
  const keys: Record<string, SigningKey> = {};
  for (const [i, id] of ["p1", "p2", "p3", "p4"].entries())
    keys[id] = await personKey(bytesOf(100 + i), "council");
  const draft: ManifestDraft = {
    meeting: "council",
    version: 3,
    encryption: "required",
    seats: [
      { id: "NOR", name: "Norway", country: "NO" },
      { id: "NGA", name: "Nigeria" },
      { id: "a.b", name: "Nobody's" },
    ],
    people: [
      { person: "p1", name: "The chair", role: "chair", key: keys["p1"]!.publicKey },
      { person: "p2", name: "Ms Dahl", role: "delegate", seat: "NOR", key: keys["p2"]!.publicKey },
      { person: "p3", name: "Mr Okoye", role: "delegate", seat: "NGA", key: keys["p3"]!.publicKey },
    ],
    revoked: [],
    late: "p1",
    notAfter: NOW + 86_400_000,
    ...change,
  };
  const signed = await signManifest(draft, organiser);
  const expected = { meeting: "council", organiser: await fingerprint(organiser.publicKey) };
  return { organiser, keys, draft, signed, expected };
}

/** The text changed, and signed again. */
async function rewritten(w: World, change: (json: Record<string, unknown>) => void) {
  const json = JSON.parse(w.signed.manifest) as Record<string, unknown>;
  change(json);
  const manifest = JSON.stringify(json);
  const signature = await sign(w.organiser, concat(utf8("parley manifest v1\n"), utf8(manifest)));
  return { ...w.signed, manifest, signature: toBase64url(signature) };
}

describe("bytes", () => {
  it("have one spelling in base64url (RFC 4648, 10)", () => {
    const cases: [string, string][] = [
      ["", ""], ["f", "Zg"], ["fo", "Zm8"], ["foo", "Zm9v"], ["foob", "Zm9vYg"], ["foobar", "Zm9vYmFy"],
    ];
    for (const [plain, spelt] of cases) {
      expect(toBase64url(utf8(plain))).toBe(spelt);
      expect(fromBase64url(spelt)).toEqual(utf8(plain));
    }
    expect(toBase64url(new Uint8Array([0xfb, 0xff]))).toBe("-_8");
    for (const bad of ["Z", "Zg==", "Zh", "Zm9", "+/8", "Zm9v\n"]) expect(fromBase64url(bad)).toBeUndefined();
  });

  it("are fields that come back, or are none", () => {
    const fields = [utf8("a"), new Uint8Array(0), new Uint8Array(300).fill(7)];
    const all = encodeFields(...fields);
    expect(decodeFields(all, 3)).toEqual(fields);
    for (const count of [2, 4]) expect(decodeFields(all, count)).toBeUndefined();
    for (let cut = 0; cut < all.length; cut++) expect(decodeFields(all.subarray(0, cut), 3)).toBeUndefined();
    expect(decodeFields(encodeFields(new Uint8Array(0xffff)), 1)?.[0]?.length).toBe(0xffff);
    expect(() => encodeFields(new Uint8Array(0x10000))).toThrow(RangeError);
  });

  it("hold numbers up to what a number holds", () => {
    expect(fromUint64(uint64(Number.MAX_SAFE_INTEGER))).toBe(Number.MAX_SAFE_INTEGER);
    expect(fromUint64(hex("0020000000000000"))).toBeUndefined();
    expect(fromUint64(new Uint8Array(7))).toBeUndefined();
  });
});

describe("keys", () => {
  it("sign as RFC 8032 says (7.1, test 2)", async () => {
    const key = await keyFromSeed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
    expect(hexOf(key.publicKey)).toBe("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    const signature = await sign(key, new Uint8Array([0x72]));
    expect(hexOf(signature)).toBe(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    );
    expect(await verify(key.publicKey, signature, new Uint8Array([0x72]))).toBe(true);
    expect(await verify(key.publicKey, signature, new Uint8Array([0x73]))).toBe(false);
    expect(await verify(bytesOf(255), signature, new Uint8Array([0x72]))).toBe(false);
    expect(await verify(key.publicKey, signature.slice(1), new Uint8Array([0x72]))).toBe(false);
  });

  it("cannot be read once they are made", async () => {
    const { privateKey } = await keyFromSeed(bytesOf(1));
    await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow();
  });

  it("of a person differ by secret and by meeting, and are the same every time", async () => {
    const [a, again, other, elsewhere] = await Promise.all([
      personKey(bytesOf(1), "council"),
      personKey(bytesOf(1), "council"),
      personKey(bytesOf(2), "council"),
      personKey(bytesOf(1), "plenary"),
    ]);
    expect(hexOf(a.publicKey)).toBe(hexOf(again.publicKey));
    expect(new Set([a, other, elsewhere].map((k) => hexOf(k.publicKey))).size).toBe(3);
  });

  it("of a person are what the server's command makes, too", async () => {
    // By Python's hmac and `openssl pkey`.
    const key = await personKey(bytesOf(0x42), "council");
    expect(hexOf(key.publicKey)).toBe("72748c592f397c42e9a82073287b7ca5c3d8b7e3c373165582a8f441e3c71c02");
  });

  it("have a fingerprint of eight groups of five digits", async () => {
    const text = await fingerprint(bytesOf(0));
    expect(text).toBe("Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU");
    expect(fingerprintDigits(text)).toBe("23181 20599 60523 21280 18917 18131 94429 40261");
    expect(fingerprintDigits("Zmh6")).toBeUndefined();
  });

  it("are backed up with a passphrase", { timeout: 30_000 }, async () => {
    const file = JSON.parse(JSON.stringify(await sealSeed(bytesOf(9), "correct horse battery")));
    expect(JSON.stringify(file)).not.toContain(toBase64url(bytesOf(9)));
    expect(await openSeed(file, "correct horse battery")).toEqual(bytesOf(9));
    expect(await openSeed(file, "correct horse batterz")).toBeUndefined();
    for (const bad of [null, {}, { ...file, v: 2 }, { ...file, nonce: "AAAA" }, { ...file, sealed: "!" }])
      expect(await openSeed(bad, "correct horse battery")).toBeUndefined();
    expect(await openSeed({ ...file, iterations: 10_000_001 }, "correct horse battery")).toBeUndefined();
    await expect(sealSeed(bytesOf(9), "x".repeat(PASSPHRASE_LETTERS_MIN - 1))).rejects.toThrow(/at least/);
  });
});

describe("a manifest", () => {
  it("is read when the organiser of the invitation signed it", async () => {
    const w = await world({ revoked: ["p9"] });
    const m = await verifyManifest(w.signed, w.expected, NOW);
    expect([m.meeting, m.version, m.encryption, m.late]).toEqual(["council", 3, "required", "p1"]);
    expect([...m.people.keys()]).toEqual(["p1", "p2", "p3"]);
    expect(m.people.get("p2")).toMatchObject({ name: "Ms Dahl", role: "delegate", seat: "NOR" });
    expect(m.seats.get("NOR")).toEqual({ id: "NOR", name: "Norway", country: "NO" });
    expect([...m.seats.keys()]).toEqual(["NOR", "NGA", "a.b"]);
    expect([...m.revoked]).toEqual(["p9"]);
  });

  it("is refused from another organiser", async () => {
    const w = await world();
    const forger = await keyFromSeed(bytesOf(66));
    const forged = await signManifest(w.draft, forger);
    expect(await problem(verifyManifest(forged, w.expected, NOW))).toBe("other_organiser");
    // The right key's name over the forger's signature.
    const mixed = { ...forged, key: w.signed.key };
    expect(await problem(verifyManifest(mixed, w.expected, NOW))).toBe("bad_signature");
  });

  it("is refused when one letter of it differs", async () => {
    const w = await world();
    const changed = { ...w.signed, manifest: w.signed.manifest.replace("Dahl", "Dohl") };
    expect(await problem(verifyManifest(changed, w.expected, NOW))).toBe("bad_signature");
  });

  it("is refused for another meeting, and after its time", async () => {
    const w = await world();
    expect(await problem(verifyManifest(w.signed, { ...w.expected, meeting: "plenary" }, NOW))).toBe(
      "other_meeting",
    );
    const last = w.draft.notAfter + CLOCK_ALLOWANCE_MS;
    await verifyManifest(w.signed, w.expected, last);
    expect(await problem(verifyManifest(w.signed, w.expected, last + 1))).toBe("expired");
  });

  it("does not go back, and is one to a version", async () => {
    const w = await world();
    const { version, hash } = await verifyManifest(w.signed, w.expected, NOW);
    const again = { ...w.expected, seen: { version, hash } };
    await verifyManifest(w.signed, again, NOW);
    const older = await signManifest({ ...w.draft, version: 2 }, w.organiser);
    expect(await problem(verifyManifest(older, again, NOW))).toBe("rollback");
    const twin = await signManifest({ ...w.draft, revoked: ["p3"] }, w.organiser);
    expect(await problem(verifyManifest(twin, again, NOW))).toBe("two_versions");
  });

  const WRONG: [string, (json: Record<string, unknown>) => void][] = [
    ["v", (j) => (j["v"] = 2)],
    ["suite", (j) => (j["suite"] = 2)],
    ["encryption", (j) => (j["encryption"] = "maybe")],
    ["meeting", (j) => (j["meeting"] = "a/b")],
    ["version", (j) => (j["version"] = 1.5)],
    ["version", (j) => (j["version"] = -1)],
    ["not_after", (j) => (j["not_after"] = "soon")],
    ["revoked", (j) => (j["revoked"] = "p1")],
    ["revoked[0]", (j) => (j["revoked"] = [7])],
    ["late", (j) => (j["late"] = "")],
    ["seats", (j) => delete j["seats"]],
    ["seats[0].id", (j) => ((j["seats"] as Record<string, unknown>[])[0]!["id"] = "a b")],
    ["seats[1].id", (j) => ((j["seats"] as Record<string, unknown>[])[1]!["id"] = "NOR")],
    ["seats[0].name", (j) => delete (j["seats"] as Record<string, unknown>[])[0]!["name"]],
    ["seats[0].country", (j) => ((j["seats"] as Record<string, unknown>[])[0]!["country"] = "no")],
    ["people[1].seat", (j) => ((j["people"] as Record<string, unknown>[])[1]!["seat"] = "SWE")],
    ["people", (j) => (j["people"] = {})],
    ["people[0]", (j) => (j["people"] = [null])],
    ["people[1].key", (j) => ((j["people"] as Record<string, unknown>[])[1]!["key"] = "AAAA")],
    ["people[1].key", (j) => {
      const people = j["people"] as Record<string, unknown>[];
      people[1]!["key"] = people[0]!["key"];
    }],
    ["people[1].person", (j) => ((j["people"] as Record<string, unknown>[])[1]!["person"] = "p1")],
    ["people[1].person", (j) => ((j["people"] as Record<string, unknown>[])[1]!["person"] = "organiser")],
    ["people[0].name", (j) => ((j["people"] as Record<string, unknown>[])[0]!["name"] = 5)],
    ["people[0].role", (j) => delete (j["people"] as Record<string, unknown>[])[0]!["role"]],
    ["base", (j) => (j["base"] = 1)],
  ];
  for (const [i, [field, change]] of WRONG.entries()) {
    it(`names what is wrong in it: ${field} (${i})`, async () => {
      const w = await world();
      const work = verifyManifest(await rewritten(w, change), w.expected, NOW);
      await expect(work).rejects.toThrow(`: ${field} is wrong.`);
      expect(await problem(work)).toBe("malformed");
    });
  }

  it("that is no JSON is refused like that", async () => {
    const w = await world();
    for (const manifest of ["", "[]", "{", "null"]) {
      const signature = await sign(w.organiser, concat(utf8("parley manifest v1\n"), utf8(manifest)));
      const work = verifyManifest({ ...w.signed, manifest, signature: toBase64url(signature) }, w.expected, NOW);
      expect(await problem(work)).toBe("malformed");
    }
  });

  it("names so many people and no more", async () => {
    const w = await world();
    const crowd = (n: number) =>
      rewritten(w, (j) => {
        j["people"] = Array.from({ length: n }, (_, i) => ({
          person: `p${i}`,
          name: "x",
          role: "observer",
          key: toBase64url(concat(uint64(i), new Uint8Array(24))),
        }));
      });
    expect((await verifyManifest(await crowd(PEOPLE_MAX), w.expected, NOW)).people.size).toBe(PEOPLE_MAX);
    expect(await problem(verifyManifest(await crowd(PEOPLE_MAX + 1), w.expected, NOW))).toBe("malformed");
  });
});

describe("a later version by the chair", () => {
  const guest = (w: World) => ({
    person: "p4", name: "Late guest", role: "observer", key: w.keys["p4"]!.publicKey,
  });

  async function late(w: World, change: Partial<ManifestDraft>, by = "p1", base = w.signed) {
    return signLate({ ...w.draft, version: 4, ...change }, base, by, w.keys[by]!);
  }

  it("may name people and revoke some, and needs nothing but itself to be verified", async () => {
    const w = await world();
    const signed = await late(w, { people: [...w.draft.people, guest(w)], revoked: ["p3"] });
    const m = await verifyManifest(signed, w.expected, NOW);
    expect([...m.people.keys()]).toEqual(["p1", "p2", "p3", "p4"]);
    expect([...m.revoked]).toEqual(["p3"]);
    // The next one stands on the organiser's own again.
    const next = await late(w, { version: 5 }, "p1", organisersVersion(signed));
    expect((await verifyManifest(next, w.expected, NOW)).version).toBe(5);
    expect(organisersVersion(next)).toEqual(w.signed);
  });

  const NOT_ALLOWED: [string, (w: World) => Promise<SignedManifest>][] = [
    ["by somebody else", (w) => late(w, {}, "p2")],
    ["by who was revoked", async (w) => {
      const revoked = await signManifest({ ...w.draft, revoked: ["p1"] }, w.organiser);
      return late(w, { revoked: ["p1"] }, "p1", revoked);
    }],
    ["where nobody may", async (w) => {
      const { late: _, ...draft } = w.draft;
      return late({ ...w, draft }, {}, "p1", await signManifest(draft, w.organiser));
    }],
    ["another meeting", (w) => late(w, { meeting: "plenary" })],
    ["another definition", (w) => late(w, { definition: "0".repeat(64) })],
    ["no encryption", (w) => late(w, { encryption: "none" })],
    ["the right passed on", (w) => late(w, { late: "p2" })],
    ["another seat's name", (w) => late(w, { seats: [{ id: "NOR", name: "Sweden", country: "NO" }, ...w.draft.seats.slice(1)] })],
    ["another flag", (w) => late(w, { seats: [{ id: "NOR", name: "Norway", country: "SE" }, ...w.draft.seats.slice(1)] })],
    ["a seat more", (w) => late(w, { seats: [...w.draft.seats, { id: "SWE", name: "Sweden" }] })],
    ["a seat fewer", (w) => late(w, { seats: w.draft.seats.slice(0, 2) })],
    ["a longer life", (w) => late(w, { notAfter: w.draft.notAfter + 1 })],
    ["somebody dropped", (w) => late(w, { people: w.draft.people.slice(0, 2) })],
    ["another key", (w) => late(w, {
      people: w.draft.people.map((p) => (p.person === "p2" ? { ...p, key: w.keys["p4"]!.publicKey } : p)),
    })],
    ["another role", (w) => late(w, {
      people: w.draft.people.map((p) => (p.person === "p2" ? { ...p, role: "observer" } : p)),
    })],
    ["a second chair", (w) => late(w, { people: [...w.draft.people, { ...guest(w), role: "chair" }] })],
    ["without the organiser's own", async (w) => {
      const { base: _, ...json } = JSON.parse((await late(w, {})).manifest);
      const manifest = JSON.stringify(json);
      const signature = await sign(w.keys["p1"]!, concat(utf8("parley manifest v1\n"), utf8(manifest)));
      return { ...w.signed, manifest, signature: toBase64url(signature), signed_by: "p1" };
    }],
  ];
  for (const [what, make] of NOT_ALLOWED) {
    it(`is refused: ${what}`, async () => {
      const w = await world();
      expect(await problem(verifyManifest(await make(w), w.expected, NOW))).toBe("not_allowed");
    });
  }

  it("undoes nothing of an earlier one that was seen, which the organiser alone may", async () => {
    const w = await world();
    const people = [...w.draft.people, guest(w)];
    const first = await verifyManifest(await late(w, { people, revoked: ["p3"] }), w.expected, NOW);
    noteSeen(first);
    const expected = { ...w.expected, seen: seenOf(first.meeting, first.organiser) };
    const after = async (change: Partial<ManifestDraft>) => verifyManifest(await late(w, { version: 5, people, revoked: ["p3"], ...change }), expected, NOW);
    expect(await problem(after({ people: w.draft.people }))).toBe("rollback");
    expect(await problem(after({ people: people.with(3, { ...guest(w), name: "Another" }) }))).toBe("rollback");
    expect(await problem(after({ people: people.with(3, { ...guest(w), key: w.keys["p1"]!.publicKey.toReversed() }) }))).toBe("rollback");
    expect(await problem(after({ revoked: [] }))).toBe("rollback");
    expect((await after({ revoked: ["p2", "p3"] })).version).toBe(5);
    const undone = await verifyManifest(await signManifest({ ...w.draft, version: 6 }, w.organiser), expected, NOW);
    expect([undone.people.size, undone.revoked.size]).toEqual([3, 0]);
  });

  it("names the definition for as long as one that was seen did", async () => {
    const w = await world({ version: 4 }); // no older than what the test before noted
    const definition = "0".repeat(64);
    const first = await verifyManifest(await signManifest({ ...w.draft, definition }, w.organiser), w.expected, NOW);
    expect(first.definition).toBe(definition);
    noteSeen(first);
    const expected = { ...w.expected, seen: seenOf(first.meeting, first.organiser) };
    expect(await problem(verifyManifest(await signManifest({ ...w.draft, version: 5 }, w.organiser), expected, NOW))).toBe("rollback");
  });

  it("is refused: a revocation of the organiser undone", async () => {
    const w = await world({ revoked: ["p3"] });
    expect(await problem(verifyManifest(await late(w, { revoked: [] }), w.expected, NOW))).toBe("not_allowed");
  });

  it("is refused: not newer than the organiser's", async () => {
    const w = await world();
    expect(await problem(verifyManifest(await late(w, { version: 3 }), w.expected, NOW))).toBe("rollback");
  });

  it("is refused: on an older base than the organiser's newest that was seen", async () => {
    const w = await world();
    const newest = await signManifest({ ...w.draft, version: 5, revoked: ["p3"] }, w.organiser);
    const { version, hash, organisers } = await verifyManifest(newest, w.expected, NOW);
    expect(organisers).toBe(5);
    const expected = { ...w.expected, seen: { version, hash, organisers } };
    expect(await problem(verifyManifest(await late(w, { version: 6 }), expected, NOW))).toBe("rollback");
    const onIt = await verifyManifest(await late(w, { version: 6, revoked: ["p3"] }, "p1", newest), expected, NOW);
    expect([onIt.version, onIt.organisers]).toEqual([6, 5]);
    const next = { ...w.expected, seen: { version: 6, hash: onIt.hash, organisers: 5 } };
    expect(await problem(verifyManifest(await late(w, { version: 7 }), next, NOW))).toBe("rollback");
    const undone = await verifyManifest(await signManifest({ ...w.draft, version: 7 }, w.organiser), next, NOW);
    expect([...undone.revoked]).toEqual([]);
  });

  it("of the organiser's is remembered", async () => {
    const w = await world();
    const m = await verifyManifest(await late(w, {}), w.expected, NOW);
    noteSeen(m);
    const entries = Object.fromEntries(m.entries);
    expect(Object.keys(entries)).toEqual(["p1", "p2", "p3"]);
    expect(seenOf(m.meeting, m.organiser)).toEqual({ version: 4, hash: m.hash, organisers: 3, defined: false, entries, revoked: [] });
  });

  it("that is older takes no place in the memory of a newer one, whichever was verified last", async () => {
    const w = await world();
    const [older, newer] = [await late(w, { version: 8 }), await late(w, { version: 9 })];
    const [a, b] = await Promise.all([older, newer].map((signed) => verifyManifest(signed, w.expected, NOW)));
    noteSeen(b!);
    noteSeen(a!);
    expect(seenOf(b!.meeting, b!.organiser)).toMatchObject({ version: 9, hash: b!.hash, organisers: 3 });
  });

  it("is refused: another hand than the one it names", async () => {
    const w = await world();
    const forged = await signLate({ ...w.draft, version: 4 }, w.signed, "p1", w.keys["p2"]!);
    expect(await problem(verifyManifest(forged, w.expected, NOW))).toBe("bad_signature");
  });

  it("is refused: on a base that the organiser did not sign", async () => {
    const w = await world();
    const base = await signManifest({ ...w.draft, late: "p2" }, await keyFromSeed(bytesOf(66)));
    const forged = await late({ ...w, draft: { ...w.draft, late: "p2" } }, {}, "p2", { ...base, key: w.signed.key });
    expect(await problem(verifyManifest(forged, w.expected, NOW))).toBe("bad_signature");
  });
});

describe("a leaf", () => {
  const place = { meeting: "council", groupId: utf8("council-0123") };
  const mlsKey = bytesOf(5);
  const leaf = { person: "p2", device: "c7", expires: NOW + LEAF_LIFE_MS };

  async function setting(change: Partial<ManifestDraft> = {}) {
    const w = await world(change);
    const manifest = await verifyManifest(w.signed, w.expected, NOW);
    const identity = await signLeaf(place, leaf, mlsKey, w.keys["p2"]!);
    return { w, manifest, identity };
  }

  it("is of the person whose key signed it", async () => {
    const { manifest, identity } = await setting();
    expect(await verifyLeaf(manifest, place, identity, mlsKey, NOW)).toEqual(leaf);
  });

  it("is not good for another MLS key, group or meeting", async () => {
    const { manifest, identity } = await setting();
    expect(await problem(verifyLeaf(manifest, place, identity, bytesOf(6), NOW))).toBe("bad_signature");
    const elsewhere = { ...place, groupId: utf8("council-4567") };
    expect(await problem(verifyLeaf(manifest, elsewhere, identity, mlsKey, NOW))).toBe("bad_signature");
    const other = { ...place, meeting: "plenary" };
    expect(await problem(verifyLeaf(manifest, other, identity, mlsKey, NOW))).toBe("other_meeting");
  });

  it("is not signed by another person for them", async () => {
    const { w, manifest } = await setting();
    const forged = await signLeaf(place, leaf, mlsKey, w.keys["p3"]!);
    expect(await problem(verifyLeaf(manifest, place, forged, mlsKey, NOW))).toBe("bad_signature");
  });

  it("is of nobody who is not on the list, or was revoked", async () => {
    const { w, manifest } = await setting();
    const stranger = await signLeaf(place, { ...leaf, person: "p4" }, mlsKey, w.keys["p4"]!);
    expect(await problem(verifyLeaf(manifest, place, stranger, mlsKey, NOW))).toBe("unknown_person");
    const { manifest: without, identity } = await setting({ revoked: ["p2"] });
    expect(await problem(verifyLeaf(without, place, identity, mlsKey, NOW))).toBe("revoked");
  });

  it("ends, and does not last longer than leaves may", async () => {
    const { w, manifest, identity } = await setting();
    const last = leaf.expires + CLOCK_ALLOWANCE_MS;
    await verifyLeaf(manifest, place, identity, mlsKey, last);
    expect(await problem(verifyLeaf(manifest, place, identity, mlsKey, last + 1))).toBe("expired");
    const at = async (expires: number) =>
      verifyLeaf(manifest, place, await signLeaf(place, { ...leaf, expires }, mlsKey, w.keys["p2"]!), mlsKey, NOW);
    await at(NOW + LEAF_LIFE_MS + CLOCK_ALLOWANCE_MS);
    expect(await problem(at(NOW + LEAF_LIFE_MS + CLOCK_ALLOWANCE_MS + 1))).toBe("malformed");
  });

  it("is refused with any byte of it gone or changed, and never breaks the reader", async () => {
    const { manifest, identity } = await setting();
    for (let i = 0; i < identity.length; i++) {
      const changed = identity.slice();
      changed[i]! ^= 0x55;
      await problem(verifyLeaf(manifest, place, changed, mlsKey, NOW));
      expect(() => readLeaf(identity.subarray(0, i))).toThrow(IdentityError);
    }
  });
});

describe("the fragment of a link", () => {
  const fragment = { token: "tok_EN-1", secret: bytesOf(3), organiser: toBase64url(bytesOf(4)) };

  it("comes back", () => {
    expect(readFragment(writeFragment(fragment))).toEqual(fragment);
  });

  it("is none without all of its parts", () => {
    const whole = writeFragment(fragment);
    for (const bad of ["", "#1.tok", whole.slice(0, -1), `${whole}A`, whole.replace("#1.", "#2.")])
      expect(readFragment(bad)).toBeUndefined();
  });
});
