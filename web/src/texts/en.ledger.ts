// The record as it is read in a meeting: what each act is in a sentence, and what is proven of it.
import type { Choice, Outcome, Stance } from "../gen/protocol";
import type { Kind, Told } from "../lib/ledger";
import type { Signed } from "../record/signedAct";
import { formatting } from "./format";
import { papers } from "./en.papers";
import { procedure } from "./en.procedure";

const { count, second, instant } = formatting("en-GB");

const kinds: Record<Kind, string> = {
  said: "Said",
  proposed: "Proposed",
  decided: "Decided",
  consulted: "Consulted",
  procedure: "Procedure",
};

const signatures: Record<Signed, string> = {
  good: "Signed by this person's own key: verified in your browser.",
  none: "Not signed.",
  other: "Signed, by a key that the organiser's list does not give this person now.",
  wrong: "What was signed is something else: do not rely on it.",
};

const quoted = (text: string | undefined) => (text === undefined ? "" : `: “${text}”`);
const named = (text: string | undefined, otherwise: string) => (text === undefined ? otherwise : `“${text}”`);

type Sentence = (told: Told) => string;

const sentences: Readonly<Record<string, Sentence>> = {
  created: () => "The meeting was prepared",
  manifest: () => "The organiser signed the list of participants",
  restarted: () => "The server was restarted",
  opened: () => "The meeting was called to order",
  add_seat: (t) => `${t.title ?? "A delegation"} was added to the seats of the meeting`,
  add_person: (t) => `${t.title ?? "Somebody"} was added to the participants`,
  joined: (t) => `${t.title ?? "Somebody"} came in`,
  left: (t) => `${t.whom ?? "Somebody"} left`,
  mute: (t) => `${t.whom ?? "Somebody"} was muted`,
  remove: (t) => `${t.whom ?? "Somebody"} was removed`,
  admit: (t) => `${t.whom ?? "Somebody"} was ${t.event.admitted ? "admitted" : "not admitted"}`,
  set_session: (t) => `Session: ${procedure.session(t.event.session as "open")}${quoted(t.text)}`,
  voice: (t) => `The voice of the delegation goes to ${t.whom ?? "somebody"}`,
  put_item: (t) => `Item on the agenda: ${named(t.title, "")}`,
  drop_item: (t) => `Item taken off the agenda: ${named(t.title, "")}`,
  take_item: (t) => (t.title === undefined ? "The item is ended" : `The meeting takes up ${named(t.title, "")}`),
  ask_item: (t) => `Asks for urgent consultation on ${named(t.title, "")}${quoted(t.text)}`,
  answer_ask: (t) => `Request for consultation ${t.event.granted ? "granted" : "declined"}: ${named(t.title, "")}`,
  request_floor: (t) => (t.text === undefined ? "Asks for the floor" : `In writing${quoted(t.text)}`),
  withdraw_floor: () => "Takes the request for the floor back",
  pass_floor: () => "Lets others speak first",
  give_floor: (t) => (t.text === undefined ? `The floor is given to ${t.whom ?? "somebody"}` : `Read out, of ${t.whom ?? "somebody"}${quoted(t.text)}`),
  end_floor: () => "The floor is nobody's",
  set_floor_list: (t) => `The speakers' list is ${t.event.open ? "open" : "closed"}`,
  set_speaking_time: () => "Another speaking time is set",
  rule_on: (t) => `Point of order of ${t.whom ?? "somebody"} ${t.event.upheld ? "upheld" : "not upheld"}${quoted(t.text)}`,
  put_document: (t) => `Document attached: ${named(t.title, "")}`,
  drop_document: (t) => `Document taken away: ${named(t.title, "")}`,
  put_party: (t) => `Outside party: ${t.title ?? ""}`,
  put_paper: (t) => `Options paper ${named(t.title, "")}`,
  put_option: (t) => `Option ${named(t.title, "")}`,
  drop_option: (t) => `Option taken away: ${named(t.option, "")}`,
  take_position: (t) => `${papers.stance(t.event.stance as Stance)}, on ${named(t.option, "an option")}${quoted(t.text)}`,
  consult: (t) => `Consultation of ${t.title ?? "a party"}${quoted(t.text)}`,
  state_red_line: (t) => `Red line of ${t.title ?? "a party"}${quoted(t.text)}`,
  put_decision: (t) => `Draft decision ${named(t.title, "")}`,
  call_decision: (t) => `Put to decision: ${named(t.title, "")}`,
  vote: (t) => `${procedure.choice(t.event.choice as Choice)}, on ${named(t.title, "a decision")}${quoted(t.text)}`,
  pass_vote: (t) => `Passed over in the roll call on ${named(t.title, "a decision")}`,
  extend_silence: (t) => `Silence extended: ${named(t.title, "")}`,
  restart_silence: (t) => `Silence begins anew on an amended text: ${named(t.title, "")}`,
  close_decision: (t) => `${procedure.outcome(t.event.outcome as Outcome)}: ${named(t.title, "")}`,
  settled: (t) => `Silence ended, ${procedure.outcome(t.event.outcome as Outcome).toLowerCase()}: ${named(t.title, "")}`,
  withdraw_decision: (t) => `Withdrawn: ${named(t.title, "")}${quoted(t.text)}`,
  annotate: (t) => `Note in the minutes${quoted(t.text)}`,
  open_corrections: (t) => (t.event.until === undefined ? "The period for corrections ends" : "The minutes are open for corrections"),
  propose_correction: (t) => `Proposes a correction of the minutes${quoted(t.text)}`,
  settle_correction: (t) => `Correction of ${t.whom ?? "a delegation"} ${t.event.accepted ? "accepted" : "not accepted"}`,
  adopt_minutes: () => "The minutes are adopted",
  alarm: () => "Alarm about the record",
};

