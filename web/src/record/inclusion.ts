// That a leaf is in a tree (RFC 9162, 2.1.3.2).
import { type Bytes, fromBase64, join, same, sha256 } from "./digest";

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

/** What the server shows: the leaf's hash as it has it, and the path. */
export interface Shown {
  leaf: string;
  proof: readonly string[];
}

export function leafOf(event: Bytes): Promise<Bytes> {
  return sha256(join(LEAF, event));
}

/** Of leaf `index`, from 0, in a tree of `size`; whole numbers. */
export async function isIncluded(leaf: Bytes, index: number, size: number, root: Bytes, proof: readonly Bytes[]): Promise<boolean> {
  if (index < 0 || index >= size) return false;
  let fn = BigInt(index);
  let sn = BigInt(size) - 1n;
  let hash = leaf;
  for (const other of proof) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      hash = await sha256(join(NODE, other, hash));
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      hash = await sha256(join(NODE, hash, other));
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && same(hash, root);
}

/** The event of this number, by its leaf, in what a checkpoint covers, as the server shows it. */
export function isShown(leaf: Bytes, number: number, { size, root }: { size: number; root: Bytes }, proof: readonly string[]): Promise<boolean> {
  return isIncluded(leaf, number - 1, size, root, proof.map((hash) => fromBase64(hash) ?? new Uint8Array(0)));
}
