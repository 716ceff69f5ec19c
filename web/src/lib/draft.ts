// A meeting in preparation, in the shape of the page's forms; and the definition that the server
// knows, made from it and read into it.
import type { Encryption, Floor, Question, Role, Rule, Wording } from "../gen/protocol";
import { ownZone } from "./clock";
import { fromLocal, toLocal } from "./times";

export interface SeatDraft {
  id: string;
  name: string;
  country: string;
  weight: number | null;
  guest: boolean;
}

export interface PersonDraft {
  name: string;
  role: Role;
  /** Ids, or empty. */
  seat: string;
  item: string;
  party: string;
  language: string;
  shared: boolean;
  expires?: number;
}

export interface ItemDraft {
  item: string;
  title: string;
  minutes: number | null;
  /** For each speaker; null: the meeting's. */
  speaking_seconds: number | null;
}

export interface PartyDraft {
  party: string;
  name: string;
  country: string;
}

export interface OptionDraft {
  option: string;
  title: string;
  /** By question. */
  answers: Record<string, string>;
  touches: string[];
}

export interface PaperDraft {
  paper: string;
  item: string;
  title: string;
  questions: Question[];
  options: OptionDraft[];
}

/** An entry of the register; not consulted: a red line that was stated elsewhere. */
export interface EntryDraft {
  consulted: boolean;
  party: string;
  paper: string;
  options: string[];
  asked_by: string;
  /** As a form's field writes it, see times.ts. */
  asked_at: string;
  channel: string;
  answer: string;
  red_line: string;
  source: string;
  crossed_by: string[];
}

export interface DecisionDraft {
  decision: string;
  item: string;
  title: string;
  texts: Wording[];
  /** Ids, or empty. */
  paper: string;
  option: string;
  rule: Rule;
  excluded: string[];
}

export type PreparedAct = { act: string } & Record<string, unknown>;

export interface Draft {
  title: string;
  body: string;
  marking: string;
  /** IANA, as in Europe/Brussels; empty: not said. */
  zone: string;
  floor: Floor;
  encryption: Encryption;
  lobby: boolean;
  open: boolean;
  quorum: number | null;
  speaking_seconds: number | null;
  languages: string[];
  seats: SeatDraft[];
  people: PersonDraft[];
  items: ItemDraft[];
  parties: PartyDraft[];
  papers: PaperDraft[];
  entries: EntryDraft[];
  decisions: DecisionDraft[];
  /** Prepared acts that have no form here; kept as they are, and done last. */
  others: PreparedAct[];
}

export function newDraft(): Draft {
  return {
    title: "",
    body: "",
    marking: "",
    zone: ownZone(),
    floor: "chaired",
    encryption: "required",
    lobby: true,
    open: false,
    quorum: null,
    speaking_seconds: null,
    languages: [],
    seats: [],
    people: [newPerson("chair")],
    items: [{ item: "item1", title: "", minutes: null, speaking_seconds: null }],
    parties: [],
    papers: [],
    entries: [],
    decisions: [],
    others: [],
  };
}

export function newPerson(role: Role, seat = ""): PersonDraft {
  return { name: "", role, seat, item: "", party: "", language: "", shared: false };
}

export function newEntry(party: string, paper: string): EntryDraft {
  return {
    consulted: true,
    party,
    paper,
    options: [],
    asked_by: "",
    asked_at: "",
    channel: "",
    answer: "",
    red_line: "",
    source: "",
    crossed_by: [],
  };
}

export const needsSeat = (role: Role): boolean => role === "delegate" || role === "adviser";
export const hasLanguage = (role: Role): boolean => role === "interpreter" || role === "captioner";
export const isGuest = (role: Role): boolean => role === "briefer" || role === "invited";
const presiding = (role: Role): boolean => role === "chair" || role === "secretary";

/** Without what is empty. */
function filled<T extends Record<string, unknown>>(fields: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, v]) => v !== "" && v !== null && v !== undefined),
  ) as Partial<T>;
}

const refs = (ids: readonly string[]) => ids.map((id) => ({ id }));

/** As a definition has it. */
export function seatOf(s: SeatDraft) {
  return {
    id: s.id,
    name: s.name.trim(),
    ...filled({ country: s.country }),
    ...(s.guest && { guest: true }),
    ...(s.weight !== null && s.weight !== 1 && { weight: s.weight }),
  };
}

/** What does not belong to the role is left out: it may be there from a role chosen before. */
function personOf(p: PersonDraft) {
  return {
    name: p.name.trim(),
    role: p.role,
    ...filled({
      seat: needsSeat(p.role) || p.role === "invited" ? p.seat : "",
      item: isGuest(p.role) ? p.item : "",
      party: p.role === "invited" ? p.party : "",
      language: hasLanguage(p.role) ? p.language : "",
      expires: p.expires,
    }),
    ...(p.shared && !presiding(p.role) && { shared: true }),
  };
}

/** An act, and the place in the draft that it comes from. */
interface Placed {
  place: string;
  act: PreparedAct;
}

