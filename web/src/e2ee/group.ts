// One MLS group of a meeting, as one device is in it: messages of the server go in, messages to it,
// keys and members come out. No sockets, no clock: `now` is Unix milliseconds of this device, and what
// is to happen later has a deadline. Calls are worked off one after another.
//
// The server only carries. What it hands over is judged here (rules.ts, identity.ts); what does not hold
// is left out and told as a problem. Nothing here falls back to anything unencrypted.
//
// Here is how a device comes in and goes from epoch to epoch; what it commits is in committing.ts, how it
// finds back in following.ts, what is sealed in messages.ts.
import type {
  CommitRefusedToClient,
  GroupStateToClient,
  GroupToClient,
  GroupWelcomeToClient,
  GroupWorkToClient,
  HandshakeToClient,
} from "../gen/protocol";
import { type Bytes, concat, fromBase64url, same, toBase64url, utf8 } from "./bytes";
import { Committing } from "./committing";
import { Core, type Timer } from "./core";
import {
  type Effect,
  type FromServer,
  type GroupOptions,
  OLD_KEYS_AFTER_LEAVE_MS,
  OLD_KEYS_MS,
  SWITCH_MS,
  WELCOME_MS,
} from "./effects";
import { Following } from "./following";
import type { Manifest } from "./identity";
import { changesBetween, type Leaves, memberOf, membersOf, roomCode, type Since, sinceOf } from "./members";
import { Messages } from "./messages";
import * as mls from "./mls";
import { objection } from "./rules";

const BASE_KEY_LABEL = "SFrame 1.0 Base Key"; // RFC 9605, 5.2
const BASE_KEY_BYTES = 16;
const INCARNATION_BYTES = 16;

const CHANGED = "The server passed on a change of the encryption that does not hold.";

export class Group {
  private readonly core: Core;
  private readonly committing: Committing;
  private readonly following: Following;
  private readonly messages: Messages;
  /** The package by which it is to be added. */
  private own: mls.OwnPackage | undefined;
  private since: Since = new Map();
  private tail: Promise<unknown> = Promise.resolve();

  constructor(options: GroupOptions) {
    this.core = new Core(options);
    this.committing = new Committing(this.core);
    this.following = new Following(this.core, this.committing, () => this.rejoin());
    this.messages = new Messages(this.core, (epoch) => this.following.hear(epoch));
  }

  /** When `expire` is to be called; undefined: not at all. To be read after each call's end. */
  get deadline(): number | undefined {
    const { timers } = this.core;
    return timers.size > 0 ? Math.min(...timers.values()) : undefined;
  }

  /** Whether media may go both ways. */
  get inside(): boolean {
    return this.core.inside;
  }

  /** Made here, and the server has not said yet that it counts. */
  get creating(): boolean {
    return this.core.creating;
  }

  get epoch(): bigint | undefined {
    return this.core.epoch;
  }

  receive(now: number, message: FromServer): Promise<Effect[]> {
    return this.run(now, async () => {
      if (message.group === this.core.options.name) await this.take(message);
    });
  }

  expire(now: number): Promise<Effect[]> {
    const { timers } = this.core;
    return this.run(now, async () => {
      for (const [timer, at] of [...timers]) {
        if (at > now || timers.get(timer) !== at) continue;
        timers.delete(timer);
        await this.due(timer);
      }
    });
  }

  /** A new version, verified. Who is no longer on it is removed with the next commit. */
  setManifest(now: number, manifest: Manifest): Promise<Effect[]> {
    return this.run(now, async () => {
      this.core.setManifest(manifest);
      this.committing.reconsider();
    });
  }

  /** Nobody is added any more, or is again. Only for the chair. */
  lock(now: number, locked: boolean): Promise<Effect[]> {
    return this.run(now, async () => {
      if (!this.inside || !this.core.isChair) throw new Error("Only the chair may lock the meeting.");
      this.committing.lock(locked);
    });
  }

  /** The chair adds somebody who waits while the meeting is locked. */
  admit(now: number, participant: string): Promise<Effect[]> {
    return this.run(now, async () => {
      if (!this.inside || !this.core.isChair) throw new Error("Only the chair may let somebody in.");
      this.committing.letIn(participant);
    });
  }

  /** Seals for all members, at most DATA_BYTES_MAX. It is `opened` here too when it comes back. */
  seal(now: number, data: Bytes, caption = false): Promise<Effect[]> {
    return this.run(now, () => this.messages.seal(data, caption));
  }

