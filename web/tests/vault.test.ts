import { beforeEach, describe, expect, it, vi } from "vitest";

import { toBase64url, utf8 } from "../src/e2ee/bytes";
import { keyFromSeed, personKey, sign, verify } from "../src/e2ee/keys";
import { keyOf } from "../src/e2ee/person";
import { forgetKey, keepKey, keptKey, ORGANISER_KEY, PERSON_KEY_LIFE_MS, personKeyName } from "../src/e2ee/vault";
import { type Invitation, readKept } from "../src/lib/link";
import { fakeIndexedDb } from "./indexedDb";

const key = await keyFromSeed(new Uint8Array(32).fill(1));
const other = await keyFromSeed(new Uint8Array(32).fill(2));
const NOW = 1_800_000_000_000;

/** The tab's storage, as the page has it. */
function fakeTab(): Map<string, string> {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", { setItem: (k: string, v: string) => kept.set(k, v), getItem: (k: string) => kept.get(k) ?? null });
  return kept;
}

describe("the vault", () => {
  beforeEach(() => void fakeIndexedDb());

  it("gives back by name a key that signs the same", async () => {
    expect(await keepKey(ORGANISER_KEY, key)).toBe(true);
    expect(await keepKey("another", other)).toBe(true);
    const kept = await keptKey(ORGANISER_KEY);
    expect(kept?.publicKey).toEqual(key.publicKey);
    const data = utf8("a list");
    expect(await verify(key.publicKey, await sign(kept!, data), data)).toBe(true);
  });

  it("gives nothing for a name that it has not, or no longer", async () => {
    expect(await keptKey("nobody")).toBeUndefined();
    await keepKey("somebody", key);
    await forgetKey("somebody");
    expect(await keptKey("somebody")).toBeUndefined();
  });

  it("does not keep a key that can be read", async () => {
    const { privateKey } = (await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])) as CryptoKeyPair;
    await expect(keepKey("readable", { publicKey: key.publicKey, privateKey })).rejects.toThrow(TypeError);
  });

  it("forgets after the time that was given", async () => {
    const rows = fakeIndexedDb();
    vi.spyOn(Date, "now").mockReturnValue(NOW);
    await keepKey("old", key, NOW);
    await keepKey("young", other, NOW + 1);
    await keepKey(ORGANISER_KEY, key);
    expect(await keptKey("old")).toBeDefined();
    vi.spyOn(Date, "now").mockReturnValue(NOW + 1);
    expect(await keptKey("old")).toBeUndefined();
    expect(await keptKey("young")).toBeDefined();
    await keepKey("new", other);
    expect([...rows.keys()].sort()).toEqual(["new", ORGANISER_KEY, "young"]);
    vi.restoreAllMocks();
  });

  it("says so where nothing may be kept", async () => {
    fakeIndexedDb(true);
    expect(await keepKey("any", key)).toBe(false);
    expect(await keptKey("any")).toBeUndefined();
    await forgetKey("any");
  });
});

describe("the key of who came by a link", () => {
  const secret = new Uint8Array(32).fill(7);
  const link = (): Invitation => ({ meeting: "m1", token: "t", keys: { organiser: "o".repeat(43), secret: toBase64url(secret) } });

  it("is that of the secret, and after a reload the one in the vault", async () => {
    const rows = fakeIndexedDb();
    const tab = fakeTab();
    const first = link();
    const made = await keyOf(first);
    const { publicKey } = await personKey(secret, "m1");
    expect(made?.publicKey).toEqual(publicKey);
    expect(rows.get(personKeyName("m1", toBase64url(publicKey)))!["until"]).toBeGreaterThan(Date.now() + PERSON_KEY_LIFE_MS - 60_000);

    const text = tab.get("parley:token:m1")!;
    expect(text).not.toContain(toBase64url(secret));
    const reloaded = readKept("m1", text);
    expect(reloaded).toEqual({ meeting: "m1", token: "t", keys: { organiser: "o".repeat(43), key: toBase64url(publicKey) } });
    const again = await keyOf(reloaded);
    const data = utf8("a leaf");
    expect(await verify(publicKey, await sign(again!, data), data)).toBe(true);
  });

  it("is made once, and the secret dropped", async () => {
    fakeIndexedDb();
    fakeTab();
    const one = link();
    const both = await Promise.all([keyOf(one), keyOf(one)]);
    expect(both[0]).toBe(both[1]);
    expect(one.keys?.secret).toBeUndefined();
  });

  it("lives in the page alone where nothing may be kept", async () => {
    fakeIndexedDb(true);
    const tab = fakeTab();
    const one = link();
    expect(await keyOf(one)).toBeDefined();
    expect(tab.size).toBe(0); // nothing to be remembered
    expect(await keyOf(one)).toBeDefined();
  });

  it("is none where the browser lost it, or the link has none", async () => {
    fakeIndexedDb();
    expect(await keyOf({ meeting: "m1", token: "t", keys: { organiser: "o", key: "k" } })).toBeUndefined();
    expect(await keyOf({ meeting: "m1", token: "t" })).toBeUndefined();
  });
});
