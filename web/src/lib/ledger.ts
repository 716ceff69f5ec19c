// The acts of a record as a person looks for them: who said, proposed and decided what, on which item. Made of the
// events that this person may read; what stands in no event that they may read, they are not told.
import type { Json, JsonObject } from "../record/json";

export const KINDS = ["said", "proposed", "decided", "consulted", "procedure"] as const;
export type Kind = (typeof KINDS)[number];

const kinds: Readonly<Record<string, Kind>> = {
  request_floor: "said", withdraw_floor: "said", pass_floor: "said", give_floor: "said", end_floor: "said",
  annotate: "said",
  ask_item: "proposed", put_item: "proposed", drop_item: "proposed", put_document: "proposed", drop_document: "proposed",
  put_paper: "proposed", put_option: "proposed", drop_option: "proposed", take_position: "proposed",
  put_decision: "proposed", propose_correction: "proposed",
  answer_ask: "decided", rule_on: "decided", call_decision: "decided", vote: "decided", pass_vote: "decided",
  extend_silence: "decided", restart_silence: "decided", close_decision: "decided", settled: "decided",
  withdraw_decision: "decided", settle_correction: "decided", adopt_minutes: "decided",
  put_party: "consulted", consult: "consulted", state_red_line: "consulted",
};

/** An act with the names of what it is about, for a sentence. Absent: not said, or not known here. */
export interface Told {
  act: string;
  /** Whose act it is: the delegation's, or the person's. */
  who?: string;
  /** Whom it is about, where that is another. */
  whom?: string;
  /** The item, paper, decision, document or party. */
  title?: string;
  /** Of a paper. */
  option?: string;
  /** What somebody wrote or said. */
  text?: string;
  event: JsonObject;
}

export interface Entry {
  number: number;
  at: number;
  by?: string;
  kind: Kind;
  seat?: string;
  item?: string;
  told: Told;
  /** The exact bytes. */
  bytes: string;
}

/** What is known beside the record. */
export interface Names {
  seat(id: string): string;
  /** Of a participant who is here. */
  person(id: string): { name: string; seat?: string } | undefined;
}

const text = (value: Json | undefined) => (typeof value === "string" ? value : undefined);
const number = (value: Json | undefined) => (typeof value === "number" ? value : undefined);

interface About {
  title?: string;
  item?: string;
}

/** Reads events in their order. */
export class Teller {
  private readonly people = new Map<string, string>();
  private readonly items = new Map<string, string>();
  private readonly decisions = new Map<string, About & { called?: number }>();
  private readonly papers = new Map<string, About & { options: Map<string, string> }>();
  private readonly parties = new Map<string, string>();
  private readonly documents = new Map<string, About>();
  /** Requests for the floor, for consultation, corrections: by the number of their event. */
  private readonly requests = new Map<number, About & { who?: string; text?: string }>();
  private item: string | undefined;

  constructor(private readonly names: Names) {}

  /** The titles of the items, by their ids. */
  get titles(): ReadonlyMap<string, string> {
    return this.items;
  }

  /** Behind which number it is to be asked again once this event came: there may be more to read there. */
  reveals(event: JsonObject): number | undefined {
    const { act } = event;
    if (act === "opened" || act === "take_item") return 0;
    if (act === "give_floor") return number(event["entry"]) === undefined ? undefined : number(event["entry"])! - 1;
    if (act === "close_decision") return this.decisions.get(text(event["decision"]) ?? "")?.called;
    return undefined;
  }

  tell(event: JsonObject, bytes: string): Entry {
    const act = text(event["act"]) ?? "";
    const by = text(event["by"]);
    const about = this.about(act, event);
    const seat = text(event["seat"]) ?? (by === undefined ? undefined : this.names.person(by)?.seat);
    const item = about.item ?? this.item;
    const who = this.who(text(event["seat"]), by);
    this.note(act, event, who);
    const told: Told = { act, event, ...(who !== undefined && { who }), ...about.told };
    return {
      number: number(event["number"]) ?? 0,
      at: number(event["at"]) ?? 0,
      ...(by !== undefined && { by }),
      kind: kinds[act] ?? "procedure",
      ...(seat !== undefined && { seat }),
      ...(item !== undefined && { item }),
      told,
      bytes,
    };
  }

  private person(id: string | undefined): string | undefined {
    return id === undefined ? undefined : (this.people.get(id) ?? this.names.person(id)?.name ?? id);
  }

  private who(seat: string | undefined, by: string | undefined): string | undefined {
    return seat === undefined ? this.person(by) : this.names.seat(seat);
  }