  /** A media frame of this epoch came, say: if its commit does not, it is asked for. */
  heard(now: number, epoch: bigint): Promise<Effect[]> {
    return this.run(now, async () => this.following.rumour(epoch));
  }

  /** The page will come back as another to the server, which is told: its place will be another one. A
   * connection that only pauses keeps the place; until it is back, `expire` is not to be called. */
  reset(now: number): Promise<Effect[]> {
    return this.run(now, async () => this.forget());
  }

  private run(now: number, work: () => Promise<void>): Promise<Effect[]> {
    const { core } = this;
    const done = this.tail.then(async () => {
      core.now = now;
      core.out = [];
      await work();
      return core.out;
    });
    this.tail = done.catch(() => undefined);
    return done;
  }

  private async take(m: FromServer): Promise<void> {
    switch (m.type) {
      case "group":
        return this.onGroup(m);
      case "group_work":
        return this.onWork(m);
      case "handshake":
        return this.onHandshake(m);
      case "group_welcome":
        return this.onWelcome(m);
      case "commit_refused":
        return this.onRefused(m);
      case "group_info":
        return this.following.onInfo(m);
      case "group_state":
        return this.onState(m);
      case "sealed":
        return this.messages.open(m);
    }
  }

  private async due(timer: Timer): Promise<void> {
    switch (timer) {
      case "commit":
        return this.committing.commit();
      case "answer":
        return this.committing.lost();
      case "gap":
      case "resync":
        return this.following.resync();
      case "welcome":
        return this.core.creating ? this.create() : this.sendPackage();
      case "update":
        return this.committing.renew();
    }
  }

  private forget(): void {
    if (this.inside) this.core.out.push({ type: "out" });
    this.own = undefined;
    this.core.forget();
    this.committing.forget();
    this.following.forget();
  }

  private async sendPackage(): Promise<void> {
    const { core } = this;
    this.own = await core.newPackage();
    core.send({ type: "key_package", group: core.options.name, package: toBase64url(this.own.bytes) });
    core.after("welcome", WELCOME_MS);
  }

  private async rejoin(id = this.core.groupId): Promise<void> {
    this.forget();
    this.core.groupId = id;
    await this.sendPackage();
  }

  private async onGroup(m: GroupToClient): Promise<void> {
    const { core } = this;
    if (m.id === undefined) {
      if (core.creating) return; // it is under way
      this.forget();
      return this.create();
    }
    const id = fromBase64url(m.id);
    const start = concat(utf8(core.options.meeting));
    if (id?.length !== start.length + INCARNATION_BYTES || !same(id.subarray(0, start.length), start))
      return core.problem("bad_group", "The server named a group that is not of this meeting.");
    if (!core.groupId || !same(id, core.groupId)) await this.rejoin(id);
    else if (core.creating) {
      core.creating = false;
      core.timers.delete("welcome");
      await this.enter(new Map(), undefined);
    } else if (this.inside && !m.member) await this.rejoin(id); // it was not heard of for too long
    this.committing.appoint(m.committer);
    this.following.hear(BigInt(m.epoch));
  }

  private async create(): Promise<void> {
    const { core } = this;
    const incarnation = crypto.getRandomValues(new Uint8Array(INCARNATION_BYTES));
    core.groupId = concat(utf8(core.options.meeting), incarnation);
    core.state = await mls.create(core.groupId, await core.newPackage(), core.policy(), core.judge);
    core.creating = true;
    const id = toBase64url(core.groupId);
    const info = toBase64url(await mls.groupInfo(core.state));
    core.send({ type: "group_create", group: core.options.name, id, group_info: info });
    core.after("welcome", WELCOME_MS);
  }

  private async onWelcome(m: GroupWelcomeToClient): Promise<void> {
    const { core } = this;
    const stale = "The server handed over a welcome that is not for now.";
    if (!this.own || !core.groupId || core.state) return core.problem("bad_welcome", stale);
    let state: mls.State;
    try {
      state = await mls.join(fromBase64url(m.welcome) ?? new Uint8Array(0), this.own, core.judge);
    } catch {
      return core.problem("bad_welcome", "Somebody in the meeting, or your welcome to it, does not hold.");
    }
    if (!same(mls.groupIdOf(state), core.groupId) || mls.epochOf(state) !== BigInt(m.epoch))
      return core.problem("bad_welcome", stale);
    if (!core.fits(mls.policyOf(state)))
      return core.problem("bad_welcome", "The encryption is that of another meeting.");
    core.state = state;
    this.own.privatePackage.initPrivateKey.fill(0);
    this.own = undefined;
    core.timers.delete("welcome");
    await this.enter(new Map(), undefined);
  }

