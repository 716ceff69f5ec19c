import { describe, expect, it } from "vitest";

import { decodeHeader, encodeHeader, FrameKey, importBaseKey, REPLAY_WINDOW, ReplayWindow } from "../src/e2ee/sframe";
import { hex, toHex } from "./hex";

// RFC 9605, C.1, some of 289: all are checked by script/vectors.
const HEADERS: [string, string, string][] = [
  ["0000000000000000", "0000000000000000", "00"],
  ["0000000000000000", "0000000000000001", "01"],
  ["0000000000000000", "00000000000000ff", "08ff"],
  ["0000000000000000", "0000000000000100", "090100"],
  ["0000000000000000", "ffffffffffffffff", "0fffffffffffffffff"],
  ["0000000000000001", "0000000000000000", "10"],
  ["0000000000000007", "0000000000000007", "77"],
  ["0000000000000008", "0000000000000008", "880808"],
  ["00000000000000ff", "0000000000000100", "89ff0100"],
  ["0000000000ffffff", "0000000000000001", "a1ffffff"],
  ["ffffffffffffffff", "ffffffffffffffff", "ffffffffffffffffffffffffffffffffff"],
];

describe("the header", () => {
  it.each(HEADERS)("of KID %s, CTR %s", (kid, ctr, encoded) => {
    const [k, c] = [BigInt(`0x${kid}`), BigInt(`0x${ctr}`)];
    expect(toHex(encodeHeader(k, c))).toBe(encoded);
    const more = hex(`${encoded}aa55`);
    expect(decodeHeader(more)).toEqual({ kid: k, ctr: c, length: encoded.length / 2 });
  });

  it.each(["", "08", "80", "8800", "0900", "f1ffffffffffffff", "88ff", "8801", "0807", "090001", "8907ff"])(
    "cannot be %s",
    (encoded) => expect(decodeHeader(hex(encoded))).toBeUndefined(),
  );

  it("has numbers of at most 64 bits", () => {
    expect(() => encodeHeader(1n << 64n, 0n)).toThrow(RangeError);
    expect(() => encodeHeader(0n, 1n << 64n)).toThrow(RangeError);
  });

  it("of any bytes is read or refused, and what is read is written alike", () => {
    let seed = 9605;
    const byte = () => (seed = (seed * 48271) % 0x7fffffff) & 0xff;
    let read = 0;
    for (let round = 0; round < 5_000; round++) {
      const bytes = Uint8Array.from({ length: byte() % 20 }, byte);
      const header = decodeHeader(bytes);
      if (!header) continue;
      read++;
      if (toHex(encodeHeader(header.kid, header.ctr)) !== toHex(bytes.slice(0, header.length)))
        expect.fail(toHex(bytes));
    }
    expect(read).toBeGreaterThan(1_000);
  });
});

// RFC 9605, C.3, AES_128_GCM_SHA256_128.
const VECTOR = {
  base: "000102030405060708090a0b0c0d0e0f",
  kid: 0x123n,
  ctr: 0x4567,
  metadata: "4945544620534672616d65205747",
  plaintext: "64726166742d696574662d736672616d652d656e63",
  sealed: "9901234567b7412c2513a1b66dbb48841bbaf17f598751176ad847681a69c6d0b091c07018ce4adb34eb",
};

describe("a frame", () => {
  const key = async (use: "encrypt" | "decrypt", kid = VECTOR.kid) =>
    FrameKey.derive(await importBaseKey(hex(VECTOR.base)), kid, use);
  const HEADER_BYTES = 5;
  const open = async (sealed: Uint8Array<ArrayBuffer>, metadata = VECTOR.metadata, kid = VECTOR.kid) =>
    (await key("decrypt", kid)).open(VECTOR.ctr, HEADER_BYTES, hex(metadata), sealed);

  it("is sealed as the RFC has it", async () => {
    const sealed = await (await key("encrypt")).seal(VECTOR.ctr, hex(VECTOR.metadata), hex(VECTOR.plaintext));
    expect(toHex(sealed)).toBe(VECTOR.sealed);
  });

  it("is opened", async () => {
    expect(toHex((await open(hex(VECTOR.sealed)))!)).toBe(VECTOR.plaintext);
  });

  it("is not opened with any bit altered", async () => {
    for (let bit = 0; bit < hex(VECTOR.sealed).length * 8; bit++) {
      const altered = hex(VECTOR.sealed);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      expect(await open(altered), `bit ${bit}`).toBeUndefined();
    }
  });

  it("is not opened with other metadata, by another key, or cut short", async () => {
    expect(await open(hex(VECTOR.sealed), `${VECTOR.metadata}00`)).toBeUndefined();
    expect(await open(hex(VECTOR.sealed), VECTOR.metadata, VECTOR.kid + 1n)).toBeUndefined();
    for (let n = HEADER_BYTES; n < hex(VECTOR.sealed).length; n++)
      expect(await open(hex(VECTOR.sealed).slice(0, n)), `${n} bytes`).toBeUndefined();
  });

  it("has a key that does one thing and cannot be read", async () => {
    await expect((await key("decrypt")).seal(0, hex(""), hex("00"))).rejects.toThrow();
    expect(await (await key("encrypt")).open(VECTOR.ctr, HEADER_BYTES, hex(VECTOR.metadata), hex(VECTOR.sealed))).toBeUndefined();
    const base = await importBaseKey(hex(VECTOR.base));
    await expect(crypto.subtle.exportKey("raw", base)).rejects.toThrow();
  });
});

describe("the window against replays", () => {
  it("takes each number once, in any order", () => {
    const window = new ReplayWindow();
    for (const n of [5, 3, 4, 0, 9]) {
      expect(window.fresh(n)).toBe(true);
      expect(window.take(n)).toBe(true);
      expect(window.fresh(n)).toBe(false);
      expect(window.take(n)).toBe(false);
    }
    expect([1, 2, 6, 7, 8].map((n) => window.fresh(n))).toEqual([true, true, true, true, true]);
  });

  it("is so long", () => {
    const window = new ReplayWindow();
    window.take(REPLAY_WINDOW + 10);
    expect(window.fresh(11)).toBe(true); // the last one of 2048
    expect(window.fresh(10)).toBe(false);
  });

  it.each([1, REPLAY_WINDOW - 1, REPLAY_WINDOW, REPLAY_WINDOW + 1, 5 * REPLAY_WINDOW])("moves on by %i", (step) => {
    const window = new ReplayWindow();
    window.take(7);
    window.take(7 + step);
    expect(window.fresh(7)).toBe(false);
    expect(window.fresh(7 + step)).toBe(false);
    if (step > 1) expect(window.fresh(6 + step)).toBe(true);
    expect(window.fresh(8 + step)).toBe(true);
  });

  it("agrees with a list of what came", () => {
    const window = new ReplayWindow();
    const came = new Set<number>();
    let seed = 2048;
    let highest = -1;
    for (let round = 0; round < 20_000; round++) {
      seed = (seed * 48271) % 0x7fffffff;
      const n = Math.max(0, highest + 200 - (seed % 2_600));
      const fresh = !came.has(n) && n > highest - REPLAY_WINDOW;
      if (window.take(n) !== fresh) expect.fail(`${n} after ${highest}`);
      if (!fresh) continue;
      came.add(n);
      highest = Math.max(highest, n);
    }
  });
});
