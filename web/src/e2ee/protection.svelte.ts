// An encrypted meeting as one page is in it: carries what the server says to the group and back, gives
// the keys to what seals picture and sound, says whose each slot is to be, and what people are told
// of it. One thing after the other, in the order in which it came. Loaded for encrypted meetings alone.
import { SvelteSet } from "svelte/reactivity";

import type { ManifestToClient, Participant, Role, Slot, ToServer } from "../gen/protocol";
import type { Admission } from "./admission";
import { verified } from "./admission";
import { fromUtf8, utf8 } from "./bytes";
import type { Effect, FromServer, Problem } from "./effects";
import { Group } from "./group";
import { IdentityError } from "./identity";
import { fingerprintDigits } from "./keys";
import type { EpochKeys, Origin, Place } from "./keyring";
import type { Change, Member, Present } from "./members";
import type { Sealing } from "./sealing";

export { admit } from "./admission";

/** The name of the group of the whole meeting. */
const GROUP = "meeting";
const CHAIR = "chair";
/** Of what went wrong, and of what changed, so much is shown. */
const TROUBLES_SHOWN = 5;
const CHANGES_SHOWN = 8;
/** A place that was lost for good is asked for anew after so long. */
const COME_BACK_MS = 5_000;
/** What is told at once, and not only where one looks for it. */
const LOUD: readonly Problem[] = ["bad_commit", "bad_group", "bad_welcome", "other_sender", "stuck"];

/** What the meeting gives. */
export interface Host {
  send(message: ToServer): boolean;
  sealing(): Sealing | undefined;
  /** No key that was given may be used any more. */
  unseal(): void;
  /** From the frame of this timestamp on the section shows this participant. */
  shows(mid: string, participant: string, kind: Origin["kind"], rtpTimestamp: number | undefined): void;
  /** A text of the chat. */
  said(by: Member, text: string, at: number): void;
  /** Who is in the group. */
  members(): void;
  warn(text: string): void;
}

export interface News extends Change {
  at: number;
}

interface Keys {
  keys: EpochKeys;
  when: { switchSendAt: number; dropOldAfterMs: number };
}

export class Protection {
  /** In the group, with its keys. */
  inside = $state(false);
  members = $state.raw<Present[]>([]);
  /** 30 digits. */
  code = $state("");
  locked = $state(false);
  /** Latest first. */
  changes = $state.raw<News[]>([]);
  troubles = $state.raw<string[]>([]);
  /** Participants in whose slots came what is not theirs. */
  readonly mismatched = new SvelteSet<string>();

  #host!: Host;
  #group: Group | undefined;
  /** The participant that the group is made for, and the one of the last welcome. */
  #device = "";
  #heard = "";
  #keys: Keys | undefined;
  #lastGroup: FromServer | undefined;
  readonly #slots = new Map<string, Slot>();
  /** Whom each section was last said to show. */
  readonly #expected = new Map<string, string | undefined>();
  #tail: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #comeBack: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(private readonly admission: Admission) {}

  start(host: Host): void {
    this.#host = host;
  }

  /** The organiser's fingerprint, as on the letter. */
  get fingerprint(): string {
    return fingerprintDigits(this.admission.organiser) ?? "";
  }

  get presides(): boolean {
    return this.admission.manifest.people.get(this.admission.person)?.role === CHAIR;
  }

  memberOf(participant: string): Present | undefined {
    return this.members.find((m) => m.device === participant);
  }

  /** Under the name and with the role that the organiser signed, not those that the server says. */
  named(p: Participant): Participant {
    const member = this.memberOf(p.id);
    return member ? { ...p, name: member.name, role: member.role as Role } : p;
  }

  /** The connection stands; the same participant goes on where it was. */
  welcome(participant: string): void {
    if (participant !== this.#heard) this.#unseal();
    this.#heard = participant;
    this.#then(async () => {
      if (this.#group?.inside && participant === this.#device) return;
      await this.#reset();
      this.#device = participant;
      const { meeting, person, key, manifest } = this.admission;
      this.#group = new Group({ meeting, name: GROUP, person, key, device: participant, manifest });
    });
  }

  /** Out of the room one is out of the group. */
  outside(): void {
    this.#unseal();
    this.#then(() => this.#reset());
  }

