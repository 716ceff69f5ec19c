import { describe, expect, it } from "vitest";

import {
  BASE_KEY_BYTES,
  INSTANCE_MAX,
  INSTANCES_KEPT,
  keyId,
  Keyring,
  LEAF_MAX,
  MOVED_FRAMES,
  originOf,
} from "../src/e2ee/keyring";

const base = (seed: number) => new Uint8Array(BASE_KEY_BYTES).fill(seed);
const keys = (epoch: number | bigint, leaf = 1, seed = Number(epoch)) => ({
  epoch: BigInt(epoch),
  baseKey: base(seed),
  leaf,
});
const section = {};
const camera = { leaf: 1, kind: "camera" } as const;

/** A ring with epochs of keys; each is added at its time, and used at once. */
async function ringOf(...epochs: number[]) {
  const ring = new Keyring(0);
  for (const epoch of epochs) expect(await ring.add(keys(epoch), 0, Infinity)).toBeUndefined();
  return ring;
}

const kidTaken = async (ring: Keyring, now = 0) => (await ring.take("camera", now)?.key)?.kid;

describe("a KID", () => {
  it("is context, leaf and epoch", () => {
    expect(keyId(0x1ffn, { leaf: 0x22, kind: "microphone" }, 0)).toBe(0x22ffn);
    expect(keyId(0x105n, { leaf: 255, kind: "screen_sound" }, 0)).toBe(0x3ff05n);
    expect(keyId(0n, { leaf: 0, kind: "screen" }, 3)).toBe(0x1a0000n);
  });

  it("tells whose it is", () => {
    for (const kind of ["microphone", "camera", "screen", "screen_sound"] as const)
      for (const leaf of [0, 1, LEAF_MAX])
        for (const instance of [0, 1, INSTANCE_MAX])
          expect(originOf(keyId(300n, { leaf, kind }, instance))).toEqual({ leaf, kind });
  });

  it("is not ours with another source, or too large an instance", () => {
    for (const source of [4n, 5n, 6n, 7n]) expect(originOf(source << 16n)).toBeUndefined();
    expect(originOf((BigInt(INSTANCE_MAX) + 1n) << 19n)).toBeUndefined();
    expect(originOf((1n << 64n) - 1n)).toBeUndefined();
  });
});

describe("counters", () => {
  it("go up by one, for each source from 0", async () => {
    const ring = await ringOf(1);
    expect([1, 2, 3].map(() => ring.take("camera", 0)!.ctr)).toEqual([0, 1, 2]);
    expect(ring.take("microphone", 0)!.ctr).toBe(0);
    expect(ring.take("camera", 0)!.ctr).toBe(3);
  });

  it("begin anew with a new epoch alone", async () => {
    const ring = await ringOf(1);
    ring.take("camera", 0);
    const [first] = [await kidTaken(ring)];
    await ring.add(keys(2), 0, 10);
    expect(ring.take("camera", 0)!.ctr).toBe(0);
    expect(await kidTaken(ring)).not.toBe(first);
  });

  it("end", async () => {
    const ring = new Keyring(0, 2);
    await ring.add(keys(1), 0, Infinity);
    expect([1, 2, 3].map(() => ring.take("camera", 0)?.ctr)).toEqual([0, 1, undefined]);
    expect(ring.take("microphone", 0)?.ctr).toBe(0);
    await ring.add(keys(2), 0, Infinity);
    expect(ring.take("camera", 0)?.ctr).toBe(0);
  });
});

