// The cases of tests/record/vectors.json: small records in which one thing is unusual, and whether they hold. Both
// verifiers must say the same of each. `npx vite-node tests/makeVectors.ts > ../tests/record/vectors.json` makes the
// file anew.
import { cosignature, hexOf, Key, leafHash, listing, Maker, MEETING, NAME, ORIGIN, root, SIMPLE, signNote, T0, vkey } from "./recordMaker";
import type { JsonObject } from "../src/record/json";

export interface Vector {
  name: string;
  /** The line of the fault; null: it holds. A definition or manifest is a fault there or at its event. */
  fault: number | null;
  lines: string[];
}

const SHARED = { title: "T", floor: "open", encryption: "none", quorum: 2, seats: [{ id: "NOR", name: "N" }, { id: "DEN", name: "D" }] };
const delegate = (name: string, seat: string, more: JsonObject = {}) => ({ name, role: "delegate", seat, ...more });
const chair = { name: "Chair", role: "chair" };

function begun(definition?: JsonObject): Maker {
  return new Maker(definition).begin().event("put_item", { item: "i", title: "Item" });
}

const voting = (maker = begun()) => maker.manifest().everybody().put(SIMPLE).call();
const done = (maker: Maker) => maker.close("adopted").checkpoint().end();
/** Up to the vote that is looked at. */
const voted = (said: JsonObject) => done(voting().vote(0, "yes", said).vote(1, "yes"));
const listed = (...changes: JsonObject[]) => {
  const maker = begun();
  changes.forEach((change, i) => maker.manifest({ version: i + 1, ...change }));
  return maker.everybody().checkpoint().end();
};

function cosignedAt(time: bigint): Maker {
  const maker = begun().manifest().everybody();
  const text = `${ORIGIN}\n${maker.events.length}\n${root(maker.events).toString("base64")}\n`;
  return maker.checkpoint([], cosignature(text, `${ORIGIN}/person/p1`, maker.keys[0]!, time)).end();
}

function rotatedTwice(): Maker {
  const maker = begun().everybody();
  const [before, next] = [maker.server, new Key(102)];
  const text = `parley key rotation v1\n${NAME}\n${vkey(NAME, next)}\n`;
  const note = signNote(text, NAME, before);
  maker.line("rotation", { note: note + signNote(text, "other.example", new Key(9)).split("\n\n")[1]! });
  maker.server = next;
  return maker.event("put_item", { item: "j", title: "Next" }, "p1").checkpoint().end();
}

/** By the chair, on the first. */
function late(change: JsonObject, base: JsonObject = {}): Maker {
  const maker = begun().manifest(base);
  const { manifest, signature } = JSON.parse(maker.lines.at(-2)!) as { manifest: string; signature: string };
  return maker.manifest({ ...base, version: 2, ...change, base: { manifest, signature } }, maker.keys[0]!, "p1").everybody().checkpoint().end();
}

function silence(settle: boolean): Maker {
  const maker = begun().everybody().put({ procedure: "silence" });
  maker.call({ deadline: T0 + 3_600_000, time_zone: "Europe/Oslo" }).event("vote", { decision: "d", version: 1, choice: "break_silence", statement: "No.", seat: "NOR" }, "p2");
  const due = maker.at;
  if (!settle) maker.event("put_item", { item: "j", title: "Next" }, "p1");
  return maker.event("settled", { decision: "d", due, outcome: "not_adopted", words: "Words.", words_form: 9 }).checkpoint().end();
}

/** p5 is of Norway too. */
function twoOfNorway(handed: boolean, there: boolean): Maker {
  const people = [chair, delegate("N", "NOR"), delegate("D", "DEN"), delegate("E", "DEN"), delegate("M", "NOR")];
  const maker = begun({ ...SHARED, people });
  ["p1", "p2", "p3"].forEach((participant) => maker.event("joined", { participant, name: "X", place: "room" }));
  if (there) maker.event("joined", { participant: "p5", name: "M", place: "room" });
  maker.manifest({ seats: SHARED.seats, people: people.map((p, i) => ({ person: `p${i + 1}`, ...p, key: key(i + 1) })) }).put(SIMPLE).call();
  if (handed) maker.event("voice", { person: "p5", seat: "NOR" }, "p2");
  const own = { decision: "d", version: 1, choice: "yes" };
  const signed_text = JSON.stringify({ meeting: MEETING, person: "p5", act: "vote", ...own, text: maker.hash, since: maker.called, time: maker.at });
  const signature = new Key(5).sign(`parley act v1\n${signed_text}`).toString("base64url");
  maker.event("vote", { ...own, seat: "NOR", signed_text, signature }, "p5");
  return maker.close("adopted").checkpoint().end();
}

