// What the parts of a group share: what it is, its state, its clock, and what is to come out of it.
import { type Bytes, toBase64url } from "./bytes";
import type { Effect, GroupOptions, Problem, ToServer } from "./effects";
import { LEAF_LIFE_MS, type Manifest, signLeaf, verifyLeaf } from "./identity";
import { Memory } from "./memory";
import * as mls from "./mls";
import { CHAIR, isOf, sameClient } from "./rules";

export type Timer = "commit" | "answer" | "gap" | "resync" | "welcome" | "update";

export class Core {
  manifest: Manifest;
  groupId: Bytes | undefined;
  state: mls.State | undefined;
  /** Created here, and the server has not said yet that it counts. */
  creating = false;
  /** It missed commits, and is coming back. */
  resyncing = false;
  memory = new Memory();
  /** Unix milliseconds, of the call that is worked off. */
  now = 0;
  out: Effect[] = [];
  readonly timers = new Map<Timer, number>();
  readonly judge: mls.Judge = { valid: (claim) => this.#valid(claim), sameClient };
  /** Claims that hold, and until when. */
  readonly #verified = new Map<string, number>();

  constructor(readonly options: GroupOptions) {
    this.manifest = options.manifest;
  }

  get inside(): boolean {
    return this.state !== undefined && !this.creating;
  }

  get epoch(): bigint | undefined {
    return this.inside ? mls.epochOf(this.state!) : undefined;
  }

  get isChair(): boolean {
    return this.manifest.people.get(this.options.person)?.role === CHAIR;
  }

  send(message: ToServer): void {
    this.out.push({ type: "send", message });
  }

  problem(problem: Problem, text: string): void {
    this.out.push({ type: "problem", problem, text });
  }

  after(timer: Timer, ms: number): void {
    this.timers.set(timer, this.now + ms);
  }

  setManifest(manifest: Manifest): void {
    this.manifest = manifest;
    this.#verified.clear();
  }

  forget(): void {
    this.state = this.groupId = undefined;
    this.creating = this.resyncing = false;
    this.memory = new Memory();
    this.#verified.clear();
    this.timers.clear();
  }

  /** What a new group is. */
  policy(): mls.Policy {
    const { meeting, name } = this.options;
    return { meeting, name, organiser: this.manifest.organiser, locked: false };
  }

  /** Whether a group is what this one is to be. */
  fits(policy: mls.Policy | undefined): boolean {
    const own = this.policy();
    return (
      policy !== undefined && policy.meeting === own.meeting && policy.name === own.name &&
      policy.organiser === own.organiser
    );
  }

  async newPackage(): Promise<mls.OwnPackage> {
    const { meeting, person, device, key } = this.options;
    const mlsKey = await mls.newMlsKey();
    const place = { meeting, groupId: this.groupId! };
    const expires = this.now + LEAF_LIFE_MS;
    return mls.makePackage(await signLeaf(place, { person, device, expires }, mlsKey.publicKey, key), mlsKey);
  }

  async #valid(claim: mls.Claim): Promise<boolean> {
    const { meeting, name } = this.options;
    const key = `${toBase64url(claim.identity)}.${toBase64url(claim.mlsKey)}`;
    const until = this.#verified.get(key);
    if (until !== undefined && this.now <= until) return true;
    const place = { meeting, groupId: this.groupId! };
    try {
      const leaf = await verifyLeaf(this.manifest, place, claim.identity, claim.mlsKey, this.now);
      if (!isOf(name, leaf.person, this.manifest)) return false;
      this.#verified.set(key, leaf.expires);
      return true;
    } catch {
      return false;
    }
  }
}
