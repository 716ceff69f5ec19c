// What members of a group seal for each other.
import type { SealedToClient } from "../gen/protocol";
import { type Bytes, fromBase64url, toBase64url } from "./bytes";
import type { Core } from "./core";
import { DATA_BYTES_MAX } from "./effects";
import { sha256 } from "./keys";
import { memberOf } from "./members";
import * as mls from "./mls";

export class Messages {
  /** `hear`: there is a later epoch. */
  constructor(
    private readonly core: Core,
    private readonly hear: (epoch: bigint) => void,
  ) {}

  /** `caption`: a line of captions, which the server does not keep for who comes back. */
  async seal(data: Bytes, caption = false): Promise<void> {
    const { core } = this;
    if (!core.inside) throw new Error("You are not in the encrypted meeting yet.");
    if (data.length > DATA_BYTES_MAX) throw new RangeError("The message is too long.");
    const { next, message } = await mls.seal(core.state!, data);
    core.state = next;
    const text = toBase64url(message);
    core.memory.keepSent(text, data);
    core.send({ type: "sealed", group: core.options.name, epoch: Number(core.epoch), message: text, ...(caption && { caption }) });
  }

  async open(m: SealedToClient): Promise<void> {
    const { core } = this;
    if (!core.inside) return;
    const state = core.state!;
    const bytes = fromBase64url(m.message);
    const epoch = bytes && mls.sealedEpoch(state, bytes);
    if (!bytes || epoch === undefined) return core.problem("bad_message", "A message cannot be read.");
    const hash = toBase64url(await sha256(bytes));
    if (core.memory.wasOpened(hash)) return; // of before a connection was lost, or twice for no reason
    const data = core.memory.takeSent(m.message);
    if (data) {
      if (!m.caption) core.memory.keepOpened(hash);
      const own = mls.ownLeaf(state);
      return this.#show(m, own, mls.leavesOf(state).get(own)!, epoch, data);
    }
    if (epoch > core.epoch!) {
      core.memory.keepSealed(m);
      return this.hear(epoch);
    }
    const opened = await mls.open(state, bytes).catch(() => undefined);
    if (!opened)
      return core.problem("bad_message", "A message cannot be opened: it came too late, or is forged.");
    core.state = opened.next;
    if (!m.caption) core.memory.keepOpened(hash); // those do not come twice
    this.#show(m, opened.leaf, opened.claim, epoch, opened.data);
  }

  #show(m: SealedToClient, leaf: number, claim: mls.Claim, epoch: bigint, data: Bytes): void {
    const { core } = this;
    const member = memberOf(leaf, claim, core.manifest);
    if (!member) return core.problem("bad_message", "A message is of nobody on the list of participants.");
    if (member.device !== m.by)
      core.problem("other_sender", `The server gave a message of ${member.name} for another's.`);
    core.out.push({ type: "opened", member, epoch, data, at: m.at });
  }
}