/** Norway corrects an event, as it stands there if nothing else is said. */
function corrected(said: JsonObject = {}, event = 2): Maker {
  const maker = begun().manifest().everybody();
  maker.event("set_session", { session: "closed" }, "p1").event("open_corrections", { until: T0 + 86_400_000 }, "p1");
  const own = { event, language: "EN", text: "Otherwise." };
  const leaf = maker.events[event - 1] === undefined ? "" : leafHash(maker.events[event - 1]!).toString("base64");
  const signed_text = JSON.stringify({ meeting: MEETING, person: "p2", act: "propose_correction", ...own, leaf, time: maker.at, ...said });
  const signature = maker.keys[1]!.sign(`parley act v1\n${signed_text}`).toString("base64url");
  return maker.event("propose_correction", { ...own, seat: "NOR", signed_text, signature }, "p2").checkpoint().end();
}

/** Two decisions are open; the vote on the first is signed in the call of the second. */
function callOfAnother(): Maker {
  const maker = voting().put(SIMPLE, "e");
  const since = maker.events.length + 1;
  maker.event("call_decision", { decision: "e", version: 1, warnings: [], present: 3, members: 3 }, "p1");
  return done(maker.vote(0, "yes", { since }).vote(1, "yes"));
}

/** A call finds no quorum, and its text is called again. */
function calledAgain(kept: boolean): Maker {
  const maker = voting();
  const since = maker.called;
  for (const participant of ["p3", "p4"]) maker.event("left", { participant });
  maker.close("no_quorum").event("joined", { participant: "p3", name: "Denmark", place: "room" }).call({ present: 2 });
  return done(maker.vote(0, "yes", kept ? { since } : {}).vote(1, "yes"));
}

const key = (seed: number) => new Key(seed).public.toString("base64url");

function named(participant: string): Maker {
  const people = [chair, { name: "Many", role: "observer", shared: true }];
  const maker = begun({ ...SHARED, people });
  return maker.event("joined", { participant, name: "X", place: "room" }).checkpoint().end();
}

function early(start: number): Maker {
  const maker = new Maker();
  maker.at = start;
  return maker.begin().event("put_item", { item: "i", title: "Item" }).everybody().checkpoint().end();
}

function before1970(): Maker {
  const maker = new Maker().begin();
  maker.lines[2] = maker.events[0] = maker.events[0]!.replace(/"at":[0-9]+/, '"at":-1');
  return maker.event("put_item", { item: "i", title: "Item" }).everybody().checkpoint().end();
}

const SWE = { seat: "SWE", name: "Sweden", country: "SE", guest: false, weight: 3 };

/** Lists before and after a seat was added; undefined: none. */
function added(before: JsonObject | undefined, after?: JsonObject, seat: JsonObject = SWE): Maker {
  const maker = begun();
  if (before) maker.manifest(before);
  maker.event("add_seat", seat);
  if (after) maker.manifest({ version: 2, ...after });
  return maker.everybody().checkpoint().end();
}

/** Two of three are more than half, and of four not. */
function counted(inTime: boolean, outcome: string): Maker {
  const maker = begun().manifest(listing(SWE)).everybody();
  if (inTime) maker.event("add_seat", SWE);
  maker.put({ procedure: "absolute" }).call();
  if (!inTime) maker.event("add_seat", SWE);
  return maker.vote(0, "yes").vote(1, "yes").close(outcome).checkpoint().end();
}

const listedOnly = (change: JsonObject) => listed(listing({ ...SWE, ...change }));

const NOR = { id: "NOR", name: "Norway" };
const DEN = { id: "DEN", name: "Denmark" };
const ESP = { id: "ESP", name: "Spain" };
const nested = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels)) as JsonObject["x"];
const LAST = (1n << 63n) - 1n;

