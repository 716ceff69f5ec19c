// That one tree is the beginning of another (RFC 9162, 2.1.4.2).
import { type Bytes, join, same, sha256 } from "./digest";

const NODE = new Uint8Array([1]);

const node = (left: Bytes, right: Bytes) => sha256(join(NODE, left, right));

/** Of `first` to `second` leaves, whole numbers; at least one. */
export async function isConsistent(
  first: number,
  second: number,
  firstRoot: Bytes,
  secondRoot: Bytes,
  proof: readonly Bytes[],
): Promise<boolean> {
  if (first < 1 || first > second) return false;
  if (first === second) return proof.length === 0 && same(firstRoot, secondRoot);
  let fn = BigInt(first) - 1n;
  let sn = BigInt(second) - 1n;
  const path = (BigInt(first) & fn) === 0n ? [firstRoot, ...proof] : [...proof];
  const start = path.shift();
  if (!start) return false;
  while (fn & 1n) {
    fn >>= 1n;
    sn >>= 1n;
  }
  let [older, newer] = [start, start];
  for (const hash of path) {
    if (sn === 0n) return false;
    if (fn & 1n || fn === sn) {
      older = await node(hash, older);
      newer = await node(hash, newer);
      while (!(fn & 1n) && fn !== 0n) {
        fn >>= 1n;
        sn >>= 1n;
      }
    } else {
      newer = await node(newer, hash);
    }
    fn >>= 1n;
    sn >>= 1n;
  }
  return sn === 0n && same(older, firstRoot) && same(newer, secondRoot);
}
