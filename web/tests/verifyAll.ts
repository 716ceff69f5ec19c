// For script/mutate: verifies every file of a folder by the page's verifier, and prints the names of those that hold.
import { readdirSync, readFileSync } from "node:fs";

import { verifyRecord } from "../src/record/verify";

const [folder, key] = process.argv.slice(2);
if (!folder || !key) throw new Error("usage: verifyAll.ts FOLDER KEY");
const holds: string[] = [];
for (const name of readdirSync(folder).sort()) {
  const { fault } = await verifyRecord(new Uint8Array(readFileSync(`${folder}/${name}`)), { key });
  if (!fault) holds.push(name);
  else if (name === "good") console.error(fault);
}
console.log(JSON.stringify(holds));
