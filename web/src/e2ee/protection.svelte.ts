// An encrypted meeting as one page is in it: carries what the server says to the group and back, gives
// the keys to what seals picture and sound, says whose each slot is to be, and what people are told
// of it. One thing after the other, in the order in which it came. Loaded for encrypted meetings alone.
import { SvelteSet } from "svelte/reactivity";

import type { ManifestToClient, Participant, Role, Slot, ToServer } from "../gen/protocol";
import { WHOLE } from "../lib/circles";
import type { Admission } from "./admission";
import { Driver } from "./driver";
import type { Effect, FromServer, Problem } from "./effects";
import { Group } from "./group";
import { SealedHistory } from "./history";
import { fingerprintDigits } from "./keys";
import type { EpochKeys, Origin, Place } from "./keyring";
import { Listed } from "./listed.svelte";
import type { Change, Member, Present } from "./members";
import type { Alarm } from "../record/alarm";
import type { Sealing } from "./sealing";
import { Talks } from "./talks.svelte";
import { readAlarm, readCaption, readText, type SealedCaption, writeAlarm, writeCaption, writeText } from "./text";

const CHAIR = "chair";
const CAPTIONER = "captioner";
/** Of what went wrong, and of what changed, so much is shown. */
const TROUBLES_SHOWN = 5;
const CHANGES_SHOWN = 8;
/** What is told at once, and not only where one looks for it. */
const LOUD: readonly Problem[] = ["bad_commit", "bad_group", "bad_welcome", "other_sender", "outsider", "stuck"];

/** What the meeting gives. */
export interface Host {
  send(message: ToServer): boolean;
  sealing(): Sealing | undefined;
  /** No key that was given may be used any more. */
  unseal(): void;
  /** From the frame of this timestamp on the section shows this participant. */
  shows(mid: string, participant: string, kind: Origin["kind"], rtpTimestamp: number | undefined): void;
  /** A text of the chat of a circle. */
  said(circle: string, by: Member, text: string, at: number): void;
  /** A line of captions, by a captioner of the signed list. */
  captioned(by: Member, caption: SealedCaption): void;
  /** The participants of a circle who are in the room, as far as the server says. */
  here(circle: string): string[];
  /** Their browser found that the record was changed. */
  alarmed(by: Member, alarm: Alarm): void;
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

  /** The groups beside that of the meeting. */
  readonly talks: Talks;

  #host!: Host;
  readonly #driver = new Driver({ effect: (e) => this.#do(e), failed: (text) => this.#trouble(text) });
  /** The participant that the group is made for, and the one of the last welcome. */
  #device = "";
  #heard = "";
  #keys: Keys | undefined;
  /** Told of the groups there are, since the connection stands. */
  #settled = true;
  readonly #slots = new Map<string, Slot>();
  /** Whom each section was last said to show. */
  readonly #expected = new Map<string, string | undefined>();

  /** What was written, as this device keeps it. */
  readonly history: SealedHistory;
  /** Who may be in the meeting. */
  readonly listed: Listed;

  constructor(readonly admission: Admission) {
    this.talks = new Talks(admission);
    this.listed = new Listed(admission);
    this.history = new SealedHistory(`${admission.meeting}:${admission.person}`);
  }

