// A meeting as one participant sees it: who is here, who speaks, what was written; the procedure has
// a file of its own. Lives from Join to Leave, through any number of lost connections.
import { SvelteMap } from "svelte/reactivity";

import type { Proven, Texts } from "../e2ee/acts";
import type { Listed } from "../e2ee/listed.svelte";
import type { Protection } from "../e2ee/protection.svelte";
import type { Person } from "../e2ee/identity";
import { Ungrounded } from "../record/grounds";
import type { Cosigner } from "../record/witness";
import type { ChatToClient, LineToClient, MaintenanceToClient, ManifestToClient, Meeting, Participant, Place, RecordsToClient, ToClient, ToServer, WelcomeToClient } from "../gen/protocol";
import { LIMITS, SIGNED_ACTS } from "../gen/protocol";
import { t } from "../texts";
import { Problem } from "./api";
import { type Caption, Captions } from "./captions.svelte";
import { Chat, type ChatEntry } from "./chat.svelte";
import { circlesOf, inCircle, readCircle, WHOLE } from "./circles";
import { Chimes } from "./chimes.svelte";
import { Connection } from "./connection";
import type { DeviceKind, Devices } from "./devices.svelte";
import { Interpretation } from "./interpretation.svelte";
import type { Invitation } from "./link";
import { isolated, isolatedPerson, utf8Bytes, withIsolatedNames } from "./names";
import { type News, newsTone } from "./news";
import { Notices } from "./notices.svelte";
import { noteSpeaker } from "./order";
import { type Act, Procedure } from "./procedure.svelte";
import { randomHex } from "./random";
import { DefinitionWatch } from "./definitionWatch";
import { RecordWatch } from "./recordWatch.svelte";
import { seconds } from "./seconds";
import { Stream } from "./stream.svelte";
import { setMeetingZone } from "./zone.svelte";

/** After a welcome the server lists everybody; who is not listed by then has gone. */
const SETTLE_MS = 1_000;
/** A voice that lasts so long is announced to those who cannot see the ring. */
const SPEAKING_MS = 1_500;

/** What the group of an encrypted meeting sends: a refusal is told with the encryption. */
const GROUP_MESSAGES: readonly string[] = ["key_package", "group_create", "commit", "group_ack", "group_resync", "sealed"];

/** After these one does not come in again: what the tab kept of the chat goes. */
const OVER: readonly string[] = ["revoked", "meeting_deleted"];

export type Ending = "left" | Problem;

/** What one comes with beyond the token. */
export interface Keys {
  /** Of an encrypted meeting; without it no other is entered. */
  protection?(): Protection;
  /** The signed list of a meeting that is not encrypted. */
  listed?: Listed;
  /** An act with the signature of who makes it. Rejects with Ungrounded where it is on nothing that is proven. */
  sign?(message: ToServer, texts: Texts, proven: Proven): Promise<ToServer>;
  /** By which checkpoints of the record are cosigned. */
  cosigner?: Cosigner;
  /** SHA-256 of the meeting's definition, as the organiser signed it. */
  definition?: string;
  /** Everybody with their keys, as the organiser signed it last; by person. Rejects where it cannot be had. */
  people?(): Promise<ReadonlyMap<string, Person>>;
}

