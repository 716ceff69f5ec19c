// What a device commits: who waits and who left, if it is the committer; the chair's lock; and a renewal
// when it is its turn.
import type { GroupWorkToClient } from "../gen/protocol";
import { toBase64url } from "./bytes";
import type { Core } from "./core";
import { ANSWER_MS, BATCH_MS, CROWD_BATCH_MS, CROWD_MS, UPDATE_MS, UPDATE_NEXT_MS } from "./effects";
import type { Change, Leaves } from "./members";
import * as mls from "./mls";
import { isOf, leafOf } from "./rules";
import { packageKey, takeUp } from "./work";

/** A commit that was sent, and does not count yet. */
interface Pending {
  committed: mls.Committed;
  epoch: bigint;
  resync: boolean;
}

export class Committing {
  pending: Pending | undefined;
  #committer = false;
  #work: Pick<GroupWorkToClient, "add" | "remove"> = { add: [], remove: [] };
  readonly #refused = new Set<string>();
  readonly #letIn = new Set<string>();
  #wantLock: boolean | undefined;
  #addedAt = -Infinity;
  /** MLS keys that were met in this group. */
  readonly #usedKeys = new Set<string>();

  constructor(private readonly core: Core) {}

  forget(): void {
    this.pending = this.#wantLock = undefined;
    this.#committer = false;
    this.#work = { add: [], remove: [] };
    for (const kept of [this.#refused, this.#letIn, this.#usedKeys]) kept.clear();
  }

  /** What was refused by the list of before may hold by a new one. */
  reconsider(): void {
    this.#refused.clear();
    this.schedule();
  }

  appoint(committer: boolean): void {
    this.#committer = committer;
    if (!committer) this.#work = { add: [], remove: [] };
  }

  take({ add, remove }: GroupWorkToClient): void {
    this.#committer = true;
    this.#work = { add, remove };
  }

  lock(locked: boolean): void {
    this.#wantLock = locked;
    this.core.timers.set("commit", this.core.now);
  }

  letIn(participant: string): void {
    this.#letIn.add(participant);
    this.schedule();
  }

  /** An epoch was entered, by somebody's commit or by coming in. */
  arrived(leaves: Leaves, changes: Change[], by: mls.Claim | undefined): void {
    const { core } = this;
    const here = new Set([...leaves.values()].map((claim) => toBase64url(claim.mlsKey)));
    here.forEach((key) => this.#usedKeys.add(key));
    if (changes.some(({ what }) => what === "joined")) this.#addedAt = core.now;
    if (mls.policyOf(core.state!)?.locked === this.#wantLock) this.#wantLock = undefined;
    this.#work.add = this.#work.add.filter((a) => !here.has(packageKey(a.package) ?? ""));
    if (by) this.#work.remove = []; // what still waits is said again
    core.after("update", UPDATE_MS + UPDATE_NEXT_MS * this.#turn(leaves));
    this.schedule();
  }

  /** It counts, or another one does. */
  settled(): void {
    this.pending = undefined;
    this.core.timers.delete("answer");
  }

  /** It is not waited for any more. */
  drop(): void {
    this.pending = undefined;
  }

  /** Another commit was first, or no answer came. */
  lost(): void {
    const again = this.pending?.resync;
    this.settled();
    if (again) this.core.after("resync", BATCH_MS);
    else this.schedule();
  }

  schedule(): void {
    const { core } = this;
    if (!core.inside || this.pending) return;
    // Who left and has no leaf any more costs a commit too: the server waits for one.
    const { name, device } = core.options;
    const leaving =
      this.#work.remove.some(({ id }) => id !== device) ||
      [...mls.leavesOf(core.state!).values()].some((c) => !isOf(name, leafOf(c)?.person ?? "", core.manifest));
    const coming = this.#work.add.some((a) => !this.#refused.has(a.package));
    if (this.#wantLock === undefined && (!this.#committer || !(leaving || coming))) return;
    const crowd = !leaving && core.now - this.#addedAt < CROWD_MS;
    const at = core.now + (crowd ? CROWD_BATCH_MS : BATCH_MS);
    core.timers.set("commit", Math.min(at, core.timers.get("commit") ?? at));
  }

  async commit(): Promise<void> {
    const { core } = this;
    if (!core.inside || this.pending || core.resyncing) return;
    const { add, remove, added, removed, refusals } = await this.#taken();
    for (const { why, text } of refusals) core.problem(why, text);
    const policy = mls.policyOf(core.state!)!;
    const lock = this.#wantLock !== undefined && this.#wantLock !== policy.locked ? this.#wantLock : undefined;
    if (add.length + remove.length + removed.length === 0 && lock === undefined) return;
    const changes = { add, remove, policy: lock === undefined ? undefined : { ...policy, locked: lock } };
    this.submit(await mls.commit(core.state!, changes), core.epoch!, false, added, removed);
  }

  async renew(): Promise<void> {
    const { core } = this;
    if (!core.inside || this.pending || core.resyncing) return;
    this.submit(await mls.commit(core.state!, {}), core.epoch!, false, [], []);
  }

  submit(committed: mls.Committed, epoch: bigint, resync: boolean, added: string[], removed: string[]): void {
    this.pending = { committed, epoch, resync };
    this.core.send({
      type: "commit",
      group: this.core.options.name,
      epoch: Number(epoch),
      commit: toBase64url(committed.commit),
      ...(committed.welcome && { welcome: toBase64url(committed.welcome) }),
      group_info: toBase64url(committed.groupInfo),
      added: added.map((id) => ({ id })),
      removed: removed.map((id) => ({ id })),
    });
    this.core.after("answer", ANSWER_MS);
  }

  #taken() {
    const { core } = this;
    return takeUp({
      state: core.state!,
      name: core.options.name,
      work: this.#committer ? this.#work : { add: [], remove: [] },
      manifest: core.manifest,
      valid: core.judge.valid,
      used: this.#usedKeys,
      refused: this.#refused,
      mayAdd: (participant) =>
        !mls.policyOf(core.state!)?.locked || (core.isChair && this.#letIn.has(participant)),
    });
  }

  /** How many members come before this one when the epoch is to be renewed. */
  #turn(leaves: Leaves): number {
    const order = [...leaves.keys()];
    const first = Number(this.core.epoch! % BigInt(order.length));
    return (order.indexOf(mls.ownLeaf(this.core.state!)) - first + order.length) % order.length;
  }
}
