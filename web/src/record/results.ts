// What of a meeting its results follow from: who was present, what was put to them, how they voted. And each
// result, worked out anew (docs/record.md, Results).
import { hex, join, sha256, utf8 } from "./digest";
import { demand } from "./fault";
import type { JsonObject } from "./json";

interface Seat {
  id: string;
  guest: boolean;
  weight: bigint;
}

interface PersonOf {
  role: string;
  seat: string | undefined;
  shared: boolean;
}

export interface Definition {
  seats: Seat[];
  people: PersonOf[];
  lobby: boolean;
  quorum: number;
  encryption: string;
  signatures: string;
}

interface Cast {
  choice?: string;
  at?: number;
  present: boolean;
}

interface Rule {
  procedure: string;
  base?: string;
  seats_num?: number;
  seats_den?: number;
  weight_num?: number;
  weight_den?: number;
  abstentions_count?: boolean;
  quorum?: number;
}

interface Decision {
  version: number;
  /** Number of the event that called it last. */
  called?: number;
  hash: string;
  rule: Rule;
  excluded: Set<string>;
  deadline?: number | undefined;
  /** Of the call in progress, for each seat that takes part. */
  casts?: Map<string, Cast>;
  brokenAt?: number;
}

interface Paper {
  /** Number of the event that put it last. */
  put: number;
  questions: Map<string, string>;
  options: Map<string, { title: string; put: number; answers: { question: string; text: string }[] }>;
}

const BEHIND_SEATS = ["delegate", "adviser"];
const JOINING = ["join", "join_with_reservation", "national_statement"];
/** Bytes of an id. */
const PARTICIPANT_MAX = 19;
const ZERO = new Uint8Array(1);

async function hashOf(pieces: readonly string[]): Promise<string> {
  return hex(await sha256(join(...pieces.flatMap((piece) => [utf8(piece), ZERO]))));
}

/** A person's number in the definition, of a participant's id. */
export function personOf(participant: string): string {
  return participant.split(".")[0]!;
}

export class Meeting {
  private readonly places = new Map<string, string>();
  private readonly admitted = new Set<string>();
  private readonly decisions = new Map<string, Decision>();
  private readonly papers = new Map<string, Paper>();

  /** Of each seat the person who holds its voice. */
  private readonly voices = new Map<string, string>();
  /** The decision whose silence the event before broke. */
  private broken: string | undefined;

  constructor(readonly definition: Definition) {
    definition.people.forEach((_, i) => this.giveVoice(`p${i + 1}`));
  }

  /** The first delegate of a seat holds its voice, until it is handed on. */
  private giveVoice(id: string): void {
    const person = this.person(id);
    if (person?.role === "delegate" && !person.shared && person.seat !== undefined && !this.voices.has(person.seat))
      this.voices.set(person.seat, id);
  }

  /** Whether they are there, and hold the voice of their seat. */
  speaks(participant: string): boolean {
    const seat = this.seatOf(participant);
    return this.places.has(participant) && seat !== undefined && this.voices.get(seat) === personOf(participant);
  }

  /** undefined: there is no such person. */
  person(participant: string): PersonOf | undefined {
    const number = /^p([1-9][0-9]{0,4})$/.exec(personOf(participant))?.[1];
    return number === undefined ? undefined : this.definition.people[Number(number) - 1];
  }

  /** The hash of what a signed act is on; "": it is on no text. */
  async textOf(event: JsonObject): Promise<string> {
    if (event["act"] === "vote") {
      const decision = this.decisions.get(event["decision"] as string);
      demand(decision !== undefined && decision.version === event["version"], "The vote is on a text that is not there.");
      return decision.hash;
    }
    if (event["act"] !== "take_position") return "";
    const paper = this.papers.get(event["paper"] as string);
    const option = paper?.options.get(event["option"] as string);
    demand(paper !== undefined && option !== undefined, "The position is on an option that is not there.");
    const answers = option.answers.map(({ question, text }) => `${paper.questions.get(question) ?? ""}\n${text}`);
    return hashOf([option.title, ...answers]);
  }