function paperActs(p: PaperDraft, index: number): Placed[] {
  const place = `papers.${index}`;
  const asked = p.questions.map((q) => ({ question: q.question, text: q.text.trim() }));
  return [
    { place, act: { act: "put_paper", paper: p.paper, item: p.item, title: p.title.trim(), questions: asked } },
    ...p.options.map((o, n) => ({
      place: `${place}.options.${n}`,
      act: {
        act: "put_option",
        paper: p.paper,
        option: o.option,
        title: o.title.trim(),
        answers: p.questions.flatMap((q) => {
          const text = o.answers[q.question]?.trim() ?? "";
          return text === "" ? [] : [{ question: q.question, text }];
        }),
        touches: refs(o.touches),
      },
    })),
  ];
}

function entryAct(e: EntryDraft): PreparedAct {
  const about = { party: e.party, paper: e.paper };
  const line = e.red_line.trim();
  const source = e.source.trim();
  const crossed_by = refs(line === "" ? [] : e.crossed_by);
  if (!e.consulted) return { act: "state_red_line", ...about, red_line: line, source, crossed_by };
  return {
    act: "consult",
    ...about,
    options: refs(e.options),
    asked_by: e.asked_by.trim(),
    asked_at: fromLocal(e.asked_at) ?? 0,
    channel: e.channel.trim(),
    ...filled({ answer: e.answer.trim(), red_line: line, red_line_source: line === "" ? "" : source }),
    crossed_by,
  };
}

function decisionAct(d: DecisionDraft): PreparedAct {
  return {
    act: "put_decision",
    decision: d.decision,
    item: d.item,
    title: d.title.trim(),
    texts: d.texts.map((w) => ({ language: w.language, text: w.text.trim() })),
    ...filled({ paper: d.option === "" ? "" : d.paper, option: d.option }),
    rule: d.rule,
    excluded: refs(d.excluded),
  };
}

function preparedActs(draft: Draft): Placed[] {
  return [
    ...draft.items.map((i, n) => ({
      place: `items.${n}`,
      act: {
        act: "put_item",
        item: i.item,
        title: i.title.trim(),
        ...filled({ minutes: i.minutes, speaking_seconds: i.speaking_seconds }),
      },
    })),
    ...draft.parties.map((p, n) => ({
      place: `parties.${n}`,
      act: { act: "put_party", party: p.party, name: p.name.trim(), ...filled({ country: p.country }) },
    })),
    ...draft.papers.flatMap(paperActs),
    ...draft.entries.map((e, n) => ({ place: `entries.${n}`, act: entryAct(e) })),
    ...draft.decisions.map((d, n) => ({ place: `decisions.${n}`, act: decisionAct(d) })),
    ...draft.others.map((act, n) => ({ place: `others.${n}`, act })),
  ];
}

/** What is posted, and for each prepared act the place in the draft that it comes from. */
export function toDefinition(draft: Draft): { definition: Record<string, unknown>; places: string[] } {
  const prepared = preparedActs(draft);
  return {
    definition: {
      title: draft.title.trim(),
      ...filled({ marking: draft.marking.trim(), body: draft.body.trim(), zone: draft.zone.trim() }),
      floor: draft.floor,
      encryption: draft.encryption,
      lobby: draft.lobby,
      open: draft.open,
      ...(draft.quorum && { quorum: draft.quorum }),
      ...(draft.speaking_seconds && { speaking_seconds: draft.speaking_seconds }),
      ...(draft.languages.length > 0 && { languages: [...draft.languages] }),
      seats: draft.seats.map(seatOf),
      people: draft.people.map(personOf),
      ...(prepared.length > 0 && { prepared: prepared.map((p) => p.act) }),
    },
    places: prepared.map((p) => p.place),
  };
}

/** The place in the draft of a field that the server names: "prepared[3].title" is "items.0.title". */
export function placeOf(field: string, places: readonly string[]): string {
  const dotted = field.replace(/\[(\d+)\]/g, ".$1");
  const act = /^prepared\.(\d+)(.*)$/.exec(dotted);
  if (!act) return dotted;
  const place = places[Number(act[1])];
  if (place === undefined) return "prepared";
  const rest = act[2] ?? "";
  return place + (place.startsWith("entries.") ? rest.replace(/^\.red_line_source/, ".source") : rest);
}

// Reading a definition.

type Json = Record<string, unknown>;

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown): number | null => (typeof value === "number" ? value : null);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const ids = (value: unknown): string[] => list(value).map((r) => text(object(r)["id"]));

/** Puts it in the place of the one with the same id, or at the end. */
function put<T>(all: T[], one: T, same: (other: T) => boolean): void {
  const at = all.findIndex(same);
  if (at < 0) all.push(one);
  else all[at] = one;
}

type Reading = (draft: Draft, act: Json) => boolean;

