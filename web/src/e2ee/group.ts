// One MLS group of a meeting, as one device is in it: messages of the server go in, messages to it,
// keys and members come out. No sockets, no clock: `now` is Unix milliseconds of this device, and what
// is to happen later has a deadline. Calls are worked off one after another.
//
// The server only carries. What it hands over is judged here (rules.ts, identity.ts); what does not hold
// is left out and told as a problem. Nothing here falls back to anything unencrypted.
import type {
  CommitRefusedToClient,
  GroupInfoToClient,
  GroupStateToClient,
  GroupToClient,
  GroupWelcomeToClient,
  GroupWorkToClient,
  HandshakeToClient,
  SealedToClient,
} from "../gen/protocol";
import { type Bytes, concat, fromBase64url, same, toBase64url, utf8 } from "./bytes";
import {
  ANSWER_MS,
  BATCH_MS,
  CROWD_BATCH_MS,
  CROWD_MS,
  DATA_BYTES_MAX,
  GAP_MS,
  OLD_KEYS_AFTER_LEAVE_MS,
  OLD_KEYS_MS,
  RESYNCS_MAX,
  RESYNC_MS,
  RUMOUR_MS,
  SWITCH_MS,
  UPDATE_MS,
  UPDATE_NEXT_MS,
  WELCOME_MS,
  type Effect,
  type FromServer,
  type GroupOptions,
  type Problem,
  type ToServer,
} from "./effects";
import { LEAF_LIFE_MS, type Manifest, signLeaf, verifyLeaf } from "./identity";
import { sha256 } from "./keys";
import { changesBetween, type Leaves, memberOf, membersOf, roomCode, type Since, sinceOf } from "./members";
import { Memory } from "./memory";
import * as mls from "./mls";
import { CHAIR, leafOf, objection, sameClient } from "./rules";
import { packageKey, takeUp } from "./work";

const BASE_KEY_LABEL = "SFrame 1.0 Base Key"; // RFC 9605, 5.2
const BASE_KEY_BYTES = 16;
const INCARNATION_BYTES = 16;

type Timer = "commit" | "answer" | "gap" | "resync" | "welcome" | "update";

interface Pending {
  committed: mls.Committed;
  epoch: bigint;
  resync: boolean;
}

const CHANGED = "The server passed on a change of the encryption that does not hold.";

export class Group {
  private manifest: Manifest;
  private groupId: Bytes | undefined;
  private state: mls.State | undefined;
  /** Created here, and the server has not said yet that it counts. */
  private creating = false;
  private resyncs = 0;
  private resyncing = false;
  /** A commit of this epoch did not hold: what the server has after it is not to be had by resync. */
  private barred = false;
  private stuck = false;
  private own: mls.OwnPackage | undefined;
  private pending: Pending | undefined;
  private committer = false;
  private work: Pick<GroupWorkToClient, "add" | "remove"> = { add: [], remove: [] };
  private refused = new Set<string>();
  private letIn = new Set<string>();
  private wantLock: boolean | undefined;
  private addedAt = -Infinity;
  private heardEpoch = -1n;
  private rumour = -1n;
  private deafUntil = -Infinity;
  private readonly usedKeys = new Set<string>();
  private memory = new Memory();
  private since: Since = new Map();
  private readonly verified = new Map<string, number>();
  private readonly timers = new Map<Timer, number>();
  private tail: Promise<unknown> = Promise.resolve();
  private now = 0;
  private out: Effect[] = [];
  private readonly judge: mls.Judge = { valid: (claim) => this.valid(claim), sameClient };

  constructor(private readonly options: GroupOptions) {
    this.manifest = options.manifest;
  }

  /** When `expire` is to be called; undefined: not at all. To be read after each call's end. */
  get deadline(): number | undefined {
    return this.timers.size > 0 ? Math.min(...this.timers.values()) : undefined;
  }

  /** Whether media may go both ways. */
  get inside(): boolean {
    return this.state !== undefined && !this.creating;
  }

  get epoch(): bigint | undefined {
    return this.inside ? mls.epochOf(this.state!) : undefined;
  }