  start(host: Host): void {
    this.#host = host;
    this.talks.start({
      send: (m) => host.send(m),
      said: (...what) => host.said(...what),
      here: (circle) => host.here(circle),
      trouble: (text, problem) => this.#tell(text, problem),
    });
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

  /** Under the name, role, seat and flag that the organiser signed, not those that the server says. */
  named(p: Participant): Participant {
    const member = this.memberOf(p.id);
    if (!member) return p;
    const { seat: _seat, seat_name: _name, country: _country, ...told } = p;
    const seat = this.admission.manifest.seats.get(member.seat ?? "");
    return {
      ...told,
      name: member.name,
      role: member.role as Role,
      ...(seat && { seat: seat.id, seat_name: seat.name }),
      ...(seat?.country && { country: seat.country }),
    };
  }

  /** The connection stands; the same participant goes on where it was. */
  welcome(participant: string): void {
    if (participant !== this.#heard) this.#unseal();
    this.#heard = participant;
    this.#settled = false;
    this.talks.welcome(participant);
    this.#driver.then(async () => {
      if (this.#driver.group?.inside && participant === this.#device) return;
      await this.#reset();
      this.#device = participant;
      const { meeting, person, key, manifest } = this.admission;
      this.#driver.group = new Group({ meeting, name: WHOLE, person, key, device: participant, manifest });
    });
  }

  /** Out of the room one is out of the group. */
  outside(): void {
    this.#unseal();
    this.talks.outside();
    this.#driver.then(() => this.#reset());
  }

  receive(message: FromServer | ManifestToClient): void {
    if (message.type === "manifest") {
      const taken = this.listed.take(message); // at once: the server may tell by it what else is true
      return this.#driver.then(() => this.#took(taken));
    }
    if (message.group !== WHOLE) return this.talks.receive(message);
    if (message.type === "group" && !this.#settled) {
      this.#settled = true; // that of the meeting is told last
      this.talks.settle();
    }
    this.#driver.then(() => this.#driver.receive(message));
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
    this.#call((group, now) => group.heard(now, epoch));
  }

  /** To all members: the record was changed. The server could keep it to itself otherwise. */
  spread(alarm: Alarm): void {
    if (this.inside) this.#call((group, now) => group.seal(now, writeAlarm(alarm)));
  }

  /** False: there is nobody to seal it for. */
  say(text: string, circle = WHOLE): boolean {
    if (!this.inside) return false;
    if (circle !== WHOLE) return this.talks.say(circle, text);
    this.#call((group, now) => group.seal(now, writeText(text)));
    return true;
  }

  /** False: there is nobody to seal it for. */
  caption(caption: SealedCaption): boolean {
    if (!this.inside) return false;
    this.#call((group, now) => group.seal(now, writeCaption(caption), true));
    return true;
  }

  lock(locked: boolean): void {
    this.#call((group, now) => group.lock(now, locked));
  }

  letIn(participant: string): void {
    this.#call((group, now) => group.admit(now, participant));
  }

  /** The server refused what the group sent. */
  refused(text: string): void {
    this.#trouble(text);
  }

  end(): void {
    this.#driver.end();
    this.talks.end();
  }

  #call(call: (group: Group, now: number) => Promise<Effect[]>): void {
    this.#driver.then(() => this.#driver.run(call));
  }

  async #reset(): Promise<void> {
    await this.#driver.reset();
    this.#out();
  }

  async #took(taken: Promise<string | undefined>): Promise<void> {
    const wrong = await taken;
    if (wrong !== undefined) {
      this.#trouble(wrong);
      this.#host.warn(wrong);
      return;
    }
    await this.#driver.run((group, now) => group.setManifest(now, this.listed.list));
    this.talks.manifest();
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
        return this.#tell(effect.text, effect.problem);
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

  #show({ members, code, locked, changes, by }: Extract<Effect, { type: "members" }>): void {
    const at = Date.now();
    if (this.locked && !locked && !by) this.#tell(UNLOCKED, "bad_group"); // nobody turned it
    this.inside = true;
    this.members = members;
    this.code = code;
    this.locked = locked;
    this.changes = [...changes.map((c) => ({ ...c, at })), ...this.changes].slice(0, CHANGES_SHOWN);
    this.#slots.forEach((slot) => this.#expect(slot));
    this.#host.members();
  }

  #open({ member, data, at }: Extract<Effect, { type: "opened" }>): void {
    const text = readText(data);
    const alarm = readAlarm(data);
    const caption = readCaption(data);
    if (text !== undefined) this.#host.said(WHOLE, member, text, at);
    else if (caption && member.role === CAPTIONER) this.#host.captioned(member, caption);
    else if (caption) this.#trouble(`${member.name} sent captions and is no captioner: they are not shown.`);
    else if (alarm) this.#host.alarmed(member, alarm);
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

  #tell(text: string, problem?: Problem): void {
    this.#trouble(text);
    if (problem && LOUD.includes(problem)) this.#host.warn(text);
  }

  #trouble(text: string): void {
    this.troubles = [text, ...this.troubles.filter((other) => other !== text)].slice(0, TROUBLES_SHOWN);
  }
}

const UNLOCKED = "The meeting was locked, and is not any more: you came in anew, maybe into another one. Compare the room code.";
