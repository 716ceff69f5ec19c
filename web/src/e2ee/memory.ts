// What a group remembers beside its state: what came before its time, and which messages were opened.
import type { HandshakeToClient, SealedToClient } from "../gen/protocol";
import type { Bytes } from "./bytes";
import { AHEAD_MAX, OPENED_MAX } from "./effects";

function forgetOldest<T>(kept: { size: number; keys(): Iterator<T>; delete(key: T): unknown }, max: number): void {
  if (kept.size > max) kept.delete(kept.keys().next().value!);
}

export class Memory {
  private handshakes = new Map<bigint, HandshakeToClient>();
  private sealed: SealedToClient[] = [];
  private readonly sent = new Map<string, Bytes>();
  private readonly opened = new Set<string>();

  /** A commit of a later epoch. The first one is kept. */
  keepCommit(epoch: bigint, m: HandshakeToClient): void {
    if (this.handshakes.size < AHEAD_MAX && !this.handshakes.has(epoch)) this.handshakes.set(epoch, m);
  }

  keepSealed(m: SealedToClient): void {
    if (this.sealed.length < AHEAD_MAX) this.sealed.push(m);
  }

  /** What was kept for this epoch, which begins; what is of earlier ones goes. */
  arrive(epoch: bigint): { commit: HandshakeToClient | undefined; sealed: SealedToClient[]; later: bigint[] } {
    const { sealed } = this;
    const commit = this.handshakes.get(epoch);
    this.sealed = [];
    for (const old of [...this.handshakes.keys()].filter((e) => e <= epoch)) this.handshakes.delete(old);
    return { commit, sealed, later: [...this.handshakes.keys()] };
  }

  /** An own message cannot be opened when it comes back: its key is used. */
  keepSent(message: string, data: Bytes): void {
    this.sent.set(message, data);
    forgetOldest(this.sent, AHEAD_MAX);
  }

  takeSent(message: string): Bytes | undefined {
    const data = this.sent.get(message);
    this.sent.delete(message);
    return data;
  }

  wasOpened(hash: string): boolean {
    return this.opened.has(hash);
  }

  keepOpened(hash: string): void {
    this.opened.add(hash);
    forgetOldest(this.opened, OPENED_MAX);
  }
}
