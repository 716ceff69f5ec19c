// RFC 9605's vectors, all of its headers and those of the cipher suite that is used. Run by script/vectors.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { decodeHeader, encodeHeader, FrameKey, importBaseKey } from "../../src/e2ee/sframe";
import { hex, toHex } from "../hex";

const SUITE = 4;

interface Vectors {
  header: { kid: number | bigint; ctr: number | bigint; encoded: string }[];
  sframe: {
    cipher_suite: number;
    kid: number;
    ctr: number;
    base_key: string;
    metadata: string;
    pt: string;
    ct: string;
  }[];
}

/** Numbers of more than 53 bits are read from the text itself. */
function load(): Vectors {
  const text = readFileSync(`${process.env["PARLEY_VECTORS"]}/sframe/test-vectors.json`, "utf8");
  const exact = text.replace(/"(kid|ctr)":\s*(\d+)/g, '"$1": "$2"');
  return JSON.parse(exact, (name, value: unknown) => (name === "kid" || name === "ctr" ? BigInt(value as string) : value)) as Vectors;
}

const vectors = load();

describe("RFC 9605", () => {
  it.each(vectors.header)("header of $kid, $ctr", ({ kid, ctr, encoded }) => {
    expect(toHex(encodeHeader(BigInt(kid), BigInt(ctr)))).toBe(encoded);
    expect(decodeHeader(hex(encoded))).toEqual({ kid, ctr, length: encoded.length / 2 });
  });

  const ours = vectors.sframe.filter((v) => v.cipher_suite === SUITE);
  it("has our cipher suite", () => expect(ours.length).toBeGreaterThan(0));

  it.each(ours)("frame of suite $cipher_suite", async ({ kid, ctr, base_key, metadata, pt, ct }) => {
    const base = await importBaseKey(hex(base_key));
    const sealing = await FrameKey.derive(base, BigInt(kid), "encrypt");
    expect(toHex(await sealing.seal(Number(ctr), hex(metadata), hex(pt)))).toBe(ct);
    const { length } = decodeHeader(hex(ct))!;
    const opening = await FrameKey.derive(base, BigInt(kid), "decrypt");
    expect(toHex((await opening.open(Number(ctr), length, hex(metadata), hex(ct)))!)).toBe(pt);
    const altered = hex(ct);
    altered[altered.length - 1]! ^= 1;
    expect(await opening.open(Number(ctr), length, hex(metadata), altered)).toBeUndefined();
  });
});