  /** What the event names, by what came before it. */
  private about(act: string, event: JsonObject): { item?: string; told: Partial<Told> } {
    const item = text(event["item"]);
    const decision = this.decisions.get(text(event["decision"]) ?? "");
    const paper = this.papers.get(text(event["paper"]) ?? "");
    const option = paper?.options.get(text(event["option"]) ?? "");
    const document = this.documents.get(text(event["document"]) ?? "");
    const request = this.requests.get(number(event["entry"]) ?? number(event["ask"]) ?? number(event["correction"]) ?? 0);
    const title =
      text(event["title"]) ?? text(event["name"]) ?? decision?.title ?? paper?.title ?? document?.title ?? request?.title ??
      this.parties.get(text(event["party"]) ?? "") ?? this.items.get(item ?? "");
    const whom = request?.who ?? this.who(act === "give_floor" ? text(event["seat"]) : undefined, text(event["participant"]) ?? text(event["person"]));
    const said =
      text(event["text"]) ?? text(event["statement"]) ?? text(event["reason"]) ?? text(event["ruling"]) ?? text(event["words"]) ??
      text(event["answer"]) ?? text(event["red_line"]) ?? (act === "give_floor" ? request?.text : undefined);
    const of = item ?? decision?.item ?? paper?.item ?? document?.item ?? request?.item;
    return {
      ...(of !== undefined && { item: of }),
      told: {
        ...(title !== undefined && { title }),
        ...(option !== undefined && { option }),
        ...(whom !== undefined && { whom }),
        ...(said !== undefined && { text: said }),
      },
    };
  }

  /** What later events may name. */
  private note(act: string, event: JsonObject, who: string | undefined): void {
    const at = number(event["number"]) ?? 0;
    const item = text(event["item"]);
    const title = text(event["title"]) ?? "";
    const id = (field: string) => text(event[field]) ?? "";
    const about = { title, ...(item !== undefined && { item }) };
    if (act === "joined") this.people.set(id("participant"), id("name"));
    else if (act === "put_item") this.items.set(id("item"), title);
    else if (act === "take_item") this.item = item;
    else if (act === "put_decision") this.decisions.set(id("decision"), { ...this.decisions.get(id("decision")), ...about });
    else if (act === "call_decision") this.decisions.set(id("decision"), { ...this.decisions.get(id("decision")), called: at });
    else if (act === "put_paper") this.papers.set(id("paper"), { ...about, options: this.papers.get(id("paper"))?.options ?? new Map() });
    else if (act === "put_option") this.papers.get(id("paper"))?.options.set(id("option"), title);
    else if (act === "put_party") this.parties.set(id("party"), id("name"));
    else if (act === "put_document") this.documents.set(id("document"), { ...about, title: id("name") });
    else if (act === "request_floor" || act === "ask_item" || act === "propose_correction") {
      const said = text(event["text"]);
      const here = item ?? this.item;
      this.requests.set(at, { ...(title && { title }), ...(here !== undefined && { item: here }), ...(who !== undefined && { who }), ...(said !== undefined && { text: said }) });
    }
  }
}

/** Letters that are no plain ones with a mark. */
const LETTERS: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ß: "ss", æ: "ae", œ: "oe", ı: "i", ħ: "h" };

/** As it is searched: without marks, in small letters. */
export function plain(said: string): string {
  const small = said.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return small.replace(/[øłđðþßæœıħ]/g, (letter) => LETTERS[letter] ?? letter);
}

/** Ids and hashes, which nobody reads. */
const NOT_SEARCHED = new Set([
  "salt", "signature", "signed_text", "hash", "sha256", "definition", "leaf", "ours", "theirs", "by", "act",
  "participant", "person", "seat", "item", "decision", "paper", "option", "party", "document", "id", "meeting",
]);

function words(value: Json): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(words);
  return Object.entries(value).flatMap(([name, one]) => (NOT_SEARCHED.has(name) ? [] : words(one)));
}

export interface Wanted {
  query: string;
  kind?: Kind;
  item?: string;
  seat?: string;
}

/** What is searched of entries, made once of each. */
export class Finder {
  private readonly made = new WeakMap<Entry, string>();

  /** `sentence`: as the entry is shown. */
  constructor(private readonly sentence: (entry: Entry) => string) {}

  find(entries: readonly Entry[], { query, kind, item, seat }: Wanted): readonly Entry[] {
    const wanted = plain(query).split(/\s+/).filter((word) => word !== "");
    if (wanted.length === 0 && !kind && !item && !seat) return entries;
    return entries.filter(
      (entry) =>
        (!kind || entry.kind === kind) && (!item || entry.item === item) && (!seat || entry.seat === seat) &&
        (wanted.length === 0 || this.has(entry, wanted)),
    );
  }

  private has(entry: Entry, wanted: readonly string[]): boolean {
    let text = this.made.get(entry);
    if (text === undefined) this.made.set(entry, (text = plain([this.sentence(entry), entry.told.who ?? "", ...words(entry.told.event)].join(" "))));
    return wanted.every((word) => text.includes(word));
  }
}