  /** Since which event stands what a signed act is on; undefined: it is on no text. */
  since(event: JsonObject): number | undefined {
    if (event["act"] === "vote") return this.decisions.get(event["decision"] as string)?.called;
    if (event["act"] !== "take_position") return undefined;
    const paper = this.papers.get(event["paper"] as string);
    const option = paper?.options.get(event["option"] as string);
    return paper && option && Math.max(paper.put, option.put);
  }

  /** Throws Fault, for a result that does not follow and a text that has another hash. */
  async apply(event: JsonObject): Promise<void> {
    this.checkBroken(event);
    const apply = this.acts[event["act"] as string];
    if (apply) await apply(event);
    this.noteComing();
  }

  /** A silence that is broken is over: what breaks it is the last vote on it. */
  private checkBroken(event: JsonObject): void {
    demand(this.broken === undefined || (event["act"] === "settled" && event["decision"] === this.broken),
      "A silence was broken by the event before, and its end does not follow.");
    const breaks = event["act"] === "vote" && event["choice"] === "break_silence";
    this.broken = breaks ? (event["decision"] as string) : undefined;
  }

  private readonly acts: Record<string, (e: JsonObject) => void | Promise<void>> = {
    joined: (e) => this.join(e),
    left: (e) => void this.places.delete(e["participant"] as string),
    remove: (e) => {
      this.places.delete(e["participant"] as string);
      this.admitted.delete(personOf(e["participant"] as string));
    },
    restarted: () => this.places.clear(),
    add_seat: (e) => this.addSeat(e),
    add_person: (e) => this.addPerson(e),
    voice: (e) => this.handVoice(e),
    opened: () => this.open(),
    admit: (e) => this.admit(e),
    put_paper: (e) => this.putPaper(e),
    put_option: (e) => this.putOption(e),
    drop_option: (e) => void this.papers.get(e["paper"] as string)?.options.delete(e["option"] as string),
    put_decision: (e) => this.putDecision(e),
    call_decision: (e) => this.call(e),
    extend_silence: (e) => void (this.decision(e).deadline = e["deadline"] as number),
    restart_silence: (e) => this.restart(e),
    vote: (e) => this.vote(e),
    close_decision: (e) => this.declare(e),
    settled: (e) => this.settle(e),
    withdraw_decision: (e) => void delete this.decision(e).casts,
  };

  /** It takes part in what is called from here on. */
  private addSeat(e: JsonObject): void {
    const { seats } = this.definition;
    const [id, guest, weight] = [e["seat"], e["guest"], e["weight"]];
    demand(seats.every((seat) => seat.id !== id), "A seat is added that is there already.");
    seats.push({ id: id as string, guest: guest as boolean, weight: BigInt(weight as number) });
  }

  private addPerson(e: JsonObject): void {
    demand(e["person"] === `p${this.definition.people.length + 1}`, "A person is added under another id than the next one.");
    this.definition.people.push({ role: e["role"] as string, seat: e["seat"] as string | undefined, shared: false });
    this.giveVoice(e["person"] as string);
  }

  private handVoice(e: JsonObject): void {
    const to = e["person"] as string;
    demand(this.seatOf(to) === e["seat"], "A voice is handed to somebody of another seat.");
    this.voices.set(e["seat"] as string, to);
  }

  // Presence.

  private join(e: JsonObject): void {
    const participant = e["participant"] as string;
    const fits = participant.length <= PARTICIPANT_MAX && this.person(participant) !== undefined;
    demand(fits && !this.places.has(participant), "Who comes is nobody of the meeting, or there already.");
    this.places.set(participant, e["place"] as string);
  }

  private seatOf(participant: string): string | undefined {
    const person = this.person(participant);
    return person && BEHIND_SEATS.includes(person.role) ? person.seat : undefined;
  }

