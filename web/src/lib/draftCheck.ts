// What is missing in a draft before it is worth sending. The server checks everything; this is so
// that all gaps are shown at once, each at its field.
import { isZone } from "./clock";
import { type Draft, isGuest, needsSeat } from "./draft";
import { fromLocal } from "./times";

export type Fault = "needed" | "double" | "id" | "nobody" | "chair" | "date" | "source" | "language" | "quorum" | "zone";

const ID = /^[A-Za-z0-9._-]{1,32}$/;

class Faults {
  readonly found = new Map<string, Fault>();

  add(place: string, fault: Fault): void {
    if (!this.found.has(place)) this.found.set(place, fault);
  }

  needed(place: string, text: string): void {
    if (text.trim() === "") this.add(place, "needed");
  }
}

function checkSeats(draft: Draft, f: Faults): void {
  const known = new Set<string>();
  draft.seats.forEach((s, i) => {
    f.needed(`seats.${i}.name`, s.name);
    if (!ID.test(s.id)) f.add(`seats.${i}.id`, "id");
    if (known.has(s.id)) f.add(`seats.${i}.id`, "double");
    known.add(s.id);
  });
  if (draft.zone.trim() !== "" && !isZone(draft.zone.trim())) f.add("zone", "zone");
  if ((draft.quorum ?? 0) > draft.seats.filter((s) => !s.guest).length) f.add("quorum", "quorum");
}

function checkPeople(draft: Draft, f: Faults): void {
  if (draft.people.length === 0) f.add("people", "nobody");
  draft.people.forEach((p, i) => {
    f.needed(`people.${i}.name`, p.name);
    if (needsSeat(p.role)) f.needed(`people.${i}.seat`, p.seat);
    if (p.role === "interpreter" && !draft.languages.includes(p.language)) {
      f.add(`people.${i}.language`, "language");
    }
    if (p.role === "captioner") f.needed(`people.${i}.language`, p.language);
  });
  const presided = draft.people.some((p) => p.role === "chair" || p.role === "secretary");
  if (draft.lobby && !presided) f.add("people", "chair");
}

function checkPapers(draft: Draft, f: Faults): void {
  draft.papers.forEach((p, i) => {
    f.needed(`papers.${i}.title`, p.title);
    f.needed(`papers.${i}.item`, p.item);
    p.questions.forEach((q, n) => f.needed(`papers.${i}.questions.${n}.text`, q.text));
    p.options.forEach((o, n) => f.needed(`papers.${i}.options.${n}.title`, o.title));
  });
}

function checkEntries(draft: Draft, f: Faults): void {
  draft.entries.forEach((e, i) => {
    f.needed(`entries.${i}.party`, e.party);
    f.needed(`entries.${i}.paper`, e.paper);
    if (e.consulted) {
      f.needed(`entries.${i}.asked_by`, e.asked_by);
      f.needed(`entries.${i}.channel`, e.channel);
      if (fromLocal(e.asked_at) === undefined) f.add(`entries.${i}.asked_at`, "date");
    } else {
      f.needed(`entries.${i}.red_line`, e.red_line);
    }
    if (e.red_line.trim() !== "" && e.source.trim() === "") f.add(`entries.${i}.source`, "source");
  });
}

/** By place, in the order of the page. */
export function checkDraft(draft: Draft): Map<string, Fault> {
  const f = new Faults();
  f.needed("title", draft.title);
  checkSeats(draft, f);
  draft.items.forEach((item, i) => f.needed(`items.${i}.title`, item.title));
  draft.parties.forEach((p, i) => f.needed(`parties.${i}.name`, p.name));
  checkPapers(draft, f);
  checkEntries(draft, f);
  draft.decisions.forEach((d, i) => {
    f.needed(`decisions.${i}.title`, d.title);
    f.needed(`decisions.${i}.item`, d.item);
    d.texts.forEach((w, n) => f.needed(`decisions.${i}.texts.${n}.text`, w.text));
  });
  checkPeople(draft, f);
  return f.found;
}

/** What was found and is still so: what was mended since is told no longer, and what is not yet filled
 * in elsewhere is not told before it is asked for. */
export function stillWrong(found: ReadonlyMap<string, Fault>, draft: Draft): ReadonlyMap<string, Fault> {
  if (found.size === 0) return found;
  const now = checkDraft(draft);
  return new Map([...found].filter(([place, fault]) => now.get(place) === fault));
}

/** Ids that nothing has any more are taken out of what refers to them: of items, seats, parties,
 * papers and options that were taken off the page. */
export function tidy(draft: Draft): void {
  const items = new Set(draft.items.map((i) => i.item));
  const seats = new Set(draft.seats.map((s) => s.id));
  const parties = new Set(draft.parties.map((p) => p.party));
  const options = new Map(draft.papers.map((p) => [p.paper, new Set(p.options.map((o) => o.option))]));
  const kept = (known: Set<string> | undefined, id: string) => (known?.has(id) ? id : "");

  for (const p of draft.people) {
    p.seat = kept(seats, p.seat);
    p.item = isGuest(p.role) ? kept(items, p.item) : "";
    p.party = kept(parties, p.party);
  }
  for (const p of draft.papers) {
    p.item = kept(items, p.item);
    for (const o of p.options) o.touches = o.touches.filter((id) => parties.has(id));
  }
  for (const e of draft.entries) {
    const known = options.get(e.paper);
    if (!known) e.paper = "";
    e.party = kept(parties, e.party);
    e.options = e.options.filter((id) => known?.has(id));
    e.crossed_by = e.crossed_by.filter((id) => known?.has(id));
  }
  for (const d of draft.decisions) {
    d.item = kept(items, d.item);
    d.option = kept(options.get(d.paper), d.option);
    if (d.option === "") d.paper = "";
    d.excluded = d.excluded.filter((id) => seats.has(id));
  }
}
