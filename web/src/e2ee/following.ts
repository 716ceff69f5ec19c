// How a device that missed commits comes back: it waits for them, then asks for the state that there is
// and takes its own place there by an external commit.
import type { GroupInfoToClient } from "../gen/protocol";
import { fromBase64url, same } from "./bytes";
import type { Committing } from "./committing";
import type { Core } from "./core";
import { GAP_MS, RESYNC_MS, RESYNCS_MAX, RUMOUR_MS } from "./effects";
import * as mls from "./mls";
import { leafOf } from "./rules";

export class Following {
  /** A commit of this epoch did not hold: what the server has after it is not to be had by resync. */
  barred = false;
  #resyncs = 0;
  #stuck = false;
  /** The latest epochs that are known of: by the server's word, and by anybody's. */
  #heard = -1n;
  #rumour = -1n;
  #deafUntil = -Infinity;

  /** `rejoin`: the own place is gone, another one is to be asked for. */
  constructor(
    private readonly core: Core,
    private readonly committing: Committing,
    private readonly rejoin: () => Promise<void>,
  ) {}

  forget(): void {
    this.barred = this.#stuck = false;
    this.#resyncs = 0;
    this.#heard = this.#rumour = -1n;
    this.#deafUntil = -Infinity;
  }

  /** An epoch was entered: what is still ahead of it is heard of again. */
  arrived(epoch: bigint): void {
    this.barred = this.#stuck = this.core.resyncing = false;
    this.#resyncs = 0;
    this.#heard = this.#rumour = epoch;
    this.core.timers.delete("resync");
    this.core.timers.delete("gap");
  }

  hear(epoch: bigint): void {
    if (epoch > this.#heard) this.#heard = epoch;
    this.#follow();
  }

  /** Anybody may have made it up, so that it counts for nothing if the server knows of none. */
  rumour(epoch: bigint): void {
    if (this.core.now < this.#deafUntil) return;
    if (epoch > this.#rumour) this.#rumour = epoch;
    this.#follow();
  }

  /** Epochs are missing, as far as is known. */
  get #behind(): boolean {
    const own = this.core.epoch;
    return own !== undefined && (this.#heard > own || this.#rumour > own);
  }

  #follow(): void {
    const { core } = this;
    if (this.#behind && !core.resyncing && !this.#stuck && !core.timers.has("gap")) core.after("gap", GAP_MS);
  }

  resync(): void {
    const { core } = this;
    if (!this.#behind) return;
    if (this.barred || this.#resyncs === RESYNCS_MAX) {
      this.#stuck = true;
      core.resyncing = false;
      return core.problem("stuck", "This device cannot follow the encryption any more. Come in again.");
    }
    this.#resyncs++;
    core.resyncing = true;
    this.committing.drop();
    core.send({ type: "group_resync", group: core.options.name });
    core.after("resync", RESYNC_MS);
  }

  async onInfo(m: GroupInfoToClient): Promise<void> {
    const { core } = this;
    if (!core.inside || !core.resyncing || this.committing.pending) return;
    const bytes = fromBase64url(m.group_info);
    const info = bytes && mls.readInfo(bytes);
    const wrong = "The server handed over a state of the encryption that does not hold.";
    if (!info || !same(info.groupId, core.groupId!) || !core.fits(info.policy))
      return core.problem("bad_group_info", wrong);
    const own = core.epoch!;
    if (info.epoch === own && this.#heard <= own) return this.#refute();
    if (info.epoch <= own)
      return core.problem("bad_group_info", "The server handed over an older state of the encryption.");
    const { person, device } = core.options;
    const here = [...info.leaves.values()].some((claim) => {
      const leaf = leafOf(claim);
      return leaf?.person === person && leaf.device === device;
    });
    if (!here) return this.rejoin();
    try {
      const committed = await mls.resync(bytes!, await core.newPackage(), core.judge);
      this.committing.submit(committed, info.epoch, true, [], []);
    } catch {
      core.problem("bad_group_info", wrong);
    }
  }

  /** There is no later epoch: what was said of one was made up, by the server or by a member. */
  #refute(): void {
    const { core } = this;
    this.#rumour = -1n;
    this.#resyncs = 0;
    this.#deafUntil = core.now + RUMOUR_MS;
    core.resyncing = false;
    core.timers.delete("resync");
    core.problem("unknown_key", "Picture or sound came under a key that nobody in the meeting should have.");
  }
}