  private present(): Set<string> {
    const out = new Set<string>();
    for (const [participant, place] of this.places) {
      const seat = place === "room" ? this.seatOf(participant) : undefined;
      if (seat !== undefined) out.add(seat);
    }
    return out;
  }

  private open(): void {
    for (const [participant, place] of this.places) {
      if (place !== "waiting" || this.seatOf(participant) === undefined) continue;
      const lobby = this.definition.lobby && !this.admitted.has(personOf(participant));
      this.places.set(participant, lobby ? "lobby" : "room");
    }
  }

  private admit(e: JsonObject): void {
    const participant = e["participant"] as string;
    if (e["admitted"] !== true) return void this.places.delete(participant);
    if (!this.places.has(participant)) return;
    this.places.set(participant, "room");
    if (!this.person(participant)?.shared) this.admitted.add(personOf(participant));
  }

  /** Who comes while a decision is open is present for it. */
  private noteComing(): void {
    let here: Set<string> | undefined;
    for (const { casts } of this.decisions.values()) {
      if (!casts) continue;
      here ??= this.present();
      for (const [seat, cast] of casts) cast.present ||= here.has(seat);
    }
  }

  // Papers.

  private putPaper(e: JsonObject): void {
    const asked = e["questions"] as { question: string; text: string }[];
    const questions = new Map(asked.map(({ question, text }) => [question, text]));
    const options: Paper["options"] = this.papers.get(e["paper"] as string)?.options ?? new Map();
    for (const option of options.values()) option.answers = option.answers.filter((a) => questions.has(a.question));
    this.papers.set(e["paper"] as string, { put: e["number"] as number, questions, options });
  }

  private putOption(e: JsonObject): void {
    const answers = e["answers"] as { question: string; text: string }[];
    this.papers.get(e["paper"] as string)?.options.set(e["option"] as string, { title: e["title"] as string, put: e["number"] as number, answers });
  }

  // Decisions.

  private decision(e: JsonObject): Decision {
    const decision = this.decisions.get(e["decision"] as string);
    demand(decision !== undefined, "It is on a decision that was never put.");
    return decision;
  }

  private async checkHash(e: JsonObject): Promise<void> {
    const texts = e["texts"] as { language: string; text: string }[];
    const hash = await hashOf(texts.map(({ language, text }) => `${language}\n${text}`));
    demand(hash === e["hash"], "The hash is not that of the texts.");
  }

  private async putDecision(e: JsonObject): Promise<void> {
    await this.checkHash(e);
    this.decisions.set(e["decision"] as string, {
      version: e["version"] as number,
      hash: e["hash"] as string,
      rule: e["rule"] as unknown as Rule,
      excluded: new Set((e["excluded"] as { id: string }[]).map(({ id }) => id)),
    });
  }

  private begin(decision: Decision, e: JsonObject, deadline: number | undefined): void {
    decision.called = e["number"] as number;
    const here = this.present();
    const part = this.definition.seats.filter(({ id, guest }) => !guest && !decision.excluded.has(id));
    decision.casts = new Map(part.map(({ id }) => [id, { present: here.has(id) }]));
    decision.deadline = deadline;
    delete decision.brokenAt;
  }

  private call(e: JsonObject): void {
    const decision = this.decision(e);
    demand(decision.version === e["version"], "A version is called that is not the last.");
    this.begin(decision, e, e["deadline"] as number | undefined);
  }

  private async restart(e: JsonObject): Promise<void> {
    const decision = this.decision(e);
    await this.checkHash(e);
    decision.version = e["version"] as number;
    decision.hash = e["hash"] as string;
    this.begin(decision, e, e["deadline"] as number);
  }

  private vote(e: JsonObject): void {
    const decision = this.decision(e);
    const cast = decision.casts?.get(e["seat"] as string);
    demand(cast !== undefined && decision.version === e["version"], "A vote is cast where none may be.");
    cast.choice = e["choice"] as string;
    if (cast.choice === "break_silence") decision.brokenAt = e["at"] as number;
  }