  receive(now: number, message: FromServer): Promise<Effect[]> {
    return this.run(now, async () => {
      if (message.group === this.options.name) await this.take(message);
    });
  }

  expire(now: number): Promise<Effect[]> {
    return this.run(now, async () => {
      for (const [timer, at] of [...this.timers]) {
        if (at > now || this.timers.get(timer) !== at) continue;
        this.timers.delete(timer);
        await this.due(timer);
      }
    });
  }

  /** A new version, verified. Who is no longer on it is removed with the next commit. */
  setManifest(now: number, manifest: Manifest): Promise<Effect[]> {
    return this.run(now, async () => {
      this.manifest = manifest;
      this.verified.clear();
      this.refused.clear();
      if (this.inside) this.schedule();
    });
  }

  /** Nobody is added any more, or is again. Only for the chair. */
  lock(now: number, locked: boolean): Promise<Effect[]> {
    return this.run(now, async () => {
      if (!this.inside || !this.isChair()) throw new Error("Only the chair may lock the meeting.");
      this.wantLock = locked;
      this.timers.set("commit", now);
    });
  }

  /** The chair adds somebody who waits while the meeting is locked. */
  admit(now: number, participant: string): Promise<Effect[]> {
    return this.run(now, async () => {
      if (!this.inside || !this.isChair()) throw new Error("Only the chair may let somebody in.");
      this.letIn.add(participant);
      this.schedule();
    });
  }

  /** Seals for all members, at most DATA_BYTES_MAX. It is `opened` here too when it comes back. */
  seal(now: number, data: Bytes): Promise<Effect[]> {
    return this.run(now, async () => {
      if (!this.inside) throw new Error("You are not in the encrypted meeting yet.");
      if (data.length > DATA_BYTES_MAX) throw new RangeError("The message is too long.");
      const { next, message } = await mls.seal(this.state!, data);
      this.state = next;
      const text = toBase64url(message);
      this.memory.keepSent(text, data);
      const epoch = Number(mls.epochOf(next));
      this.send({ type: "sealed", group: this.options.name, epoch, message: text });
    });
  }

  /** A media frame of this epoch came, say: if its commit does not, it is asked for. Anybody may have made
   * it up, so that it counts for nothing if the server knows of none. */
  heard(now: number, epoch: bigint): Promise<Effect[]> {
    return this.run(now, async () => {
      if (now < this.deafUntil) return;
      if (epoch > this.rumour) this.rumour = epoch;
      this.follow();
    });
  }

  /** The page will come back as another to the server, which is told: its place will be another one. A
   * connection that only pauses keeps the place; until it is back, `expire` is not to be called. */
  reset(now: number): Promise<Effect[]> {
    return this.run(now, async () => this.forget());
  }

  private run(now: number, work: () => Promise<void>): Promise<Effect[]> {
    const done = this.tail.then(async () => {
      this.now = now;
      this.out = [];
      await work();
      return this.out;
    });
    this.tail = done.catch(() => undefined);
    return done;
  }

  private send(message: ToServer): void {
    this.out.push({ type: "send", message });
  }

  private problem(problem: Problem, text: string): void {
    this.out.push({ type: "problem", problem, text });
  }

