// Consistency proofs of RFC 6962 and 9162, sound and broken. Run by script/vectors.
import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

import { isConsistent } from "../../src/record/consistency";

interface Vector {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
}

const folder = `${process.env["PARLEY_VECTORS"]}/merkle/consistency`;
const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".json"));
const bytes = (text: string) => Uint8Array.from(Buffer.from(text, "base64"));

it("consistency proofs hold or do not", async () => {
  let checked = 0;
  for (const name of files) {
    const v = JSON.parse(readFileSync(`${folder}/${name}`, "utf8")) as Vector;
    if (v.size1 < 1) continue; // of nothing: a record has one event at least
    const got = await isConsistent(v.size1, v.size2, bytes(v.root1), bytes(v.root2), (v.proof ?? []).map(bytes));
    expect(got, `${name}: ${v.desc}`).toBe(!v.wantErr);
    checked++;
  }
  expect(checked).toBeGreaterThan(50);
});