  private settle(e: JsonObject): void {
    const { rule, deadline, brokenAt } = this.decision(e);
    demand(rule.procedure === "silence", "Only silence is settled.");
    demand(e["due"] === (brokenAt ?? deadline), "Silence is settled with another time than its own.");
    demand((e["at"] as number) >= (e["due"] as number), "Silence is settled before it ended.");
    this.declare(e);
  }

  private declare(e: JsonObject): void {
    const decision = this.decision(e);
    demand(decision.casts !== undefined, "A result is declared of what is not open.");
    const outcome = this.outcome(decision, decision.casts);
    demand(e["outcome"] === outcome, `The declared result is "${String(e["outcome"])}"; by its rule and votes it is "${outcome}".`);
    delete decision.casts;
  }

  private outcome(decision: Decision, casts: Map<string, Cast>): string {
    const { rule } = decision;
    const choices = [...casts.values()].map(({ choice }) => choice);
    if (rule.procedure === "silence") return choices.includes("break_silence") ? "not_adopted" : "adopted";
    const here = this.present();
    const there = [...casts].filter(([seat, { choice }]) => choice !== undefined || here.has(seat)).length;
    const quorum = Math.min(rule.quorum ?? this.definition.quorum, casts.size);
    if (there < quorum) return "no_quorum";
    return this.isAdopted(rule, casts, choices) ? "adopted" : "not_adopted";
  }

  private isAdopted(rule: Rule, casts: Map<string, Cast>, choices: (string | undefined)[]): boolean {
    if (rule.procedure === "consensus") {
      const silent = [...casts.values()].some(({ choice, present }) => present && choice === undefined);
      const against = choices.includes("block") || choices.includes("awaiting_instructions");
      return choices.some((choice) => choice !== undefined && JOINING.includes(choice)) && !against && !silent;
    }
    const many = (choice: string) => choices.filter((one) => one === choice).length;
    const [yes, no, abstain] = [many("yes"), many("no"), many("abstain")];
    if (rule.procedure === "unanimity") return yes > 0 && no === 0 && !(rule.abstentions_count && abstain > 0);
    const shares = [this.share(rule, casts, false), this.share(rule, casts, true)].filter((s) => s !== undefined);
    if (shares.length > 0) return shares.every((reached) => reached);
    if (rule.procedure === "absolute" || rule.abstentions_count) {
      const { sum, of } = this.counted(rule, casts, () => 1n);
      return 2n * sum > of;
    }
    return yes > no;
  }

  /** The yes votes, and what they are a share of. */
  private counted(rule: Rule, casts: Map<string, Cast>, weight: (seat: string) => bigint): { sum: bigint; of: bigint } {
    const base = rule.base ?? (rule.procedure === "absolute" ? "members" : "cast");
    const counts = ({ choice, present }: Cast) =>
      base === "members" || (base === "present" ? present : choice === "yes" || choice === "no" ||
        (choice === "abstain" && rule.abstentions_count === true));
    let sum = 0n;
    let of = 0n;
    for (const [seat, cast] of casts) {
      if (cast.choice === "yes") sum += weight(seat);
      if (counts(cast)) of += weight(seat);
    }
    return { sum, of };
  }

  /** Whether the share of seats (of weights) is reached; undefined: the rule has none. */
  private share(rule: Rule, casts: Map<string, Cast>, weights: boolean): boolean | undefined {
    const num = weights ? rule.weight_num : rule.seats_num;
    const den = weights ? rule.weight_den : rule.seats_den;
    demand((num === undefined) === (den === undefined), "The rule has half a share.");
    if (num === undefined || den === undefined) return undefined;
    const weightOf = new Map(this.definition.seats.map(({ id, weight }) => [id, weight]));
    const { sum, of } = this.counted(rule, casts, weights ? (seat) => weightOf.get(seat) ?? 0n : () => 1n);
    const needed = (of * BigInt(num) + BigInt(den) - 1n) / BigInt(den);
    return sum >= (needed < 1n ? 1n : needed);
  }
}