const CASES: [string, () => Maker, ((lines: string[]) => number) | null][] = [
  ["a vote, adopted", () => voted({}), null],
  ["events of before 1970", before1970, (l) => at(l, "created")],
  ["events of 1970", () => early(-1000), null],
  ["signed at a time before 1970", () => voted({ time: -1 }), (l) => at(l, "vote")],
  ["signed at 1970", () => voted({ time: 0 }), null],
  ["signed at no whole time", () => voted({ time: 1.5 }), (l) => at(l, "vote")],
  ["signed in no call, as before", () => voted({ since: undefined! }), null],
  ["signed in another call", () => voted({ since: 1 }), (l) => at(l, "vote")],
  ["signed in a call still to come", () => voted({ since: 1000 }), (l) => at(l, "vote")],
  ["signed in the call that it is itself", () => done(voting().vote(0, "yes", { since: 10 }).vote(1, "yes")), (l) => at(l, "vote")],
  ["signed in the call of another decision", callOfAnother, (l) => at(l, "vote")],
  ["signed in the second call of a text", () => calledAgain(false), null],
  ["signed in the first call of a text, and kept for the second", () => calledAgain(true), (l) => at(l, "vote")],
  ["signed with a call that is no number", () => voted({ since: "1" }), (l) => at(l, "vote")],
  ["signed with something more", () => voted({ more: 1 }), (l) => at(l, "vote")],
  ["a correction", () => corrected(), null],
  ["a correction of an event that is not named, as before", () => corrected({ leaf: undefined! }), null],
  ["a correction of another event than stands there", () => corrected({ leaf: leafHash("another").toString("base64") }), (l) => at(l, "propose_correction")],
  ["a correction of an event that is no text", () => corrected({ leaf: 1 }), (l) => at(l, "propose_correction")],
  ["a correction of itself", () => corrected({ leaf: "" }, 10), (l) => at(l, "propose_correction")],
  ["a correction that says since when", () => corrected({ since: 2 }), (l) => at(l, "propose_correction")],
  ["a vote that names a leaf", () => voted({ leaf: leafHash("another").toString("base64") }), (l) => at(l, "vote")],
  ["a list that is good until before 1970", () => listed({ not_after: -1 }), (l) => at(l, "manifest")],
  ["a list of version 0", () => listed({ version: 0 }), (l) => at(l, "manifest")],
  ["a list without a definition, as before", () => listed({ definition: undefined! }), null],
  ["a list of another definition", () => listed({ definition: "0".repeat(64) }), (l) => at(l, "manifest")],
  ["a definition's hash in capitals", () => listed({ definition: hexOf(JSON.stringify(new Maker().definition)).toUpperCase() }), (l) => at(l, "manifest")],
  ["a list that names the definition no more", () => listed({}, { definition: undefined! }), (l) => at(l, "manifest", 2)],
  ["a country that is none", () => listed({ seats: [{ ...NOR, country: "no" }, DEN, ESP] }), (l) => at(l, "manifest")],
  ["a seat without a name", () => listed({ seats: [{ id: "NOR" }, DEN, ESP] }), (l) => at(l, "manifest")],
  ["a role that is no word", () => listed({ people: [{ person: "p1", name: "C", role: "the chair", key: key(1) }] }), (l) => at(l, "manifest")],
  ["eight levels in a list", () => listed({ more: nested(7) }), null],
  ["nine levels in a list", () => listed({ more: nested(8) }), (l) => at(l, "manifest")],
  ["a number in a list that is too large", () => rawNumber("1" + "0".repeat(19)), (l) => at(l, "manifest")],
  ["a number in a list with a point", () => rawNumber("1.5"), null],
  ["the chair's list with the seats in another order", () => late({ seats: [ESP, NOR, DEN] }), null],
  ["the chair's list with a word of its own of a person", () => late({ people: people({ note: 1 }) }, { people: people({}) }), null],
  ["the chair's list with another seat's name", () => late({ seats: [ESP, NOR, { ...DEN, name: "Dania" }] }), (l) => at(l, "manifest", 2)],
  ["the chair's list of another definition", () => late({ definition: "0".repeat(64) }), (l) => at(l, "manifest", 2)],
  ["a seat that was signed, then added", () => added(listing(SWE)), null],
  ["a seat that was signed, then added, then signed again", () => added(listing(SWE), listing(SWE)), null],
  ["a seat that was added, then signed", () => added(undefined, listing(SWE)), null],
  ["a seat that was added where nobody signs", () => added(undefined), null],
  ["a seat that nobody signed", () => added({}), (l) => at(l, "add_seat")],
  ["a seat that was signed too late", () => added({}, listing(SWE)), (l) => at(l, "add_seat")],
  ["a seat of more weight than was signed", () => added(listing({ ...SWE, weight: 2 })), (l) => at(l, "add_seat")],
  ["a seat that was signed as a guest's", () => added(listing({ ...SWE, guest: true })), (l) => at(l, "add_seat")],
  ["a seat of another name than was signed", () => added(listing({ ...SWE, name: "Norway" })), (l) => at(l, "add_seat")],
  ["a seat of another country than was signed", () => added(listing({ ...SWE, country: "NO" })), (l) => at(l, "add_seat")],
  ["a seat without the country that was signed", () => added(listing(SWE), undefined, { ...SWE, country: undefined! }), (l) => at(l, "add_seat")],
  ["a seat that was signed without a weight", () => added(listing({ ...SWE, weight: undefined!, guest: undefined! })), (l) => at(l, "add_seat")],
  ["a seat that is there already", () => added(undefined, undefined, { ...SWE, seat: "NOR" }), (l) => at(l, "add_seat")],
  ["a list without a seat that was added", () => added(undefined, {}), (l) => at(l, "manifest")],
  ["a list of another weight than a seat was added with", () => added(undefined, listing({ ...SWE, weight: 4 })), (l) => at(l, "manifest")],
  ["a later list without a seat that was added", () => added(listing(SWE), {}), (l) => at(l, "manifest", 2)],
  ["a later list of another weight than a seat was added with", () => added(listing(SWE), listing({ ...SWE, weight: 4 })), (l) => at(l, "manifest", 2)],
  ["a seat on a list with the most weight", () => listedOnly({ weight: 1_000_000_000 }), null],
  ["a seat on a list with too much weight", () => listedOnly({ weight: 1_000_000_001 }), (l) => at(l, "manifest")],
  ["a seat on a list with less than no weight", () => listedOnly({ weight: -1 }), (l) => at(l, "manifest")],
  ["a seat on a list with a weight that is no whole number", () => listedOnly({ weight: 1.5 }), (l) => at(l, "manifest")],
  ["a seat on a list with a weight alone", () => listedOnly({ guest: undefined! }), (l) => at(l, "manifest")],
  ["a seat on a list that is a guest's, and no weight", () => listedOnly({ weight: undefined! }), (l) => at(l, "manifest")],
  ["a seat on a list that is a guest's by a number", () => listedOnly({ guest: 1 }), (l) => at(l, "manifest")],
  ["the chair's list with a seat that the organiser added", () => late(listing(SWE), listing(SWE)), null],
  ["the chair's list with a seat more", () => late(listing(SWE)), (l) => at(l, "manifest", 2)],
  ["the chair's list with another seat's weight", () => late(listing({ ...SWE, weight: 4 }), listing(SWE)), (l) => at(l, "manifest", 2)],
  ["the chair's list with a guest made a member", () => late(listing(SWE), listing({ ...SWE, guest: true })), (l) => at(l, "manifest", 2)],
  ["a seat that was added before the call counts", () => counted(true, "not_adopted"), null],
  ["a seat that was added before the call is not counted", () => counted(true, "adopted"), (l) => at(l, "close_decision")],
  ["a seat that was added after the call does not count", () => counted(false, "adopted"), null],
  ["a seat that was added after the call is counted", () => counted(false, "not_adopted"), (l) => at(l, "close_decision")],
  ["a cosignature of the last time that there is", () => cosignedAt(LAST), null],
  ["a cosignature of a time that is none", () => cosignedAt(LAST + 1n), (l) => at(l, "checkpoint")],
  ["a change of keys with two signatures", rotatedTwice, (l) => at(l, "rotation")],
  ["a silence that is broken, and settled", () => silence(true), null],
  ["a silence that is broken, and goes on", () => silence(false), (l) => at(l, "put_item", 2)],
  ["a vote by who does not hold the voice", () => twoOfNorway(false, true), (l) => at(l, "vote")],
  ["a vote by who was handed the voice", () => twoOfNorway(true, true), null],
  ["a vote by who is not there", () => twoOfNorway(true, false), (l) => at(l, "vote")],
  ["one of many, by the longest id", () => named("p2." + "9".repeat(LONGEST - 3)), null],
  ["one of many, by a longer id", () => named("p2." + "9".repeat(LONGEST - 2)), (l) => at(l, "joined")],
];
const LONGEST = 19;