describe("a key that comes again", () => {
  it("is refused, though its epoch was forgotten", async () => {
    const ring = await ringOf(1);
    expect(await ring.add(keys(1), 0, 0)).toBe("reused");
    await ring.add(keys(2), 0, 5);
    ring.expire(5);
    expect(await ring.add(keys(1), 0, 0)).toBe("reused");
    expect(await ring.add(keys(3, 1, 1), 0, 0)).toBe("reused"); // under another number, too
    expect(await kidTaken(ring)).toBe(keyId(2n, camera, 0));
  });

  it("has other KIDs in another worker", async () => {
    const [a, b] = [new Keyring(0), new Keyring(1)];
    await a.add(keys(1), 0, Infinity);
    await b.add(keys(1), 0, Infinity);
    expect(await kidTaken(a)).not.toBe(await kidTaken(b));
  });

  it("is not kept by who gave it", async () => {
    const ring = new Keyring(0);
    const mine = keys(1);
    await ring.add(mine, 0, Infinity);
    expect(mine.baseKey).toEqual(base(1));
    mine.baseKey.fill(9);
    expect(await ring.add(keys(1), 0, Infinity)).toBe("reused");
  });

  it.each([0, 15, 17, 32])("is refused with %i bytes", async (n) => {
    const ring = new Keyring(0);
    expect(await ring.add({ epoch: 1n, baseKey: new Uint8Array(n), leaf: 1 }, 0, 0)).toBe("length");
    expect(ring.take("camera", 0)).toBeUndefined();
  });

  it.each([-1, LEAF_MAX + 1, 1.5, NaN])("is refused for leaf %d", async (leaf) => {
    expect(await new Keyring(0).add(keys(1, leaf), 0, 0)).toBe("leaf");
  });
});

describe("epochs", () => {
  it("seal nothing before the first", async () => {
    const ring = new Keyring(0);
    expect(ring.take("camera", 0)).toBeUndefined();
    await ring.add(keys(1), 100, Infinity);
    expect(ring.take("camera", 99)).toBeUndefined();
    expect(await kidTaken(ring, 100)).toBe(keyId(1n, camera, 0));
  });

  it("open at once, seal when it is time, and go when it is time", async () => {
    const ring = await ringOf(1);
    await ring.add(keys(2), 500, 10_000);
    expect(await kidTaken(ring, 499)).toBe(keyId(1n, camera, 0));
    expect(ring.epochOf(2n, 0)?.number).toBe(2n);
    expect(await kidTaken(ring, 500)).toBe(keyId(2n, camera, 0));
    expect(ring.epochOf(1n, 9_999)?.number).toBe(1n);
    expect(ring.epochOf(1n, 10_000)).toBeUndefined();
    expect(ring.epochOf(2n, 10_000)?.number).toBe(2n);
  });

  it("seal before it is time once everybody has the key", async () => {
    const ring = await ringOf(1);
    await ring.add(keys(2), 500, 10_000);
    ring.switchTo(3n, 100); // not known
    expect(await kidTaken(ring, 100)).toBe(keyId(1n, camera, 0));
    ring.switchTo(2n, 100);
    expect(await kidTaken(ring, 100)).toBe(keyId(2n, camera, 0));
    ring.switchTo(1n, 200); // there is no way back
    expect(await kidTaken(ring, 200)).toBe(keyId(2n, camera, 0));
  });

  it("after the newest are told by their last byte, half of all bytes", async () => {
    expect(new Keyring(0).laterThan(5n)).toBeUndefined();
    const ring = await ringOf(1);
    await ring.add(keys(300), 0, Infinity); // 256 + 44
    const kid = (byte: number) => keyId(BigInt(byte), { leaf: 9, kind: "screen" }, 7);
    expect([45, 43, 44, 171, 172].map((byte) => ring.laterThan(kid(byte)))).toEqual(
      [301n, undefined, undefined, 427n, undefined]);
  });

  it("after a removal are in use before one that was to begin later", async () => {
    const ring = await ringOf(1);
    await ring.add(keys(2), 500, 10_000);
    await ring.add(keys(3), 100, 2_000);
    expect(await kidTaken(ring, 100)).toBe(keyId(3n, camera, 0));
    expect(await kidTaken(ring, 600)).toBe(keyId(3n, camera, 0));
    expect(ring.epochOf(1n, 1_999)?.number).toBe(1n);
    expect([1n, 2n].map((kid) => ring.epochOf(kid, 2_000))).toEqual([undefined, undefined]);
  });

  it("are in use at the latest when the last one goes", async () => {
    const ring = await ringOf(1);
    await ring.add(keys(2), 5_000, 2_000);
    expect(await kidTaken(ring, 2_000)).toBe(keyId(2n, camera, 0));
  });

  it("of the same last byte are never there together", async () => {
    const ring = await ringOf(1, 2);
    await ring.add(keys(257, 1, 77), 0, 10_000);
    expect(ring.epochOf(1n, 0)?.number).toBe(257n);
    expect(ring.epochOf(2n, 0)?.number).toBe(2n);
  });

  it("say when the next one goes", async () => {
    const ring = await ringOf(1);
    expect(ring.expire(0)).toBe(Infinity);
    await ring.add(keys(2), 0, 10);
    expect(ring.expire(0)).toBe(10);
    expect(ring.expire(10)).toBe(Infinity);
  });
});