  receive(message: FromServer | ManifestToClient): void {
    this.#then(async () => {
      if (message.type === "manifest") return this.#take(message);
      if (message.type === "group") this.#lastGroup = message;
      await this.#run((group, now) => group.receive(now, message));
    });
  }

  /** What the slots are said to show. */
  fill(slots: Slot[]): void {
    for (const slot of slots) {
      this.#slots.set(slot.mid, slot);
      if (slot.participant) this.mismatched.delete(slot.participant);
      this.#expect(slot);
    }
  }

  /** A new worker, and a new connection for picture and sound. */
  begins(sealing: Sealing): void {
    this.#slots.clear();
    this.#expected.clear();
    if (this.#keys) void this.#give(sealing, this.#keys);
  }

  /** What the section showed from this frame on could be opened, and is of this place in the group. */
  shows(mid: string, { leaf, since, kind }: Place, rtpTimestamp: number | undefined): void {
    const member = this.members.find((m) => m.leaf === leaf && m.since === since);
    if (!member || this.#expected.get(mid) !== member.device) return;
    this.mismatched.delete(member.device);
    this.#host.shows(mid, member.device, kind, rtpTimestamp);
  }

  /** Frames came that are not of whom the section is said to show. */
  mismatch(mid: string): void {
    const participant = this.#slots.get(mid)?.participant;
    if (participant) this.mismatched.add(participant);
  }

  /** Frames came under keys of an epoch that is after all that are known. */
  later(epoch: bigint): void {
    this.#then(() => this.#run((group, now) => group.heard(now, epoch)));
  }

  /** False: there is nobody to seal it for. */
  say(text: string): boolean {
    if (!this.inside) return false;
    const data = utf8(JSON.stringify({ v: 1, type: "chat", text }));
    this.#then(() => this.#run((group, now) => group.seal(now, data)));
    return true;
  }

  lock(locked: boolean): void {
    this.#then(() => this.#run((group, now) => group.lock(now, locked)));
  }

  letIn(participant: string): void {
    this.#then(() => this.#run((group, now) => group.admit(now, participant)));
  }

  /** The server refused what the group sent. */
  refused(text: string): void {
    this.#trouble(text);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#comeBack);
  }

  #then(work: () => Promise<void>): void {
    this.#tail = this.#tail.then(async () => {
      if (this.#ended) return;
      try {
        await work();
      } catch (error) {
        this.#trouble(error instanceof Error ? error.message : String(error));
      }
      this.#wind();
    });
  }

  /** Has the group woken when something falls due in it. */
  #wind(): void {
    clearTimeout(this.#timer);
    const at = this.#group?.deadline;
    if (at === undefined || this.#ended) return;
    const expire = () => this.#then(() => this.#run((group, now) => group.expire(now)));
    this.#timer = setTimeout(expire, Math.max(0, at - Date.now()));
  }

  async #run(call: (group: Group, now: number) => Promise<Effect[]>): Promise<void> {
    if (!this.#group) return;
    for (const effect of await call(this.#group, Date.now())) await this.#do(effect);
  }

  async #reset(): Promise<void> {
    await this.#run((group, now) => group.reset(now));
    this.#out();
    this.#group = this.#lastGroup = undefined;
  }

  async #take(signed: ManifestToClient): Promise<void> {
    const { meeting, organiser } = this.admission;
    try {
      const manifest = await verified(signed, meeting, organiser);
      if (manifest.encryption !== "required") throw new IdentityError("malformed", NOT_ENCRYPTED);
      this.admission.manifest = manifest;
      await this.#run((group, now) => group.setManifest(now, manifest));
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      this.#trouble(error.message); // the one before it holds on
      this.#host.warn(error.message);
    }
  }

  async #do(effect: Effect): Promise<void> {
    switch (effect.type) {
      case "send":
        this.#host.send(effect.message);
        return;
      case "epoch": {
        const { keys, switchSendAt, dropOldAfterMs } = effect;
        this.#keys = { keys, when: { switchSendAt, dropOldAfterMs } };
        const sealing = this.#host.sealing();
        if (sealing) await this.#give(sealing, this.#keys); // before it is acknowledged
        return;
      }
      case "members":
        return this.#show(effect);
      case "opened":
        return this.#open(effect);
      case "out":
        return this.#out();
      case "problem":
        this.#trouble(effect.text);
        if (LOUD.includes(effect.problem)) this.#host.warn(effect.text);
        if (effect.problem === "stuck") this.#askAgain();
        return;
      case "all_have":
        if (this.#keys?.keys.epoch !== effect.epoch) return;
        this.#keys.when.switchSendAt = Date.now();
        this.#host.sealing()?.switchTo(effect.epoch);
        return;
    }
  }

  async #give(sealing: Sealing, { keys, when }: Keys): Promise<void> {
    await sealing.setEpoch(keys, when).catch((error: unknown) => this.#trouble(String(error)));
  }

  #show({ members, code, locked, changes }: Extract<Effect, { type: "members" }>): void {
    const at = Date.now();
    this.inside = true;
    this.members = members;
    this.code = code;
    this.locked = locked;
    this.changes = [...changes.map((c) => ({ ...c, at })), ...this.changes].slice(0, CHANGES_SHOWN);
    this.#slots.forEach((slot) => this.#expect(slot));
    this.#host.members();
  }

  #open({ member, data, at }: Extract<Effect, { type: "opened" }>): void {
    let read: unknown;
    try {
      read = JSON.parse(fromUtf8(data) ?? "");
    } catch {
      read = undefined;
    }
    const { v, type, text } = (read ?? {}) as Record<string, unknown>;
    if (v === 1 && type === "chat" && typeof text === "string") this.#host.said(member, text, at);
    else this.#trouble(`A message of ${member.name} cannot be read.`);
  }

  /** No key is used any more, and nobody shown. */
  #out(): void {
    this.#unseal();
    this.inside = false;
    this.members = [];
    this.code = "";
    this.#host.members();
  }

  #unseal(): void {
    if (this.#keys) this.#host.unseal();
    this.#keys = undefined;
  }

  #askAgain(): void {
    clearTimeout(this.#comeBack);
    this.#comeBack = setTimeout(() => {
      this.#then(async () => {
        const last = this.#lastGroup;
        await this.#run((group, now) => group.reset(now));
        if (last) await this.#run((group, now) => group.receive(now, last));
      });
    }, COME_BACK_MS);
  }

  #expect(slot: Slot): void {
    const sealing = this.#host.sealing();
    const member = slot.participant === undefined ? undefined : this.memberOf(slot.participant);
    const place = member && slot.kind ? { leaf: member.leaf, since: member.since, kind: slot.kind } : null;
    const before = this.#expected.get(slot.mid);
    // A place in the group may go from one to another: what is shown must not go with it.
    if (place && before !== member?.device) sealing?.expect(slot.mid, null);
    sealing?.expect(slot.mid, place);
    this.#expected.set(slot.mid, place ? member?.device : undefined);
  }

  #trouble(text: string): void {
    this.troubles = [text, ...this.troubles.filter((other) => other !== text)].slice(0, TROUBLES_SHOWN);
  }
}

const NOT_ENCRYPTED = "The server gave a list of participants for a meeting without encryption.";
