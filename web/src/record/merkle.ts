// The tree of RFC 6962, 2.1, as it grows: of what is whole already its root and its leaves alone are kept.
import { type Bytes, join, sha256 } from "./digest";

const LEAF = new Uint8Array([0]);
const NODE = new Uint8Array([1]);

export class Tree {
  size = 0;
  /** Roots of whole subtrees, the largest first. */
  private whole: { size: number; hash: Bytes }[] = [];
  /** Their hashes. */
  readonly leaves: Bytes[] = [];

  async add(leaf: Bytes): Promise<void> {
    let last = { size: 1, hash: await sha256(join(LEAF, leaf)) };
    this.leaves.push(last.hash);
    while (this.whole.at(-1)?.size === last.size) {
      const left = this.whole.pop()!;
      last = { size: 2 * last.size, hash: await sha256(join(NODE, left.hash, last.hash)) };
    }
    this.whole.push(last);
    this.size++;
  }

  /** Of one leaf at least. */
  async root(): Promise<Bytes> {
    let hash = this.whole.at(-1)!.hash;
    for (const { hash: left } of this.whole.slice(0, -1).reverse()) hash = await sha256(join(NODE, left, hash));
    return hash;
  }
}