function people(more: JsonObject): JsonObject[] {
  return [{ person: "p1", name: "Chair", role: "chair", key: key(1), ...more }];
}

/** A list with a field that holds this number. */
function rawNumber(number: string): Maker {
  const maker = begun().manifest();
  const { manifest } = JSON.parse(maker.lines.at(-2)!) as { manifest: string };
  maker.lines.splice(-2);
  maker.events.pop();
  return maker.rawManifest(manifest.replace('{"v"', `{"more":${number},"v"`), 1).everybody().checkpoint().end();
}

/** The n-th line of this act, or kind. */
function at(lines: string[], what: string, n = 1): number {
  const is = (line: string) => line.startsWith(`{"record":"${what}"`) || line.includes(`"act":"${what}"`);
  const kinds = lines.flatMap((line, i) => (is(line) && !(what === "manifest" && line.startsWith('{"number"')) ? [i + 1] : []));
  return kinds[n - 1]!;
}

export function vectors(): Vector[] {
  return CASES.map(([name, make, fault]) => {
    const { lines } = make();
    return { name, fault: fault && fault(lines), lines };
  });
}

/** Each line once. */
export function encode(cases: Vector[]): string {
  const lines = [...new Set(cases.flatMap((one) => one.lines))];
  const number = new Map(lines.map((line, i) => [line, i]));
  const short = cases.map(({ name, fault, lines: own }) => ({ name, fault, lines: own.map((line) => number.get(line)) }));
  const list = (all: unknown[]) => all.map((one) => `  ${JSON.stringify(one)}`).join(",\n");
  return `{"cases": [\n${list(short)}\n], "lines": [\n${list(lines)}\n]}\n`;
}