/** What each act does to the draft; false: there is no form for it. */
const readings: Record<string, Reading> = {
  put_item(draft, a) {
    const item: ItemDraft = {
      item: text(a["item"]),
      title: text(a["title"]),
      minutes: number(a["minutes"]),
      speaking_seconds: number(a["speaking_seconds"]),
    };
    if (a["before"] === undefined) put(draft.items, item, (i) => i.item === item.item);
    else {
      const others = draft.items.filter((i) => i.item !== item.item);
      const at = others.findIndex((i) => i.item === a["before"]);
      if (at < 0) return false;
      draft.items = [...others.slice(0, at), item, ...others.slice(at)];
    }
    return true;
  },
  put_party(draft, a) {
    const party = { party: text(a["party"]), name: text(a["name"]), country: text(a["country"]) };
    put(draft.parties, party, (p) => p.party === party.party);
    return true;
  },
  put_paper(draft, a) {
    const before = draft.papers.find((p) => p.paper === a["paper"]);
    const paper: PaperDraft = {
      paper: text(a["paper"]),
      item: text(a["item"]),
      title: text(a["title"]),
      questions: list(a["questions"]).map((q) => ({
        question: text(object(q)["question"]),
        text: text(object(q)["text"]),
      })),
      options: before?.options ?? [],
    };
    put(draft.papers, paper, (p) => p.paper === paper.paper);
    return true;
  },
  put_option(draft, a) {
    const paper = draft.papers.find((p) => p.paper === a["paper"]);
    if (!paper) return false;
    const option: OptionDraft = {
      option: text(a["option"]),
      title: text(a["title"]),
      answers: Object.fromEntries(
        list(a["answers"]).map((x) => [text(object(x)["question"]), text(object(x)["text"])]),
      ),
      touches: ids(a["touches"]),
    };
    put(paper.options, option, (o) => o.option === option.option);
    return true;
  },
  consult(draft, a) {
    const at = number(a["asked_at"]);
    draft.entries.push({
      consulted: true,
      party: text(a["party"]),
      paper: text(a["paper"]),
      options: ids(a["options"]),
      asked_by: text(a["asked_by"]),
      asked_at: at ? toLocal(at) : "",
      channel: text(a["channel"]),
      answer: text(a["answer"]),
      red_line: text(a["red_line"]),
      source: text(a["red_line_source"]),
      crossed_by: ids(a["crossed_by"]),
    });
    return true;
  },
  state_red_line(draft, a) {
    draft.entries.push({
      ...newEntry(text(a["party"]), text(a["paper"])),
      consulted: false,
      red_line: text(a["red_line"]),
      source: text(a["source"]),
      crossed_by: ids(a["crossed_by"]),
    });
    return true;
  },
  put_decision(draft, a) {
    const decision: DecisionDraft = {
      decision: text(a["decision"]),
      item: text(a["item"]),
      title: text(a["title"]),
      texts: list(a["texts"]).map((w) => ({
        language: text(object(w)["language"]),
        text: text(object(w)["text"]),
      })),
      paper: text(a["paper"]),
      option: text(a["option"]),
      rule: { procedure: "consensus", ...object(a["rule"]) } as Rule,
      excluded: ids(a["excluded"]),
    };
    put(draft.decisions, decision, (d) => d.decision === decision.decision);
    return true;
  },
};

function readPerson(value: unknown): PersonDraft {
  const p = object(value);
  const expires = number(p["expires"]);
  return {
    name: text(p["name"]),
    role: (text(p["role"]) || "delegate") as Role,
    seat: text(p["seat"]),
    item: text(p["item"]),
    party: text(p["party"]),
    language: text(p["language"]),
    shared: p["shared"] === true,
    ...(expires !== null && { expires }),
  };
}

function readSeat(value: unknown): SeatDraft {
  const s = object(value);
  return {
    id: text(s["id"]),
    name: text(s["name"]),
    country: text(s["country"]),
    weight: number(s["weight"]) ?? 1,
    guest: s["guest"] === true,
  };
}

/** Undefined: this is no definition of a meeting. What else is wrong in it the server says. */
export function fromDefinition(json: unknown): Draft | undefined {
  const d = object(json);
  if (typeof d["title"] !== "string" || !Array.isArray(d["people"])) return undefined;
  const draft: Draft = {
    ...newDraft(),
    title: d["title"],
    body: text(d["body"]),
    marking: text(d["marking"]),
    zone: text(d["zone"]),
    floor: d["floor"] === "open" ? "open" : "chaired",
    encryption: d["encryption"] === "none" ? "none" : "required",
    lobby: d["lobby"] === true,
    open: d["open"] === true,
    quorum: number(d["quorum"]),
    speaking_seconds: number(d["speaking_seconds"]),
    languages: list(d["languages"]).map(text),
    seats: list(d["seats"]).map(readSeat),
    people: list(d["people"]).map(readPerson),
    items: [],
  };
  for (const value of list(d["prepared"])) {
    const act = object(value);
    // After an act without a form, those behind it keep their place too.
    const read = draft.others.length === 0 ? readings[text(act["act"])] : undefined;
    if (!read?.(draft, act)) draft.others.push(act as PreparedAct);
  }
  return draft;
}
