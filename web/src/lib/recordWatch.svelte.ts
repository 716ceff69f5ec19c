// The record of the meeting, as this browser watches it: each checkpoint is compared with the last one that it
// saw, and cosigned; what this page did is proven to be in it. An alarm of its own stays for as long as the page
// does. What other browsers say is a claim, which this one looks into by itself: it is an alarm here where it holds.
import { SvelteSet } from "svelte/reactivity";

import type { Alarm as Told_, CheckpointToClient, RecordedToClient, ToServer } from "../gen/protocol";
import { type Alarm, alarmOf } from "../record/alarm";
import { Grounds } from "../record/grounds";
import type { Shown } from "../record/inclusion";
import type { Verdict } from "../record/judge";
import type { Checkpoint } from "../record/note";
import type { OwnActs, Wrong } from "../record/ownActs";
import type { Cosigner, Kept, ServerKeys, Told, Witness } from "../record/witness";

const ANSWER_MS = 10_000;
/** What got no answer is asked again, */
const AGAIN_MS = 5_000;
/** and after so long with a connection, but without an answer, it is an alarm. */
const UNPROVED_MS = 30_000;
const BAD_REQUEST = 400;

/** The server says that it cannot show that. */
class Refused extends Error {}

export interface Raised extends Alarm {
  /** Who told of it; undefined: this browser found it. */
  by: string | undefined;
  /** What they are called. */
  name?: string;
}

export interface Claim extends Alarm {
  by: string;
  name?: string;
  /** undefined: it is looked into. */
  verdict: Verdict | undefined;
}

export interface RecordHost {
  meeting: string;
  token: string;
  cosigner: Cosigner | undefined;
  send(message: ToServer): boolean;
  /** There is a connection. */
  online(): boolean;
  /** The own participant. */
  me(): string;
  /** To all, by whatever way there is beside the server. */
  spread(alarm: Alarm): void;
}

/** What is loaded once there is something to watch. */
interface Tools {
  witness: Witness;
  acts: OwnActs;
  judge: typeof import("../record/judge").judge;
  note: typeof import("../record/note");
}

function name(meeting: string): string {
  return `parley:record:${meeting}`;
}

function read(meeting: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(name(meeting)) ?? "{}") as Partial<Kept>;
    const { size, note, key } = kept;
    if (typeof size === "number" && typeof note === "string" && typeof key === "string") return { size, note, key };
  } catch {
    // Storage is switched off, or what was in it is none of ours.
  }
  return undefined;
}

/** Another tab may have seen more already. */
function keep(meeting: string, kept: Kept): void {
  try {
    if ((read(meeting)?.size ?? 0) < kept.size) localStorage.setItem(name(meeting), JSON.stringify(kept));
  } catch {
    // Then it holds for this page only.
  }
}

export class RecordWatch {
  /** Events that were checked. */
  size = $state(0);
  /** What this browser found. */
  found = $state.raw<Alarm>();
  claims = $state.raw<Claim[]>([]);
  /** Numbers of the events of this page's acts that were proven to it. */
  readonly proven = new SvelteSet<number>();
  /** The last one that was checked. */
  checkpoint = $state.raw<Checkpoint>();

  /** This browser can verify signatures. */
  able = $state(true);

  /** undefined inside: this browser cannot verify signatures. */
  #tools: Promise<Tools | undefined> | undefined;
  #tail: Promise<void> = Promise.resolve();
  readonly #decided = new Set<string>();
  readonly #grounds = new Grounds();
  #last: Told | undefined;
  #note = "";
  /** The server does not answer since. */
  #silent: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly host: RecordHost) {}

  /** What it checks it cosigns. */
  get cosigns(): boolean {
    return this.host.cosigner !== undefined;
  }

  /** The one to be shown: what this browser found, or what it found to be so. */
  get alarm(): Raised | undefined {
    if (this.found) return { ...this.found, by: undefined };
    return this.claims.find(({ verdict }) => verdict === "holds");
  }

  /** What others say, and nothing here shows. */
  get unproven(): Claim[] {
    return this.claims.filter(({ verdict }) => verdict !== "holds");
  }

  /** What the server signed now. */
  take(told: CheckpointToClient): void {
    const place = this.#grounds.tell();
    this.#do((tools) => this.#check(tools, told, place));
  }

