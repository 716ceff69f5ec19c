// The procedure of a meeting as one participant may see it: session, seats, agenda, floor, options
// papers, register, decisions. The server tells each part whole; here is only what follows from them.
import { SvelteMap } from "svelte/reactivity";

import type {
  AgendaToClient,
  Ask,
  CallDecisionToServer,
  DecisionToClient,
  ErrorToClient,
  FloorEntry,
  FloorToClient,
  Item,
  MinutesToClient,
  PaperToClient,
  Participant,
  RegisterToClient,
  Seat,
  SessionToClient,
  ToClient,
  ToServer,
  Warning,
} from "../gen/protocol";
import { speakingClock } from "./clock";
import { type News, decisionNews, floorNews, sessionNews } from "./news";
import { mayPublish } from "./order";
import { awaits, byUrgency } from "./votes";

/** Sends an act. False: there is no connection; that is told as a refusal is. */
export type Act = (message: ToServer) => boolean;

/** An act that was not done, and why, to be told where it was tried. */
export interface Refusal {
  /** The act; its type alone where it is not known any more. */
  act: ToServer | { type: string };
  /** The server's sentence, or why it was not signed; absent: it was not sent, for there is no connection. */
  text?: string;
  field?: string;
}

/** A decision that is not called before its warnings are acknowledged. */
export interface Warned {
  call: CallDecisionToServer;
  warnings: Warning[];
}

export class Procedure {
  session = $state.raw<SessionToClient>();
  seats = $state.raw<Seat[]>([]);
  agenda = $state.raw<AgendaToClient>();
  floor = $state.raw<FloorToClient>();
  register = $state.raw<RegisterToClient>();
  /** What was done to the minutes; undefined: they are not one's to read. */
  minutes = $state.raw<MinutesToClient>();
  readonly papers = new SvelteMap<string, PaperToClient>();
  readonly decisions = new SvelteMap<string, DecisionToClient>();
  warned = $state.raw<Warned>();
  /** The last act of a type, if it was refused. */
  readonly refusals = new SvelteMap<string, Refusal>();
  /** The server's clock less the page's, in milliseconds. */
  offset = $state(0);

  #sent = new Map<string, ToServer>();
  #untoldPapers = new Set<string>();
  #untoldDecisions = new Set<string>();
  /** How many places on the page tell refusals of an act. */
  #told = new Map<string, number>();

  constructor(
    private readonly deliver: (message: ToServer) => boolean,
    private readonly own: () => Participant | undefined,
    /** What time it is; in a page, one that goes by. */
    private readonly clock: () => number,
  ) {}

  // What a page asks of it.

  get self(): Participant | undefined {
    return this.own();
  }

  get items(): Item[] {
    return this.agenda?.items ?? [];
  }

  get item(): Item | undefined {
    return this.items.find((i) => i.item === this.session?.item);
  }

  /** The first that is still to come. */
  get nextItem(): Item | undefined {
    return this.items.find((i) => i.state === "to_come");
  }

  get asks(): Ask[] {
    return this.agenda?.asks ?? [];
  }

  seat(id: string | undefined): Seat | undefined {
    return id === undefined ? undefined : this.seats.find((s) => s.seat === id);
  }

  /** Of a seat; the id where the seat is not known. */
  seatName(id: string): string {
    return this.seat(id)?.name ?? id;
  }

  get seatNames(): string[] {
    return this.seats.map((s) => s.name);
  }

  get ownSeat(): Seat | undefined {
    return this.seat(this.self?.seat);
  }

  /** The own seat, if one acts for it: holds its voice, and it is a member. */
  get votingSeat(): string | undefined {
    return this.self?.voice === true && this.ownSeat?.member === true ? this.self.seat : undefined;
  }

  /** Whether one may ask for the floor: for the seat by its voice, others for themselves. */
  get mayAskFloor(): boolean {
    const self = this.self;
    if (!self || !mayPublish(self.role) || self.role === "interpreter") return false;
    return self.seat === undefined || self.voice;
  }

  /** The own requests for the floor: the seat's, or one's own. */
  get ownEntries(): FloorEntry[] {
    const entries = this.floor?.entries ?? [];
    return entries.filter((e) => this.#ownEntry(e));
  }

  #ownEntry(e: FloorEntry): boolean {
    const self = this.self;
    if (!self) return false;
    return e.seat === self.seat && (e.seat !== undefined || e.participant === self.id);
  }

  get hasFloor(): boolean {
    const { floor, self } = this;
    if (!floor || !self || !this.held) return false;
    return self.seat === undefined ? floor.participant === self.id : floor.seat === self.seat;
  }

  /** Somebody has the floor. */
  get held(): boolean {
    return this.floor?.participant !== undefined || this.floor?.seat !== undefined;
  }

