// What a committer makes of what the server says is waiting: which of it holds, and is to be committed.
import type { GroupWorkToClient } from "../gen/protocol";
import { WHOLE } from "../lib/circles";
import { fromBase64url, toBase64url } from "./bytes";
import type { Manifest } from "./identity";
import * as mls from "./mls";
import { isOf, leafOf, LEAVES_MAX, OUTSIDER, sameClient } from "./rules";

/** `bad_package`: it does not hold; `replayed`: its key was in this group before; `outsider`: of somebody of
 * the meeting whose group this is not. */
export type Refusal = "bad_package" | "replayed" | "outsider";

/** Participants of one commit message. */
export const CHANGES_MAX = 64;

interface Waiting {
  state: mls.State;
  /** The group's. */
  name: string;
  work: Pick<GroupWorkToClient, "add" | "remove">;
  manifest: Manifest;
  valid: mls.Judge["valid"];
  /** MLS keys that were met in this group. */
  used: ReadonlySet<string>;
  /** Packages that were refused before: they are told once. New ones are put in. */
  refused: Set<string>;
  mayAdd: (participant: string) => boolean;
}

export interface Taken {
  add: mls.AddPackage[];
  remove: number[];
  /** Participants, the same in the same order. */
  added: string[];
  /** Those whose removal the server asked for, and who are not in the group after this commit. */
  removed: string[];
  refusals: { why: Refusal; text: string }[];
}

/** The MLS key of a package as it is handed over; undefined: it is none. */
export function packageKey(text: string): string | undefined {
  const bytes = fromBase64url(text);
  const read = bytes && mls.readPackage(bytes);
  return read && toBase64url(read.claim.mlsKey);
}

/** Who left, and who is no longer on the list. Never oneself. */
function leaving(w: Waiting, leaves: ReadonlyMap<number, mls.Claim>): Set<number> {
  const gone = new Set<number>();
  for (const [leaf, claim] of leaves) {
    const { person, device } = leafOf(claim) ?? { person: "", device: "" };
    const left = w.work.remove.some(({ id }) => id === device);
    if (leaf !== mls.ownLeaf(w.state) && (left || !isOf(w.name, person, w.manifest))) gone.add(leaf);
  }
  return gone;
}

/** `keys`: of the packages before it, which must differ. */
async function judged(
  w: Waiting, participant: string, text: string, keys: Set<string>,
): Promise<mls.AddPackage | Refusal> {
  const bytes = fromBase64url(text);
  const read = bytes && mls.readPackage(bytes);
  const leaf = read && leafOf(read.claim);
  if (!read || leaf?.device !== participant) return "bad_package";
  if (isOf(WHOLE, leaf.person, w.manifest) && !isOf(w.name, leaf.person, w.manifest)) return "outsider";
  if (w.used.has(toBase64url(read.claim.mlsKey))) return "replayed";
  if (!(await w.valid(read.claim))) return "bad_package";
  const its = mls.packageKeys(read);
  if (its.some((key) => keys.has(key)) || !(await mls.canAdd(w.state, read))) return "bad_package";
  its.forEach((key) => keys.add(key));
  return read;
}

const TEXTS: Record<Refusal, string> = {
  bad_package: "Somebody who is not on the list of participants was to be added.",
  replayed: "A device was to be added by a key that was used before.",
  outsider: OUTSIDER,
};

export async function takeUp(w: Waiting): Promise<Taken> {
  const leaves = mls.leavesOf(w.state);
  const gone = leaving(w, leaves);
  const keys = new Set<string>();
  const taken: Taken = { add: [], remove: [], added: [], removed: [], refusals: [] };
  let room = LEAVES_MAX - leaves.size + gone.size;
  for (const { participant, package: text } of w.work.add) {
    if (room === 0 || taken.add.length === CHANGES_MAX) break;
    if (w.refused.has(text) || !w.mayAdd(participant) || taken.added.includes(participant)) continue;
    const read = await judged(w, participant, text, keys);
    const former = typeof read === "string" ? undefined : [...leaves].find(([, c]) => sameClient(c, read.claim));
    if (typeof read === "string" || former?.[0] === mls.ownLeaf(w.state)) {
      const why = typeof read === "string" ? read : "bad_package";
      w.refused.add(text);
      taken.refusals.push({ why, text: TEXTS[why] });
      continue;
    }
    if (former) gone.add(former[0]);
    else room--;
    taken.add.push(read);
    taken.added.push(participant);
  }
  taken.remove = [...gone];
  const own = leafOf(leaves.get(mls.ownLeaf(w.state))!)?.device;
  taken.removed = w.work.remove.map(({ id }) => id).filter((id) => id !== own);
  return taken;
}
