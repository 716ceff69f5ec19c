// Whether what somebody else's browser says of the record is so. Anybody may say anything: it counts for what the
// server signed, and for what it cannot show.
import type { Alarm } from "./alarm";
import { isConsistent } from "./consistency";
import { fromBase64 } from "./digest";
import { isShown, type Shown } from "./inclusion";
import type { Checkpoint } from "./note";

/** `holds`: this browser sees it too. `unproven`: nothing shows it. `open`: the server does not answer. */
export type Verdict = "holds" | "unproven" | "open";

export interface Evidence {
  /** Of a signed note: what it says, if it is the server's about this record. Rejects where there is no answer. */
  verified(note: string): Promise<Checkpoint | undefined>;
  /** Hashes in base64; undefined: the server says that there is no such proof. Rejects where there is no answer. */
  proof(from: number, to: number): Promise<readonly string[] | undefined>;
  inclusion(number: number, size: number): Promise<Shown | undefined>;
}

/** Both are the server's: do they go together? */
async function compare(a: Checkpoint, b: Checkpoint, evidence: Evidence): Promise<Verdict> {
  const [first, second] = a.size <= b.size ? [a, b] : [b, a];
  const proof = first.size === second.size ? [] : await evidence.proof(first.size, second.size);
  if (!proof) return "holds";
  const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0));
  return (await isConsistent(first.size, second.size, first.root, second.root, hashes)) ? "unproven" : "holds";
}

/** The server signed so many events: can it show the one of this number, whatever it be? That it shows another than
 * somebody says is the word of the one against that of the other. */
async function ask(event: number, checkpoint: Checkpoint, evidence: Evidence): Promise<Verdict> {
  if (event < 1 || event > checkpoint.size) return "unproven";
  const shown = await evidence.inclusion(event, checkpoint.size);
  const leaf = shown && fromBase64(shown.leaf);
  return leaf && (await isShown(leaf, event, checkpoint, shown.proof)) ? "unproven" : "holds";
}

export async function judge(alarm: Alarm, evidence: Evidence): Promise<Verdict> {
  try {
    const theirs = alarm.theirs ? await evidence.verified(alarm.theirs) : undefined;
    if (!theirs) return "unproven";
    if (alarm.event !== undefined) return await ask(alarm.event, theirs, evidence);
    const ours = alarm.ours ? await evidence.verified(alarm.ours) : undefined;
    return ours ? await compare(ours, theirs, evidence) : "unproven";
  } catch {
    return "open";
  }
}