  /** Who has the floor, by the name of the seat where there is one. Undefined: nobody. */
  get holderName(): string | undefined {
    const { floor } = this;
    if (!floor) return undefined;
    if (floor.seat !== undefined) return this.seatName(floor.seat);
    return floor.participant === undefined ? undefined : this.personName(floor.participant);
  }

  /** Set by the room, which knows everybody. */
  personName: (participant: string) => string = (id) => id;

  get overtime(): boolean {
    const { floor } = this;
    if (!this.held || floor?.since === undefined) return false;
    return speakingClock(floor.since, floor.seconds, this.now()).state === "over";
  }

  /** The point of order that is on the floor now and waits for its ruling. */
  get pointOfOrder(): FloorEntry | undefined {
    const { floor } = this;
    if (!floor || floor.kind !== "point_of_order") return undefined;
    return floor.entries.find(
      (e) =>
        e.kind === "point_of_order" &&
        (floor.seat === undefined ? e.participant === floor.participant : e.seat === floor.seat),
    );
  }

  /** All decisions, those that want something first. */
  get sorted(): DecisionToClient[] {
    return [...this.decisions.values()].sort(byUrgency);
  }

  /** Those of the current item. */
  get ofItem(): DecisionToClient[] {
    const item = this.session?.item;
    return this.sorted.filter((d) => d.item === item);
  }

  get open(): DecisionToClient[] {
    return this.sorted.filter((d) => d.state === "open");
  }

  /** Decisions that wait for the own seat. */
  get awaiting(): DecisionToClient[] {
    return this.open.filter((d) => awaits(d, this.self?.seat));
  }

  /** The time by the server's clock. */
  now(): number {
    return this.clock() + this.offset;
  }

  // What a page does.

  readonly act: Act = (message) => {
    this.refusals.delete(message.type);
    this.#sent.set(message.type, message);
    const sent = this.deliver(message);
    if (!sent) this.failed(message);
    return sent;
  };

  /** It did not get to the server: for want of a connection, or for this reason. */
  failed(message: ToServer, text?: string): void {
    this.refusals.set(message.type, { act: message, ...(text !== undefined && { text }) });
  }

  /** Calls the decision all the same. */
  acknowledge(reason: string): void {
    if (!this.warned) return;
    this.act({ ...this.warned.call, acknowledgement: reason });
    this.warned = undefined;
  }

  /** A place on the page that tells refusals of these acts, until the answer is called. */
  telling(types: readonly string[]): () => void {
    const count = (by: number) =>
      types.forEach((type) => this.#told.set(type, (this.#told.get(type) ?? 0) + by));
    count(1);
    return () => {
      count(-1);
      types.forEach((type) => this.refusals.delete(type));
    };
  }

  // What the room passes on.

  /** What changed, for eyes and ears elsewhere; undefined: no message of the procedure. */
  receive(m: ToClient): News[] | undefined {
    switch (m.type) {
      case "session": {
        const news = sessionNews(this.session, m, this.items);
        this.offset = m.now - this.clock();
        this.session = m;
        return news;
      }
      case "seats":
        this.seats = m.seats;
        return [];
      case "agenda":
        this.agenda = m;
        return [];
      case "floor": {
        const news = floorNews(this.floor, m);
        this.floor = m;
        return news;
      }
      case "paper":
        this.#untoldPapers.delete(m.paper);
        if (m.title) this.papers.set(m.paper, m);
        else this.papers.delete(m.paper);
        return [];
      case "register":
        this.register = m;
        return [];
      case "minutes":
        this.minutes = m;
        return [];
      case "decision": {
        const news = decisionNews(this.decisions.get(m.decision), m, this.self?.seat);
        this.#untoldDecisions.delete(m.decision);
        this.decisions.set(m.decision, m);
        return news;
      }
      case "warnings":
        this.#warn(m.decision, m.warnings);
        return [];
      default:
        return undefined;
    }
  }

  /** Whether a place on the page tells it. */
  refused(m: ErrorToClient): boolean {
    if (m.of === undefined) return false;
    const act = this.#sent.get(m.of) ?? { type: m.of };
    this.refusals.set(m.of, {
      act,
      text: m.message,
      ...(m.field === undefined ? {} : { field: m.field }),
    });
    return (this.#told.get(m.of) ?? 0) > 0;
  }

  /** The connection is a new one: everything is told again, and what is not, one may no longer see. */
  restart(): void {
    this.#untoldPapers = new Set(this.papers.keys());
    this.#untoldDecisions = new Set(this.decisions.keys());
  }

  settle(): void {
    for (const id of this.#untoldPapers) this.papers.delete(id);
    for (const id of this.#untoldDecisions) this.decisions.delete(id);
    this.#untoldPapers.clear();
    this.#untoldDecisions.clear();
  }

  #warn(decision: string, warnings: Warning[]): void {
    const call = this.#sent.get("call_decision");
    if (call?.type === "call_decision" && call.decision === decision) this.warned = { call, warnings };
  }
}