  private after(timer: Timer, ms: number): void {
    this.timers.set(timer, this.now + ms);
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
        return this.onInfo(m);
      case "group_state":
        return this.onState(m);
      case "sealed":
        return this.onSealed(m);
    }
  }

  private async due(timer: Timer): Promise<void> {
    switch (timer) {
      case "commit":
        return this.commitWork();
      case "answer":
        return this.lost();
      case "gap":
      case "resync":
        return this.resync();
      case "welcome":
        return this.creating ? this.create() : this.sendPackage();
      case "update":
        return this.update();
    }
  }

  private async valid(claim: mls.Claim): Promise<boolean> {
    const key = `${toBase64url(claim.identity)}.${toBase64url(claim.mlsKey)}`;
    const until = this.verified.get(key);
    if (until !== undefined && this.now <= until) return true;
    const place = { meeting: this.options.meeting, groupId: this.groupId! };
    try {
      const leaf = await verifyLeaf(this.manifest, place, claim.identity, claim.mlsKey, this.now);
      this.verified.set(key, leaf.expires);
      return true;
    } catch {
      return false;
    }
  }

  private forget(): void {
    if (this.inside) this.out.push({ type: "out" });
    this.state = this.own = this.pending = this.groupId = this.wantLock = undefined;
    this.creating = this.resyncing = this.barred = this.stuck = this.committer = false;
    this.resyncs = 0;
    this.heardEpoch = this.rumour = -1n;
    this.deafUntil = -Infinity;
    this.work = { add: [], remove: [] };
    this.memory = new Memory();
    for (const kept of [this.refused, this.letIn, this.usedKeys, this.verified, this.timers]) kept.clear();
  }

  private policy(): mls.Policy {
    const { meeting, name } = this.options;
    return { meeting, name, organiser: this.manifest.organiser, locked: false };
  }

  private fits(policy: mls.Policy | undefined): boolean {
    const own = this.policy();
    return (
      policy !== undefined && policy.meeting === own.meeting && policy.name === own.name &&
      policy.organiser === own.organiser
    );
  }

  private isChair(): boolean {
    return this.manifest.people.get(this.options.person)?.role === CHAIR;
  }

  private async newPackage(): Promise<mls.OwnPackage> {
    const { meeting, person, device, key } = this.options;
    const mlsKey = await mls.newMlsKey();
    const place = { meeting, groupId: this.groupId! };
    const expires = this.now + LEAF_LIFE_MS;
    return mls.makePackage(await signLeaf(place, { person, device, expires }, mlsKey.publicKey, key), mlsKey);
  }

  private async sendPackage(): Promise<void> {
    this.own = await this.newPackage();
    this.send({ type: "key_package", group: this.options.name, package: toBase64url(this.own.bytes) });
    this.after("welcome", WELCOME_MS);
  }

  private async onGroup(m: GroupToClient): Promise<void> {
    if (m.id === undefined) {
      if (this.creating) return; // it is under way
      this.forget();
      return this.create();
    }
    const id = fromBase64url(m.id);
    const start = concat(utf8(this.options.meeting));
    if (id?.length !== start.length + INCARNATION_BYTES || !same(id.subarray(0, start.length), start))
      return this.problem("bad_group", "The server named a group that is not of this meeting.");
    if (!this.groupId || !same(id, this.groupId)) {
      this.forget();
      this.groupId = id;
      await this.sendPackage();
    } else if (this.creating) {
      this.creating = false;
      this.timers.delete("welcome");
      await this.enter(new Map(), undefined);
    }
    this.committer = m.committer;
    if (!m.committer) this.work = { add: [], remove: [] };
    this.hear(BigInt(m.epoch));
  }

  private async create(): Promise<void> {
    const incarnation = crypto.getRandomValues(new Uint8Array(INCARNATION_BYTES));
    this.groupId = concat(utf8(this.options.meeting), incarnation);
    this.state = await mls.create(this.groupId, await this.newPackage(), this.policy(), this.judge);
    this.creating = true;
    const id = toBase64url(this.groupId);
    const info = toBase64url(await mls.groupInfo(this.state));
    this.send({ type: "group_create", group: this.options.name, id, group_info: info });
    this.after("welcome", WELCOME_MS);
  }

  private async onWelcome(m: GroupWelcomeToClient): Promise<void> {
    const stale = "The server handed over a welcome that is not for now.";
    if (!this.own || !this.groupId || this.state) return this.problem("bad_welcome", stale);
    let state: mls.State;
    try {
      state = await mls.join(fromBase64url(m.welcome) ?? new Uint8Array(0), this.own, this.judge);
    } catch {
      return this.problem("bad_welcome", "Somebody in the meeting, or your welcome to it, does not hold.");
    }
    if (!same(mls.groupIdOf(state), this.groupId) || mls.epochOf(state) !== BigInt(m.epoch))
      return this.problem("bad_welcome", stale);
    if (!this.fits(mls.policyOf(state)))
      return this.problem("bad_welcome", "The encryption is that of another meeting.");
    this.state = state;
    this.own.privatePackage.initPrivateKey.fill(0);
    this.own = undefined;
    this.timers.delete("welcome");
    await this.enter(new Map(), undefined);
  }

  private async onHandshake(m: HandshakeToClient): Promise<void> {
    const bytes = fromBase64url(m.commit);
    if (bytes && this.pending && same(bytes, this.pending.committed.commit)) return this.adopt();
    if (!this.inside) return;
    const read = bytes && mls.readCommit(bytes);
    if (!read || !same(read.groupId, this.groupId!)) return this.problem("bad_commit", CHANGED);
    const epoch = mls.epochOf(this.state!);
    if (read.epoch < epoch) return; // known, or of a way not taken
    if (read.epoch > epoch) {
      this.memory.keepCommit(read.epoch, m);
      return this.hear(read.epoch);
    }
    const before = mls.leavesOf(this.state!);
    const reason = objection(read, before, mls.policyOf(this.state!)!, this.manifest);
    const next = reason === undefined ? await mls.apply(this.state!, read).catch(() => undefined) : undefined;
    if (next === undefined) {
      this.barred = true;
      this.hear(epoch + 1n);
      return this.problem("bad_commit", reason ?? CHANGED);
    }
    this.pending = undefined;
    this.timers.delete("answer");
    if (next === "removed") return this.forget();
    this.state = next;
    const by = read.sender === "new" ? read.path : before.get(read.sender);
    await this.enter(before, by);
  }

  private async adopt(): Promise<void> {
    const { committed, resync } = this.pending!;
    const before = this.state ? mls.leavesOf(this.state) : new Map<number, mls.Claim>();
    const by = resync ? undefined : before.get(mls.ownLeaf(this.state!));
    this.state = resync || !this.state ? committed.next : mls.adopt(this.state, committed);
    this.pending = undefined;
    this.timers.delete("answer");
    await this.enter(before, by);
  }

  /** The keys and the members of an epoch that begins. `before`: empty when the device comes in. */
  private async enter(before: Leaves, by: mls.Claim | undefined): Promise<void> {
    const state = this.state!;
    const epoch = mls.epochOf(state);
    const leaves = mls.leavesOf(state);
    this.since = sinceOf(before, this.since, leaves, epoch);
    const changes = before.size > 0 ? changesBetween(before, leaves, this.manifest) : [];
    for (const { mlsKey } of leaves.values()) this.usedKeys.add(toBase64url(mlsKey));
    if (changes.some(({ what }) => what === "joined")) this.addedAt = this.now;
    const left = changes.some(({ what }) => what !== "joined");
    this.barred = this.resyncing = this.stuck = false;
    this.resyncs = 0;
    this.timers.delete("resync");
    const baseKey = await mls.exportKey(state, BASE_KEY_LABEL, BASE_KEY_BYTES);
    this.out.push({
      type: "epoch",
      keys: { epoch, baseKey, leaf: mls.ownLeaf(state) },
      switchSendAt: left || before.size === 0 ? this.now : this.now + SWITCH_MS,
      dropOldAfterMs: left ? OLD_KEYS_AFTER_LEAVE_MS : OLD_KEYS_MS,
    });
    this.send({ type: "group_ack", group: this.options.name, epoch: Number(epoch) });
    const byMember = by && [...leaves, ...before].find(([, claim]) => same(claim.mlsKey, by.mlsKey));
    this.out.push({
      type: "members",
      epoch,
      members: membersOf(leaves, this.since, this.manifest),
      code: roomCode(mls.authenticator(state)),
      locked: mls.policyOf(state)?.locked ?? false,
      changes,
      by: byMember && memberOf(...byMember, this.manifest),
    });
    this.timers.delete("gap");
    this.heardEpoch = this.rumour = epoch; // what is still ahead is heard of again
    if (mls.policyOf(state)?.locked === this.wantLock) this.wantLock = undefined;
    const here = new Set([...leaves.values()].map((claim) => toBase64url(claim.mlsKey)));
    this.work.add = this.work.add.filter((a) => !here.has(packageKey(a.package) ?? ""));
    if (by) this.work.remove = []; // what still waits is said again
    this.after("update", UPDATE_MS + UPDATE_NEXT_MS * this.turn(leaves, epoch));
    this.schedule();
    await this.catchUp(epoch);
  }

  /** How many members come before this one when the epoch is to be renewed. */
  private turn(leaves: Leaves, epoch: bigint): number {
    const order = [...leaves.keys()];
    const first = Number(epoch % BigInt(order.length));
    return (order.indexOf(mls.ownLeaf(this.state!)) - first + order.length) % order.length;
  }

  private async catchUp(epoch: bigint): Promise<void> {
    const { commit, sealed, later } = this.memory.arrive(epoch);
    for (const m of sealed) await this.onSealed(m);
    later.forEach((e) => this.hear(e));
    if (commit) await this.onHandshake(commit);
  }

  private hear(epoch: bigint): void {
    if (epoch > this.heardEpoch) this.heardEpoch = epoch;
    this.follow();
  }

  /** Epochs are missing, as far as is known. */
  private get behind(): boolean {
    const own = this.epoch;
    return own !== undefined && (this.heardEpoch > own || this.rumour > own);
  }

  private follow(): void {
    if (this.behind && !this.resyncing && !this.stuck && !this.timers.has("gap")) this.after("gap", GAP_MS);
  }

  private onState(m: GroupStateToClient): void {
    const epoch = BigInt(m.epoch);
    this.hear(epoch);
    if (this.inside && epoch === mls.epochOf(this.state!) && m.acked >= m.of)
      this.out.push({ type: "all_have", epoch });
  }

  private resync(): void {
    if (!this.behind) return;
    if (this.barred || this.resyncs === RESYNCS_MAX) {
      this.stuck = true;
      this.resyncing = false;
      return this.problem("stuck", "This device cannot follow the encryption any more. Come in again.");
    }
    this.resyncs++;
    this.resyncing = true;
    this.pending = undefined;
    this.send({ type: "group_resync", group: this.options.name });
    this.after("resync", RESYNC_MS);
  }

  private async onInfo(m: GroupInfoToClient): Promise<void> {
    if (!this.inside || !this.resyncing || this.pending) return;
    const bytes = fromBase64url(m.group_info);
    const info = bytes && mls.readInfo(bytes);
    const wrong = "The server handed over a state of the encryption that does not hold.";
    if (!info || !same(info.groupId, this.groupId!) || !this.fits(info.policy))
      return this.problem("bad_group_info", wrong);
    const own = mls.epochOf(this.state!);
    if (info.epoch === own && this.heardEpoch <= own) return this.refute();
    if (info.epoch <= own)
      return this.problem("bad_group_info", "The server handed over an older state of the encryption.");
    const { person, device } = this.options;
    const here = [...info.leaves.values()].some((claim) => {
      const leaf = leafOf(claim);
      return leaf?.person === person && leaf.device === device;
    });
    if (!here) {
      const id = this.groupId!;
      this.forget();
      this.groupId = id;
      return this.sendPackage();
    }
    try {
      const committed = await mls.resync(bytes!, await this.newPackage(), this.judge);
      this.submit(committed, info.epoch, true, [], []);
    } catch {
      this.problem("bad_group_info", wrong);
    }
  }

  /** There is no later epoch: what was said of one was made up, by the server or by a member. */
  private refute(): void {
    this.rumour = -1n;
    this.resyncing = false;
    this.resyncs = 0;
    this.timers.delete("resync");
    this.deafUntil = this.now + RUMOUR_MS;
    this.problem("unknown_key", "Picture or sound came under a key that nobody in the meeting should have.");
  }

  private submit(
    committed: mls.Committed, epoch: bigint, resync: boolean, added: string[], removed: string[],
  ): void {
    this.pending = { committed, epoch, resync };
    this.send({
      type: "commit",
      group: this.options.name,
      epoch: Number(epoch),
      commit: toBase64url(committed.commit),
      ...(committed.welcome && { welcome: toBase64url(committed.welcome) }),
      group_info: toBase64url(committed.groupInfo),
      added: added.map((id) => ({ id })),
      removed: removed.map((id) => ({ id })),
    });
    this.after("answer", ANSWER_MS);
  }

  /** Another commit was first, or no answer came. */
  private lost(): void {
    const again = this.pending?.resync;
    this.pending = undefined;
    this.timers.delete("answer");
    if (again) this.after("resync", BATCH_MS);
    else this.schedule();
  }

  private onRefused(m: CommitRefusedToClient): void {
    this.lost();
    this.hear(BigInt(m.epoch));
  }

  private onWork(m: GroupWorkToClient): void {
    if (!this.inside) return;
    this.committer = true;
    this.work = { add: m.add, remove: m.remove };
    this.hear(BigInt(m.epoch));
    this.schedule();
  }

  private taken() {
    return takeUp({
      state: this.state!,
      work: this.committer ? this.work : { add: [], remove: [] },
      manifest: this.manifest,
      valid: this.judge.valid,
      used: this.usedKeys,
      refused: this.refused,
      mayAdd: (participant) =>
        !mls.policyOf(this.state!)?.locked || (this.isChair() && this.letIn.has(participant)),
    });
  }

  private schedule(): void {
    if (!this.inside || this.pending) return;
    // Who left and has no leaf any more costs a commit too: the server waits for one.
    const leaving =
      this.work.remove.some(({ id }) => id !== this.options.device) ||
      [...mls.leavesOf(this.state!).values()].some((c) => this.manifest.revoked.has(leafOf(c)?.person ?? ""));
    const coming = this.work.add.some((a) => !this.refused.has(a.package));
    if (this.wantLock === undefined && (!this.committer || !(leaving || coming))) return;
    const crowd = !leaving && this.now - this.addedAt < CROWD_MS;
    const at = this.now + (crowd ? CROWD_BATCH_MS : BATCH_MS);
    this.timers.set("commit", Math.min(at, this.timers.get("commit") ?? at));
  }

  private async commitWork(): Promise<void> {
    if (!this.inside || this.pending || this.resyncing) return;
    const { add, remove, added, removed, refusals } = await this.taken();
    for (const { why, text } of refusals) this.problem(why, text);
    const policy = mls.policyOf(this.state!)!;
    const lock = this.wantLock !== undefined && this.wantLock !== policy.locked ? this.wantLock : undefined;
    if (add.length + remove.length + removed.length === 0 && lock === undefined) return;
    const changes = { add, remove, policy: lock === undefined ? undefined : { ...policy, locked: lock } };
    const committed = await mls.commit(this.state!, changes);
    this.submit(committed, mls.epochOf(this.state!), false, added, removed);
  }

  private async update(): Promise<void> {
    if (!this.inside || this.pending || this.resyncing) return;
    this.submit(await mls.commit(this.state!, {}), mls.epochOf(this.state!), false, [], []);
  }

  private async onSealed(m: SealedToClient): Promise<void> {
    if (!this.inside) return;
    const state = this.state!;
    const bytes = fromBase64url(m.message);
    const epoch = bytes && mls.sealedEpoch(state, bytes);
    if (!bytes || epoch === undefined) return this.problem("bad_message", "A message cannot be read.");
    const hash = toBase64url(await sha256(bytes));
    if (this.memory.wasOpened(hash)) return; // of before a connection was lost, or twice for no reason
    const data = this.memory.takeSent(m.message);
    if (data) {
      this.memory.keepOpened(hash);
      const own = mls.ownLeaf(state);
      return this.show(m, own, mls.leavesOf(state).get(own)!, epoch, data);
    }
    if (epoch > mls.epochOf(state)) {
      this.memory.keepSealed(m);
      return this.hear(epoch);
    }
    const opened = await mls.open(state, bytes).catch(() => undefined);
    if (!opened)
      return this.problem("bad_message", "A message cannot be opened: it came too late, or is forged.");
    this.state = opened.next;
    this.memory.keepOpened(hash);
    this.show(m, opened.leaf, opened.claim, epoch, opened.data);
  }

  private show(m: SealedToClient, leaf: number, claim: mls.Claim, epoch: bigint, data: Bytes): void {
    const member = memberOf(leaf, claim, this.manifest);
    if (!member) return this.problem("bad_message", "A message is of nobody on the list of participants.");
    if (member.device !== m.by)
      this.problem("other_sender", `The server gave a message of ${member.name} for another's.`);
    this.out.push({ type: "opened", member, epoch, data, at: m.at });
  }
}