export const ledger = {
  minutes: "Minutes",
  record: "Record",
  views: "Minutes or record",
  sentence: (told: Told) => sentences[told.act]?.(told) ?? told.act,
  kind: (kind: Kind) => kinds[kind],
  kinds: "Kind of act",
  all: "All",
  search: "Search who said, proposed or decided what",
  item: "Item",
  allItems: "All items",
  seat: "Delegation",
  allSeats: "All delegations",
  list: "Acts in the record",
  found: (shown: number, all: number) => (shown === all ? count(all, "act", "acts") : `${shown} of ${count(all, "act", "acts")}`),
  hidden: (n: number) => count(n, "event is not yours to see", "events are not yours to see"),
  loading: "The record is being read…",
  nothing: "Nothing in the record fits.",
  unreachable: "The record cannot be read now.",
  again: "Try again",
  time: (at: number) => second(at),
  moment: (at: number) => instant(at),
  event: (n: number) => `Event ${n}`,
  back: "Back to the list",
  toMinutes: "Find it in the minutes",
  notInMinutes: (n: number) => `No line of the minutes is of event ${n}.`,
  openEvent: (n: number) => `Open event ${n} of the record`,
  copyLink: "Copy the link",
  copied: "Copied",
  copyBytes: "Copy the bytes",
  when: "Time",
  whose: "By",
  nobody: "the server, or who prepared the meeting",
  about: "Item",
  signature: "Signature",
  signatures: (signed: Signed) => signatures[signed],
  noOrganiser: "Signed; your link does not say by whose list that can be verified.",
  noPeople: "Signed; the organiser's list cannot be read now.",
  checking: "Being checked…",
  checkpoint: "Checkpoint",
  covered: (size: number, cosigned: boolean) =>
    cosigned ? `Covered by the checkpoint of ${size} events, which your browser verified and cosigned.` : `Covered by the checkpoint of ${size} events, which your browser verified.`,
  uncovered: "No checkpoint covers it yet; the next one comes within seconds.",
  proof: "Proof",
  proven: (n: number, size: number) => `Proven to be in the record: event ${n} of ${size}.`,
  notProven: "The server does not show that this is in the record. Do not rely on it.",
  unanswered: "The server does not answer the question for the proof.",
  cannotVerify: "This browser cannot verify signatures.",
  bytes: "Exact bytes",
  own: "Your own act: your browser had it proven by itself.",
  withheld: "This event is in the record; what it says is not yours to see.",
  missing: "The record has no such event yet.",
};