export class Room {
  readonly protection: Protection | undefined;
  /** The signed list of who may be here, where there is one and one came with a key. */
  readonly listed: Listed | undefined;
  meeting = $state.raw<Meeting>();
  me = $state("");
  place = $state<Place>();
  mayPublish = $state(false);
  mayPreside = $state(false);
  link = $state<"connecting" | "online" | "lost">("connecting");
  /** The server is to be stopped for maintenance: at the latest when? */
  maintenance = $state.raw<{ until: number | undefined }>();
  /** The server has a newer page than this one. */
  updated = $state(false);
  /** Called at each welcome, with the build of the page that the server has. */
  welcomed: (build: string | undefined) => void = () => undefined;
  readonly people = new SvelteMap<string, Participant>();
  speaker = $state<string>();
  /** Who spoke lately, latest first. */
  spoke = $state.raw<string[]>([]);
  readonly chat = new Chat();
  readonly captions = new Captions(this.people);
  readonly notices = new Notices();
  readonly chimes = new Chimes();
  /** What the server said last of the own line; only while it is asked. */
  line = $state.raw<LineToClient>();
  readonly stream: Stream;
  readonly procedure: Procedure;
  readonly interpretation: Interpretation;
  readonly record: RecordWatch;
  /** By which the meeting's documents are fetched. */
  readonly token: string;
  /** Whose keys signed acts are by; undefined: the link names no organiser. */
  readonly signers: Keys["people"];
  /** An event of the record that is to be shown, by its number. */
  event = $state<number>();

