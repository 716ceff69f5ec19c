import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { verifyRecord } from "../src/record/verify";
import { encode, type Vector, vectors } from "./recordVectors";

const FOLDER = new URL("../../tests/record/", import.meta.url);
const text = readFileSync(new URL("vectors.json", FOLDER), "utf8");

const MAKING_MS = 60_000; // hundreds of keys and signatures, on a machine that does something else too

describe("the table of cases that both verifiers judge", () => {
  it("is the one that is made here", { timeout: MAKING_MS }, () => expect(encode(vectors())).toBe(text));

  const { cases, lines } = JSON.parse(text) as { cases: (Omit<Vector, "lines"> & { lines: number[] })[]; lines: string[] };
  it.each(cases)("$name", async ({ fault, lines: own }) => {
    const file = new TextEncoder().encode(own.map((n) => `${lines[n]!}\n`).join(""));
    const found = (await verifyRecord(file)).fault;
    if (fault === null) expect(found).toBeUndefined();
    else if (lines[own[fault - 1]!]!.startsWith('{"record":"manifest"')) expect([fault, fault + 1]).toContain(found?.line);
    else expect(found?.line).toBe(fault);
  });
});

describe("records that were kept", () => {
  const samples = readdirSync(new URL("samples/", FOLDER)).filter((name) => name.endsWith(".record"));
  it.each(samples)("%s", async (name) => {
    const report = await verifyRecord(new Uint8Array(readFileSync(new URL(`samples/${name}`, FOLDER))));
    expect(report.fault).toBeUndefined();
    expect(report.results).toBeGreaterThan(5);
  });
});