  /** Something was decided, by this name: once. */
  decided(what: string): void {
    if (this.#decided.has(what)) return;
    this.#decided.add(what);
    this.#do(async ({ witness }) => {
      const seen = await witness.decided();
      if (seen) this.host.send({ type: "cosign", size: seen.size, line: seen.cosignature });
    });
  }

  /** What the server keeps of what browsers found. */
  listed(alarms: readonly Told_[]): void {
    for (const alarm of alarms) this.heard(alarm);
  }

  /** Somebody else's browser found something. */
  heard(told: Alarm & { by: string; name?: string }): void {
    const known = this.claims.some(({ by, why, theirs }) => by === told.by && why === told.why && theirs === told.theirs);
    if (known || (told.by === this.host.me() && this.found?.why === told.why)) return;
    const claim: Claim = { ...alarmOf(told), by: told.by, ...(told.name !== undefined && { name: told.name }), verdict: undefined };
    this.claims = [...this.claims, claim];
    this.#do((tools) => this.#judge(tools, claim));
  }

  /** An act went out. */
  sent(message: ToServer): void {
    this.#do(async ({ acts }) => acts.sent(message, performance.now()));
  }

  refused(type: string): void {
    this.#do(async ({ acts }) => acts.refused(type));
  }

  /** What an own act became. */
  recorded(told: RecordedToClient): void {
    this.#do(async (tools) => {
      const wrong = await tools.acts.recorded(told, this.host.me(), performance.now());
      if (wrong) this.#wrong(wrong);
    });
  }

  lost(): void {
    this.#silent = undefined;
    this.#grounds.lost(performance.now());
    this.#do(async ({ acts }) => acts.lost(performance.now()));
  }

  /** Somebody came among these, whom the server may not tell of what was found. One says it again: the first of
   * those who found something, or the first of all where none of them is left. */
  repeat(here: readonly string[]): void {
    const { alarm } = this;
    if (!alarm) return;
    const finders = this.claims.filter(({ verdict }) => verdict === "holds").map(({ by }) => by);
    if (this.found) finders.push(this.host.me());
    const left = here.filter((id) => finders.includes(id));
    if ([...(left.length > 0 ? left : here)].sort()[0] === this.host.me()) this.host.spread(alarmOf(alarm));
  }

  end(): void {
    clearTimeout(this.#timer);
  }

  /** That the event of this number, with these bytes, is in what this browser checked last: `shown`; `not`: the
   * server shows another, or nothing; `later`: no checkpoint covers it yet. Rejects where there is no answer. */
  async prove(number: number, event: string): Promise<"shown" | "not" | "later"> {
    const { checkpoint } = this;
    if (!checkpoint || checkpoint.size < number) return "later";
    const [{ isShown, leafOf }, { utf8 }] = await Promise.all([import("../record/inclusion"), import("../record/digest")]);
    const shown = await this.#inclusion(number, checkpoint.size);
    return shown && (await isShown(await leafOf(utf8(event)), number, checkpoint, shown.proof)) ? "shown" : "not";
  }

  /** Whether the event of this number is in what this browser checked, or is soon: what is signed may stand on it. */
  covers(event: number): Promise<boolean> {
    const covered = this.#grounds.covers(event, performance.now());
    if (this.#grounds.busy) this.#do(async () => undefined); // begins to watch
    return covered;
  }

  /** The hash of its leaf, in base64, proven to be the one there. undefined: it is not proven. Rejects where there
   * is no answer. */
  async leaf(event: number): Promise<string | undefined> {
    const covered = await this.covers(event);
    const { checkpoint } = this;
    if (!covered || !checkpoint) return undefined;
    const [{ isShown }, { fromBase64 }] = await Promise.all([import("../record/inclusion"), import("../record/digest")]);
    const shown = await this.#inclusion(event, checkpoint.size);
    const leaf = shown && fromBase64(shown.leaf);
    return leaf && (await isShown(leaf, event, checkpoint, shown.proof)) ? shown.leaf : undefined;
  }

  /** One after the other; what fails for want of an answer is done again. */
  #do(what: (tools: Tools) => Promise<void>): void {
    this.#tools ??= this.#begin();
    this.#tail = this.#tail
      .then(async () => {
        const tools = await this.#tools;
        this.able = tools !== undefined;
        if (!tools) return;
        await what(tools);
        this.#watch(tools);
      })
      .catch(() => undefined);
  }

  /** `place`: among those that the server told; 0: it is looked at again. */
  async #check(tools: Tools, told: Told, place = 0): Promise<void> {
    this.#last = told;
    try {
      const { alarm, cosignature } = await tools.witness.take(told);
      this.#silent = undefined;
      if (alarm) {
        this.#last = undefined;
        return this.raise(alarm);
      }
      if (cosignature !== undefined) this.host.send({ type: "cosign", size: told.size, line: cosignature });
      await this.#prove(tools, told, place);
    } catch {
      this.#silent ??= performance.now();
      return;
    }
    this.#last = undefined;
  }

  /** What was done here, in a checkpoint that goes together with all before. */
  async #prove({ acts, note }: Tools, told: Told, place: number): Promise<void> {
    const checkpoint = note.readCheckpoint(note.readNote(told.note)?.text ?? "");
    if (!checkpoint) return;
    this.size = told.size;
    this.checkpoint = checkpoint;
    this.#note = told.note;
    const event = this.#grounds.checked(told.size, place, told.from !== undefined);
    if (event !== undefined) this.#wrong({ why: "unproved", event });
    const wrong = await acts.covered(checkpoint, (number, size) => this.#inclusion(number, size));
    for (const number of acts.proven) this.proven.add(number);
    if (wrong) this.#wrong(wrong);
  }

  async #judge({ witness, judge }: Tools, claim: Claim): Promise<void> {
    const verdict = await judge(claim, {
      verified: (note) => witness.verified(note),
      proof: (from, to) => this.#consistency(from, to),
      inclusion: (number, size) => this.#inclusion(number, size),
    });
    this.claims = this.claims.map((one) => (one.by === claim.by && one.why === claim.why && one.theirs === claim.theirs ? { ...one, verdict } : one));
  }

  /** What waits for an answer, or a proof, is asked for again, and is an alarm in the end. */
  #watch(tools: Tools): void {
    const waits = this.#last !== undefined || tools.acts.busy || this.#grounds.busy || this.claims.some(({ verdict }) => verdict === "open");
    if (!waits || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#do((again) => this.#look(again));
    }, AGAIN_MS);
  }

  async #look(tools: Tools): Promise<void> {
    if (!this.host.online()) return this.lost();
    const told = this.#last;
    if (told) await this.#check(tools, told);
    for (const claim of this.claims) if (claim.verdict === "open") await this.#judge(tools, claim);
    const now = performance.now();
    if (this.#last && this.#silent !== undefined && now - this.#silent >= UNPROVED_MS) {
      this.raise({ why: "unproved", ours: this.#note || (read(this.host.meeting)?.note ?? ""), theirs: this.#last.note });
      this.#last = undefined;
    }
    const late = tools.acts.late(now);
    if (late) this.#wrong(late);
    const event = this.#grounds.late(now);
    if (event !== undefined) this.#wrong({ why: "unproved", event });
  }

  #wrong({ why, event, leaf }: Wrong): void {
    this.raise({ why, ours: "", theirs: this.#note, ...(event !== undefined && { event }), ...(leaf !== undefined && { leaf }) });
  }

  async #begin(): Promise<Tools | undefined> {
    const [{ Witness }, { canVerify }, { OwnActs }, { judge }, note] = await Promise.all([
      import("../record/witness"),
      import("../e2ee/support"),
      import("../record/ownActs"),
      import("../record/judge"),
      import("../record/note"),
    ]);
    if (!(await canVerify())) return undefined;
    const { meeting, cosigner } = this.host;
    const witness = new Witness({
      meeting,
      read: () => read(meeting),
      keep: (kept) => keep(meeting, kept),
      keys: async () => JSON.parse(await this.#get("key")) as ServerKeys,
      proof: (from, to) => this.#consistency(from, to),
      now: () => Date.now(),
      random: () => Math.random(),
      ...(cosigner && { cosigner }),
    });
    return { witness, acts: new OwnActs(), judge, note };
  }

  async #consistency(from: number, to: number): Promise<readonly string[] | undefined> {
    return (await this.#shown<{ proof: string[] }>(`consistency?from=${from}&to=${to}`))?.proof;
  }

  #inclusion(number: number, size: number): Promise<Shown | undefined> {
    return this.#shown<Shown>(`inclusion?number=${number}&size=${size}`);
  }

  /** undefined: the server says that there is no such proof. */
  async #shown<T>(what: string): Promise<T | undefined> {
    try {
      return JSON.parse(await this.#get(what)) as T;
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  /** The own one takes the place of what others say, true or not. */
  raise(alarm: Alarm): void {
    if (this.found) return;
    this.found = alarm;
    this.host.send({ type: "alarm", ...alarm });
    this.host.spread(alarm);
  }

  async #get(what: string): Promise<string> {
    const { meeting, token } = this.host;
    const response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/record/${what}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.status === BAD_REQUEST) throw new Refused();
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  }
}