describe("keys of others", () => {
  it("are found by the KID alone, the whole of it", async () => {
    const epoch = (await ringOf(1)).epochOf(1n, 0)!;
    const kid = keyId(1n, { leaf: 4, kind: "camera" }, 0);
    expect(epoch.incoming(kid)).toBe(epoch.incoming(kid));
    expect((await epoch.incoming(kid)!.key).kid).toBe(kid);
    expect(epoch.incoming(keyId(1n, { leaf: 4, kind: "camera" }, 1))).not.toBe(epoch.incoming(kid));
  });

  it("are bounded for each origin; what nothing came under goes first", async () => {
    const epoch = (await ringOf(1)).epochOf(1n, 0)!;
    const kid = (instance: number) => keyId(1n, { leaf: 4, kind: "camera" }, instance);
    const entries = Array.from({ length: INSTANCES_KEPT }, (_, i) => epoch.incoming(kid(i))!);
    expect(epoch.accept(kid(1), entries[1]!, 0, section)).toBe(true);
    const next = epoch.incoming(kid(100))!;
    expect(epoch.accept(kid(0), entries[0]!, 0, section)).toBe(false); // that one had to go
    expect(epoch.accept(kid(100), next, 0, section)).toBe(true);
    for (let i = 2; i < INSTANCES_KEPT; i++) epoch.accept(kid(i), entries[i]!, 0, section);
    expect(epoch.incoming(kid(101))).toBeUndefined(); // all of them are proven
    expect(epoch.incoming(kid(1))).toBe(entries[1]);
    expect(epoch.incoming(keyId(1n, { leaf: 5, kind: "camera" }, 101))).toBeDefined();
  });

  it("take each counter once", async () => {
    const epoch = (await ringOf(1)).epochOf(1n, 0)!;
    const kid = keyId(1n, camera, 0);
    const entry = epoch.incoming(kid)!;
    expect(epoch.accept(kid, entry, 7, section)).toBe(true);
    expect(epoch.accept(kid, entry, 7, section)).toBe(false);
  });

  it("take each of the last counters once in each section, for sources that move", async () => {
    const entry = (await ringOf(1)).epochOf(1n, 0)!.incoming(keyId(1n, camera, 0))!;
    const [before, after] = [{}, {}];
    for (let ctr = 0; ctr <= 1_000; ctr++) expect(entry.take(ctr, before)).toBe(true);
    const oldest = 1_001 - MOVED_FRAMES;
    expect([oldest - 1, oldest, 1_000, 1_001].map((ctr) => entry.fresh(ctr, after))).toEqual([false, true, true, true]);
    expect(entry.take(oldest - 1, after)).toBe(false);
    expect(entry.take(oldest, after)).toBe(true);
    expect(entry.take(oldest, after)).toBe(false);
    expect(entry.take(1_000, before)).toBe(false);
    expect(entry.take(1_001, after)).toBe(true);
    expect(entry.take(1_001, before)).toBe(true);
  });
});