  readonly #connection: Connection;
  readonly #defined: DefinitionWatch;
  #unlisted = new Set<string>();
  #maintained: string | undefined;
  #members: readonly string[] = [];
  #settling: ReturnType<typeof setTimeout> | undefined;
  #voice: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  constructor(
    link: Invitation,
    name: string | undefined,
    private readonly devices: Devices,
    private readonly ended: (how: Ending) => void,
    keys: Keys,
  ) {
    this.protection = keys.protection?.();
    this.listed = this.protection?.listed ?? keys.listed;
    this.token = link.token ?? "";
    this.signers = keys.people;
    this.event = link.event;
    const hello = {
      type: "hello" as const,
      meeting: link.meeting,
      token: this.token,
      page: randomHex(LIMITS.hello.page / 2),
    };
    this.#connection = new Connection(name === undefined ? hello : { ...hello, name }, {
      message: (m) => this.#receive(withIsolatedNames(m)),
      lost: () => this.#lost(),
    });
    this.procedure = new Procedure(
      (m) => this.#deliver(m, keys.sign),
      () => this.self,
      () => seconds.now,
    );
    this.procedure.personName = (id) => this.people.get(id)?.name ?? "";
    this.record = new RecordWatch({
      meeting: link.meeting,
      token: this.token,
      cosigner: keys.cosigner,
      send: (m) => this.send(m),
      online: () => this.link === "online",
      me: () => this.me,
      spread: (alarm) => this.protection?.spread(alarm),
    });
    this.#defined = new DefinitionWatch({
      meeting: link.meeting,
      token: this.token,
      signed: keys.definition,
      listed: async () => {
        await this.listed?.settled();
        return this.listed?.list.seats ?? new Map();
      },
      raise: (alarm) => this.record.raise(alarm),
    });
    this.stream = new Stream(
      devices,
      (m) => this.send(m),
      () => this.#connection.doubt(),
      () => this.link === "online",
    );
    this.interpretation = new Interpretation(this.people, (m) => this.send(m));
    this.interpretation.changed = () => this.stream.sound.mix();
    this.stream.sound.loudnessOf = (id) => this.interpretation.loudnessOf(id);
    if (this.protection) this.#protect(this.protection);
    devices.changed = () => this.stream.sync();
    devices.vanished = (kind) => this.notices.show("device", t.deviceGone(kind), "warning");
    devices.troubled = (kind, state) => this.#troubled(kind, state);
    this.#connection.start();
  }

  /** The own entry, once the server listed it. */
  get self(): Participant | undefined {
    return this.people.get(this.me);
  }

  inRoom(): Participant[] {
    return [...this.people.values()].filter((p) => p.place === "room");
  }

  inLobby(): Participant[] {
    return [...this.people.values()].filter((p) => p.place === "lobby");
  }

  send(message: ToServer): boolean {
    return this.#connection.send(message);
  }

  /** An act, signed where there is a key: a moment later, then. */
  #deliver(message: ToServer, sign: Keys["sign"]): boolean {
    if (!sign || !(message.type in SIGNED_ACTS)) return this.#act(message);
    if (this.link !== "online") return false;
    sign(message, this.procedure, this.record)
      .then((signed) => this.#act(signed) || this.procedure.failed(message))
      .catch((error) => this.procedure.failed(message, error instanceof Ungrounded ? error.message : undefined));
    return true;
  }

  #act(message: ToServer): boolean {
    const sent = this.send(message);
    if (sent) this.record.sent(message);
    return sent;
  }

  /** Those beside the whole meeting in which one writes and reads. */
  get circles(): string[] {
    return this.self ? circlesOf(this.self, this.procedure.seats.map(({ seat }) => seat)) : [];
  }

  /** The names of those who read what is written there, but for oneself: in an encrypted meeting whoever holds
   * the keys, whether the server tells of them or not, and who is about to. */
  readerNames(circle: string): string[] {
    const held = (this.protection?.talks.members(circle) ?? []).filter((m) => m.device !== this.me);
    const coming = this.readers(circle).filter((p) => !held.some((m) => m.device === p.id));
    return [...held, ...coming].map(({ name }) => name);
  }

  /** Who is here and of the circle, but for oneself. */
  readers(circle: string): Participant[] {
    return this.inRoom().filter((p) => p.id !== this.me && inCircle(circle, p));
  }

  /** False: too long, or no connection; the text is kept by whoever wrote it. */
  sendChat(text: string, circle = WHOLE): boolean {
    if (utf8Bytes(text) > LIMITS.chat.text) return false;
    if (this.protection) return this.link === "online" && this.protection.say(text, circle);
    return this.send({ type: "chat", text, ...(circle === WHOLE ? {} : { to: circle }) });
  }

  /** False: no connection, or nobody to seal it for. */
  sendCaption(caption: Caption): boolean {
    if (this.link !== "online") return false;
    if (!this.protection) return this.send({ type: "caption", ...caption });
    const language = this.self?.language;
    return language !== undefined && this.protection.caption({ ...caption, language });
  }

  /** Somebody wrote there: for who does not look at it. */
  #said(circle: string, entry: Omit<ChatEntry, "circle" | "key">): void {
    this.chat.add(circle, entry);
    const kind = readCircle(circle)?.kind ?? "meeting";
    if (kind === "meeting" || entry.participant === this.me || this.chat.shows(circle)) return;
    const text = t.written.news(entry.name, kind);
    if (!this.chat.open) this.notices.show("chat", text);
    this.notices.say(text);
  }

  /** Why nothing of somebody is shown: they are not in the encryption, or what comes is not theirs. */
  doubt(id: string): "outside" | "mismatch" | undefined {
    if (!this.protection?.inside) return undefined;
    if (!this.protection.memberOf(id)) return "outside";
    return this.protection.mismatched.has(id) ? "mismatch" : undefined;
  }

  /** Every act of the procedure goes this way, so that a refusal is told where it was tried. */
  get act(): Act {
    return this.procedure.act;
  }

  /** The page will be loaded anew, later. */
  sayUpdated(): void {
    if (this.updated) return;
    this.updated = true;
    this.notices.show("updated", t.updated);
    this.notices.say(t.updated);
  }

  /** Asks for the floor, to speak; or takes that back. */
  toggleHand(): void {
    const { ownEntries } = this.procedure;
    if (ownEntries.length === 0) this.act({ type: "request_floor", kind: "speak" });
    for (const { entry } of ownEntries) this.act({ type: "withdraw_floor", entry });
  }

  /** To be called about once a second while the answer is shown, which comes into `line`. */
  askLine(): void {
    this.send({ type: "line" });
  }

  /** The network changed. */
  hurry(): void {
    this.#connection.hurry();
  }

  leave(): void {
    this.send({ type: "leave" });
    this.#end("left");
  }

  /** The page goes away: what is still possible then. */
  goodbye(): void {
    this.send({ type: "leave" });
    this.#connection.end();
  }

  #receive(m: ToClient): void {
    switch (m.type) {
      case "welcome":
        this.#welcome(m);
        return this.welcomed(m.build);
      case "place":
        return this.#moveTo(m.place);
      case "participant":
        return this.#update(m.participant);
      case "gone":
        return this.#gone(m.participant);
      case "answer":
        void this.stream.answer(m.sdp).catch(() => this.stream.refused(this.mayPublish));
        return;
      case "slots":
        this.protection?.fill(m.slots);
        return this.stream.fill(m.slots);
      case "wanted":
        return this.stream.want(m.sources);
      case "line":
        this.line = m;
        return;
      case "speaker":
        return this.#hear(m.participant);
      case "chat":
        return this.#written(m);
      case "caption":
        // In an encrypted meeting the server could have written it.
        if (!this.protection) this.captions.take(m.language, m.participant, m);
        return;
      case "checkpoint":
        return this.record.take(m);
      case "alarms":
        return this.record.listed(m.alarms);
      case "recorded":
        return this.record.recorded(m);
      case "manifest":
        if (this.protection) this.protection.receive(m);
        else this.#takeList(m);
        return this.#defined.list();
      case "group":
      case "group_work":
      case "handshake":
      case "group_welcome":
      case "commit_refused":
      case "group_info":
      case "group_state":
      case "sealed":
        return this.protection?.receive(m);
      case "muted":
        this.notices.show("muted", t.mutedByChair, "warning");
        this.notices.say(t.mutedByChair);
        void this.devices.switch("microphone", false);
        this.devices.stopScreenSound();
        return;
      case "records":
        return this.#records(m.state);
      case "maintenance":
        return this.#maintain(m);
      case "removed":
        return this.#end(new Problem(m.reason, m.message));
      case "error":
        if (m.of !== undefined) this.record.refused(m.of);
        if (m.of === "hello") this.#end(new Problem("refused", m.message));
        else if (m.of === "offer") this.stream.refused(this.mayPublish);
        else if (GROUP_MESSAGES.includes(m.of ?? "")) this.protection?.refused(m.message);
        else if (!this.procedure.refused(m)) this.notices.show("error", t.said(m.message), "warning");
        return;
      case "pong":
        return;
      default:
        this.#noteDecided(m);
        if (m.type === "session") this.#defined.session(m);
        else if (m.type === "seats") void this.#defined.seats(m.seats);
        for (const news of this.procedure.receive(m) ?? []) this.#announce(news);
    }
  }

  /** Stays on the screen until acts are recorded again, and says then that they are. */
  #records(state: RecordsToClient["state"]): void {
    const good = state === "kept";
    this.notices.show("records", t.records[state], good ? "good" : "warning", [], !good);
    this.notices.say(t.records[state]);
  }

  /** Told anew after each lost connection: who has seen it is not told the same again. */
  #maintain({ ahead, until }: MaintenanceToClient): void {
    const text = ahead ? t.maintenance.notice(until) : t.maintenance.off;
    this.maintenance = ahead ? { until } : undefined;
    if (this.place !== "room" || this.#maintained === text) return;
    this.#maintained = text;
    this.notices.show("maintenance", text, ahead ? "warning" : "good", [], ahead);
    this.notices.say(text);
  }

  /** What is decided is cosigned by everybody's browser. */
  #noteDecided(m: ToClient): void {
    if (m.type === "decision" && m.ended_at !== undefined) this.record.decided(`${m.decision} ${m.ended_at}`);
    else if (m.type === "minutes" && m.adopted !== undefined) this.record.decided(`minutes ${m.adopted}`);
    else if (m.type === "session" && m.session === "closed") this.record.decided("closed");
  }

  #takeList(m: ManifestToClient): void {
    const wrong = this.listed?.take(m) ?? Promise.resolve(undefined);
    void wrong.then((text) => text !== undefined && this.notices.show("list", text, "warning"));
  }

  #written({ to = WHOLE, participant, name, text, at }: ChatToClient): void {
    if (this.protection) return; // the server could have written it
    const entry = { participant, name, text, at };
    if (this.#settling === undefined) this.#said(to, entry);
    else this.chat.add(to, entry); // of before
  }

  /** For eyes that look elsewhere, and for ears. */
  #announce(news: News): void {
    if (this.#settling !== undefined) return;
    this.notices.say(t.news(news));
    const tone = newsTone(news);
    if (tone) this.notices.show(`news-${news.what}`, t.news(news), tone);
    if (news.what === "turn" || (news.what === "called" && this.procedure.awaiting.length > 0))
      this.chimes.play("yours");
  }

  #protect(protection: Protection): void {
    const { stream } = this;
    stream.encrypted = true;
    stream.sealed = {
      begins: (sealing) => protection.begins(sealing),
      shows: (...what) => protection.shows(...what),
      mismatch: (mid) => protection.mismatch(mid),
      undecryptable: (_mid, _why, later) => later !== undefined && protection.later(later),
    };
    void this.chat.keep(protection.history);
    protection.start({
      send: (m) => this.send(m),
      sealing: () => stream.sealing,
      unseal: () => stream.unseal(),
      shows: (mid, participant, kind, rtpTimestamp) => stream.opened(mid, { participant, kind, rtpTimestamp }),
      said: (circle, by, text, at) => this.#said(circle, { participant: by.device, name: isolated(by.name), text, at }),
      captioned: (by, caption) => this.captions.take(caption.language, by.device, caption),
      here: (circle) => this.inRoom().flatMap((p) => (inCircle(circle, p) ? p.id : [])),
      alarmed: (by, alarm) => this.record.heard({ by: by.device, ...alarm }),
      members: () => {
        this.people.forEach((p, id) => this.people.set(id, isolatedPerson(protection.named(p))));
        this.#met(protection.members.map(({ device }) => device));
      },
      warn: (text) => this.notices.show("encryption", t.said(text), "warning"),
    });
  }

  /** Who is in the encryption now. */
  #met(members: readonly string[]): void {
    if (members.some((id) => !this.#members.includes(id))) this.record.repeat(members);
    this.#members = members;
  }

  #welcome(m: WelcomeToClient): void {
    this.notices.dismiss("records"); // which is told again, if it is still so
    // Whether a meeting is encrypted is said by the organiser, in the link and the signed list.
    if ((m.meeting.encryption === "required") !== (this.protection !== undefined)) {
      this.#end(new Problem("not_encrypted"));
      return;
    }
    if (this.link === "lost" && this.meeting) this.notices.show("link", t.restored, "good");
    this.link = "online";
    this.maintenance = undefined; // else it is said again
    this.meeting = m.meeting;
    setMeetingZone(m.meeting.zone);
    this.me = m.you;
    this.mayPublish = m.may_publish;
    this.mayPreside = m.may_preside;
    if (!this.protection) this.chat.restart();
    this.protection?.welcome(m.you);
    this.procedure.restart();
    this.interpretation.restart(m.meeting.languages.map(({ id }) => id));
    this.#unlisted = new Set(this.people.keys());
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#settle(), SETTLE_MS);
    this.#hear(undefined);
    this.stream.turn = m.turn;
    if (m.media === "kept" && this.stream.resume()) {
      this.place = m.place;
      return;
    }
    this.stream.close();
    this.#moveTo(m.place);
  }

  #settle(): void {
    this.#settling = undefined;
    for (const id of this.#unlisted) this.#gone(id);
    this.procedure.settle();
  }

  #moveTo(place: Place): void {
    this.place = place;
    if (place === "room") {
      void this.stream.negotiate(this.mayPublish);
      return;
    }
    this.stream.close();
    this.protection?.outside();
    // From outside nobody is seen; who is there is told anew on coming in.
    for (const id of [...this.people.keys()]) if (id !== this.me) this.people.delete(id);
  }

  #update(told: Participant): void {
    const p = isolatedPerson(this.protection?.named(told) ?? told);
    const before = this.people.get(p.id);
    this.#unlisted.delete(p.id);
    this.people.set(p.id, p);
    this.interpretation.noted(this.self);
    if (p.place === "lobby" && before?.place !== "lobby") this.#knock(p);
    if (p.place !== "lobby") this.notices.dismiss(`lobby-${p.id}`);
    this.#tell(before, p);
  }

  /** What changed, for the ears. */
  #tell(before: Participant | undefined, p: Participant): void {
    if (this.#settling !== undefined) return;
    const name = t.plate(p);
    if (p.place === "room" && before?.place !== "room" && p.id !== this.me) {
      this.notices.say(t.joined(name));
      this.chimes.play("came");
    }
    if (p.hand && !before?.hand && p.id !== this.me && this.mayPreside) this.chimes.play("asked");
    if (!before || this.meeting?.floor !== "chaired" || before.floor === p.floor) return;
    if (p.id === this.me) {
      const text = p.floor ? t.floorYours : t.floorYoursNoMore;
      this.notices.show("floor", text, p.floor ? "good" : "info");
      if (p.floor) this.chimes.play("yours");
      this.notices.say(text);
    } else if (p.floor) this.notices.say(t.floorOf(name));
  }

  #knock(p: Participant): void {
    if (!this.mayPreside) return;
    const answer = (admitted: boolean) => () => {
      this.notices.dismiss(`lobby-${p.id}`);
      this.act({ type: "admit", participant: p.id, admitted });
    };
    this.notices.show(`lobby-${p.id}`, t.asksToJoin(t.plate(p)), "info", [
      { label: t.admit, run: answer(true), testid: "toast-admit" },
      { label: t.deny, run: answer(false), testid: "toast-deny" },
    ]);
    this.notices.say(t.asksToJoin(t.plate(p)));
    this.chimes.play("asked");
  }

  #gone(id: string): void {
    const p = this.people.get(id);
    this.people.delete(id);
    this.interpretation.noted(this.self);
    this.spoke = this.spoke.filter((other) => other !== id);
    this.notices.dismiss(`lobby-${id}`);
    if (p?.place === "room" && id !== this.me) this.notices.say(t.leftRoom(t.plate(p)));
  }

  #hear(id: string | undefined): void {
    this.speaker = id;
    clearTimeout(this.#voice);
    if (id === undefined) return;
    this.spoke = noteSpeaker(this.spoke, id);
    this.#voice = setTimeout(() => {
      const p = this.people.get(id);
      if (p && id !== this.me) this.notices.say(t.speaks(t.plate(p)));
    }, SPEAKING_MS);
  }

  #lost(): void {
    if (this.link === "online") this.notices.say(t.connectionLost);
    this.link = "lost";
    this.record.lost();
  }

  #end(how: Ending): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#settling);
    clearTimeout(this.#voice);
    this.#connection.end();
    this.record.end();
    this.stream.close();
    this.protection?.end();
    if (how !== "left" && OVER.includes(how.kind)) void this.protection?.history.forget();
    this.notices.clear();
    this.chimes.close();
    this.devices.changed = () => undefined;
    this.devices.vanished = this.devices.troubled = () => undefined;
    this.ended(how);
  }

  /** The effect on a device. A background is for its person to give up; sound goes on without. */
  #troubled(kind: DeviceKind, state: "slow" | "failed"): void {
    const asItIs = () => {
      this.notices.dismiss("effect");
      this.devices.chooseBackground("none");
    };
    const actions = kind === "camera" ? [{ label: t.view.roomAsItIs, run: asItIs, testid: "room-as-it-is" }] : [];
    this.notices.show("effect", t.view.effectNote(kind, state), "warning", actions);
  }
}