  private onWork(m: GroupWorkToClient): void {
    if (!this.inside) return;
    this.committing.take(m);
    this.following.hear(BigInt(m.epoch));
    this.committing.schedule();
  }

  private onRefused(m: CommitRefusedToClient): void {
    this.committing.lost();
    this.following.hear(BigInt(m.epoch));
  }

  private onState(m: GroupStateToClient): void {
    const epoch = BigInt(m.epoch);
    this.following.hear(epoch);
    if (epoch === this.epoch && m.acked >= m.of) this.core.out.push({ type: "all_have", epoch });
  }

  private async onHandshake(m: HandshakeToClient): Promise<void> {
    const { core } = this;
    const bytes = fromBase64url(m.commit);
    const { pending } = this.committing;
    if (bytes && pending && same(bytes, pending.committed.commit)) return this.adopt();
    if (!this.inside) return;
    const read = bytes && mls.readCommit(bytes);
    if (!read || !same(read.groupId, core.groupId!)) return core.problem("bad_commit", CHANGED);
    const epoch = core.epoch!;
    if (read.epoch < epoch) return; // known, or of a way not taken
    if (read.epoch > epoch) {
      core.memory.keepCommit(read.epoch, m);
      return this.following.hear(read.epoch);
    }
    const before = mls.leavesOf(core.state!);
    const reason = objection(read, before, mls.policyOf(core.state!)!, core.manifest);
    const next = reason === undefined ? await mls.apply(core.state!, read).catch(() => undefined) : undefined;
    if (next === undefined) {
      this.following.barred = true;
      this.following.hear(epoch + 1n);
      return core.problem("bad_commit", reason ?? CHANGED);
    }
    this.committing.settled();
    if (next === "removed") return this.forget();
    core.state = next;
    const by = read.sender === "new" ? read.path : before.get(read.sender);
    await this.enter(before, by);
  }

  /** The own commit counts. */
  private async adopt(): Promise<void> {
    const { core } = this;
    const { committed, resync } = this.committing.pending!;
    const before = core.state ? mls.leavesOf(core.state) : new Map<number, mls.Claim>();
    const by = resync ? undefined : before.get(mls.ownLeaf(core.state!));
    core.state = resync || !core.state ? committed.next : mls.adopt(core.state, committed);
    this.committing.settled();
    await this.enter(before, by);
  }

  /** The keys and the members of an epoch that begins. `before`: empty when the device comes in. */
  private async enter(before: Leaves, by: mls.Claim | undefined): Promise<void> {
    const { core } = this;
    const state = core.state!;
    const epoch = mls.epochOf(state);
    const leaves = mls.leavesOf(state);
    this.since = sinceOf(before, this.since, leaves, epoch);
    const changes = before.size > 0 ? changesBetween(before, leaves, core.manifest) : [];
    const left = changes.some(({ what }) => what !== "joined");
    this.following.arrived(epoch);
    const baseKey = await mls.exportKey(state, BASE_KEY_LABEL, BASE_KEY_BYTES);
    core.out.push({
      type: "epoch",
      keys: { epoch, baseKey, leaf: mls.ownLeaf(state) },
      switchSendAt: left || before.size === 0 ? core.now : core.now + SWITCH_MS,
      dropOldAfterMs: left ? OLD_KEYS_AFTER_LEAVE_MS : OLD_KEYS_MS,
    });
    core.send({ type: "group_ack", group: core.options.name, epoch: Number(epoch) });
    const byMember = by && [...leaves, ...before].find(([, claim]) => same(claim.mlsKey, by.mlsKey));
    core.out.push({
      type: "members",
      epoch,
      members: membersOf(leaves, this.since, core.manifest),
      code: roomCode(mls.authenticator(state)),
      locked: mls.policyOf(state)?.locked ?? false,
      changes,
      by: byMember && memberOf(...byMember, core.manifest),
    });
    this.committing.arrived(leaves, changes, by);
    await this.catchUp(epoch);
  }

  private async catchUp(epoch: bigint): Promise<void> {
    const { commit, sealed, later } = this.core.memory.arrive(epoch);
    for (const m of sealed) await this.messages.open(m);
    later.forEach((e) => this.following.hear(e));
    if (commit) await this.onHandshake(commit);
  }
}
