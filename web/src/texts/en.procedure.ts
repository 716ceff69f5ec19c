// The texts of the meeting's procedure, in English. In the words of rules of procedure; short.
import type {
  Base,
  Choice,
  DecisionToClient,
  FloorKind,
  Item,
  Outcome,
  Procedure as Rule,
  SessionState,
  WarningKind,
} from "../gen/protocol";
import { isZone, minutesText, type Remaining, type SpeakingClock, type SpeakingState } from "../lib/clock";
import type { News } from "../lib/news";
import type { NextAct } from "../lib/next";
import type { Tab } from "../lib/tabs";
import { formatting, zoneName } from "./format";

const { clock, clockIn, count, inZone } = formatting("en-GB");

const outcomes: Record<Outcome, string> = {
  adopted: "Adopted",
  not_adopted: "Not adopted",
  no_quorum: "No quorum",
  withdrawn: "Withdrawn",
};

const choices: Record<Choice, string> = {
  yes: "Yes",
  no: "No",
  abstain: "Abstain",
  join: "Join",
  join_with_reservation: "Join with a reservation",
  national_statement: "Join with a national statement",
  awaiting_instructions: "Awaiting instructions",
  block: "Block",
  receipt: "Receipt",
  break_silence: "Break silence",
};

const rules: Record<Rule, string> = {
  consensus: "Consensus",
  silence: "Silence procedure",
  unanimity: "Unanimity",
  roll_call: "Roll call",
  simple: "Simple majority",
  absolute: "Absolute majority",
  qualified: "Qualified majority",
};

const floorKinds: Record<FloorKind, string> = {
  speak: "Speak",
  point_of_order: "Point of order",
  right_of_reply: "Right of reply",
  answer: "Answer",
};

const sessions: Record<SessionState, string> = {
  open: "In session",
  suspended: "Suspended",
  closed: "Closed",
};

function sessionNews(session: SessionState, reason: string | undefined): string {
  const said = {
    open: "The meeting is in session.",
    suspended: "The meeting is suspended.",
    closed: "The meeting is closed.",
  }[session];
  return reason ? `${said} ${reason}` : said;
}

function news(n: News): string {
  switch (n.what) {
    case "session":
      return sessionNews(n.session, n.reason);
    case "item":
      return n.title === undefined ? "The item is ended." : `The meeting takes up: ${n.title}`;
    case "intervention":
      return `${n.intervention.name}, in writing: ${n.intervention.text}`;
    case "ruling":
      return `The chair rules on the point of order of ${n.ruling.name}: ${n.ruling.upheld ? "upheld" : "not upheld"}. ${n.ruling.ruling}`;
    case "called":
      return `Put to decision: ${n.title}`;
    case "turn":
      return `Your delegation is called to vote: ${n.title}`;
    case "declared":
      return `${n.title}: ${outcomes[n.outcome].toLowerCase()}.`;
    case "withdrawn":
      return `No longer put to decision: ${n.title}`;
  }
}

/** What a delegation does by it, on a button. */
const choiceActs: Record<Choice, string> = {
  ...choices,
  join_with_reservation: "Join with reservation",
  national_statement: "Join with national statement",
  receipt: "Acknowledge receipt",
  break_silence: "Break silence…",
};

const statementsFor: Partial<Record<Choice, string>> = {
  join_with_reservation: "The reservation",
  national_statement: "The national statement",
  block: "Why your delegation blocks",
  break_silence: "Why your delegation breaks silence",
};

const ruleHints: Record<Rule, string> = {
  consensus: "Adopted if nobody blocks and nobody who is present is silent or awaits instructions.",
  silence: "Adopted at a deadline, unless a delegation breaks silence.",
  unanimity: "Adopted if nobody votes against.",
  roll_call: "Delegations are called one after the other. With no share below, a simple majority.",
  simple: "More votes for than against.",
  absolute: "More than half of all members.",
  qualified: "A share of the seats, of the weights, or both.",
};

const bases: Record<Base, string> = {
  cast: "of votes cast",
  present: "of seats present",
  members: "of all members",
};

const warningKinds: Record<WarningKind, string> = {
  not_consulted: "was not consulted.",
  no_answer: "was asked, and has not answered.",
  red_line: "has a red line that this crosses:",
};

const clockStates: Record<SpeakingState, string> = {
  unlimited: "no limit",
  running: "left",
  warning: "left",
  over: "over time",
};

const tabs: Record<Exclude<Tab, "desk">, string> = {
  agenda: "Agenda",
  floor: "Floor",
  decisions: "Decisions",
  minutes: "Minutes",
  people: "People",
  chat: "Chat",
};

function remainingText(r: Remaining): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const clock = `${r.hours}:${two(r.minutes)}:${two(r.seconds)}`;
  return r.days > 0 ? `${count(r.days, "day", "days")} ${clock}` : clock;
}

function dateIn(at: number, zone: string): string {
  return inZone(at, isZone(zone) ? zone : "UTC");
}

/** How a time of a zone is said. */
function zoneTime(zone: string): string {
  const name = zoneName(zone);
  return name === "UTC" ? name : `${name} time`;
}

function nextActText(n: NextAct): string {
  switch (n.what) {
    case "resume":
      return "Resume the meeting";
    case "closed":
      return "The meeting is closed.";
    case "rule":
      return `Rule on the point of order of ${n.entry.name}`;
    case "answer_ask":
      return `Answer the request for urgent consultation: ${n.ask.title}`;
    case "overtime":
      return `End the floor of ${n.name}: over time`;
    case "give_floor":
      return n.entry.written
        ? `Call the written intervention of ${n.entry.name}`
        : `Give the floor to ${n.entry.name}`;
    case "close_decision":
      return `All present have voted. Declare the result: ${n.decision.title}`;
    case "call_decision":
      return `Put to decision: ${n.decision.title}`;
    case "take_item":
      return `Take up: ${n.item.title}`;
    case "end_item":
      return `End the item: ${n.item.title}`;
    case "close_session":
      return "The agenda is done. Close the meeting";
  }
}

function decisionState(d: Pick<DecisionToClient, "state" | "outcome">): string {
  if (d.outcome !== undefined) return outcomes[d.outcome];
  return { draft: "Draft", open: "Open", declared: "Declared", withdrawn: "Withdrawn" }[d.state];
}

function itemTimes(i: Pick<Item, "state" | "minutes" | "began_at" | "ended_at">, time: (at: number) => string): string {
  if (i.state === "done") {
    return i.began_at !== undefined && i.ended_at !== undefined
      ? `Done, ${time(i.began_at)}–${time(i.ended_at)}`
      : "Done";
  }
  const planned = i.minutes === undefined ? undefined : count(i.minutes, "minute", "minutes");
  if (i.state === "to_come") return planned ?? "To come";
  const since = i.began_at === undefined ? "Now" : `Since ${time(i.began_at)}`;
  return planned === undefined ? since : `${since}, planned for ${planned}`;
}

export const procedure = {
  news,
  outcome: (o: Outcome) => outcomes[o],
  choice: (c: Choice) => choices[c],
  choiceAct: (c: Choice) => choiceActs[c],
  rule: (r: Rule) => rules[r],
  ruleHint: (r: Rule) => ruleHints[r],
  base: (b: Base) => bases[b],
  floorKind: (k: FloorKind) => floorKinds[k],
  session: (s: SessionState) => sessions[s],

  tooLong: "This text is too long.",
  withName: (what: string, name: string) => `${what}: ${name}`,
  andMore: (n: number) => `and ${n} more`,
  whole: "Show all",
  reason: "Reason",
  reasonIfAny: "Reason, if you give one",
  amend: "Amend",
  onRecord: "This goes on the record.",
  language: "Language",

  parts: "Parts of the meeting",
  tab: (tab: Tab, presides: boolean) =>
    tab === "desk" ? (presides ? "Console" : "Delegation") : tabs[tab],
  meetingShort: "Meeting",
  meetingTasks: (n: number) => (n === 0 ? "Meeting" : `Meeting, ${n} waiting for you`),

  options: "Options",
  register: "Register",
  registerLong: "Consultation register",

  // Session, quorum, agenda
  sessionSuspend: "Suspend",
  sessionResume: "Resume",
  sessionReopen: "Open again",
  sessionClose: "Close the meeting",
  sessionCloseShort: "Close session",
  sessionSuspending: "Suspend the meeting?",
  sessionSuspendingText: "Nobody has the floor until it is resumed. Silence procedures go on.",
  sessionClosing: "Close the meeting?",
  sessionClosingText: "Nobody has the floor any more. Silence procedures go on to their deadlines.",
  nextAct: nextActText,
  nextNothing: "Nothing waits for you.",
  ofMembers: (n: number) => `of ${count(n, "member", "members")} present`,
  quorumMet: (n: number) => `Quorum ${n}: met`,
  quorumMissing: (n: number) => `Quorum ${n}: not met`,
  absent: (names: string[]) => `Absent: ${names.join(", ")}`,
  itemNow: "Item",
  itemNext: "Next:",
  itemNone: "No item is being discussed.",
  itemRuns: (since: string, minutes: number | undefined) =>
    minutes === undefined ? since : `${since} of ${minutes}:00`,
  itemTimes,
  take: "Take up",
  takeItem: "Take up this item",
  endItem: "End this item",
  dropItem: "Take off the agenda",
  itemAdd: "Add an item",
  itemAmend: "Amend the item",
  itemDocuments: "Documents: add, take away",
  itemDocumentsShow: (n: number) => (n === 1 ? "1 document" : `${n} documents`),
  itemPut: "Put on the agenda",
  itemTitle: "Title",
  itemMinutes: "Minutes planned, if any",
  itemBefore: "Place",
  itemAtEnd: "At the end",
  itemStays: "Where it is",
  agendaItem: "Agenda item",
  agendaEmpty: "There is no agenda yet.",

  // Urgent consultation
  askItem: "Ask for urgent consultation",
  askItemTitle: "Ask for urgent consultation",
  askItemText: "The chair is asked, on the record, to put this on the agenda.",
  askItemMatter: "The matter",
  askItemSend: "Ask the chair",
  asksHeading: "Requests for urgent consultation",
  asksWaiting: (n: number) =>
    n === 1 ? "A request for urgent consultation" : `${n} requests for urgent consultation`,
  answerAsk: "Answer…",
  answerTitle: (seat: string, title: string) => `${seat} asks: ${title}`,
  answerQuestion: "The chair",
  grant: "Grant",
  grantLong: "grants it, and puts it on the agenda",
  decline: "Decline",
  declineLong: "declines it, with a reason",
  granted: "Granted",
  declined: "Declined",
  chairAnswered: (text: string) => `The chair: ${text}`,

  // The floor
  floorHeading: "The floor",
  floorFree: "Nobody has the floor.",
  floorEnd: "End the floor",
  floorDone: "I have finished",
  speakingClock: (c: SpeakingClock) =>
    c.leftMs === undefined
      ? `Has spoken for ${minutesText(c.spokenMs)}`
      : `${minutesText(c.leftMs)} ${clockStates[c.state]}`,
  clockState: (s: SpeakingState) => clockStates[s],
  listHeading: (n: number) => (n === 0 ? "Speakers' list" : `Speakers' list (${n})`),
  listEmpty: "Nobody asks for the floor.",
  listClosed: "List closed",
  listClosedText: "The speakers' list is closed. Points of order, replies and answers are still taken.",
  listClose: "Close the list",
  listOpen: "Open the list",
  speakingTime: "Speaking time",
  speakingTimeOf: (seconds: number) =>
    seconds === 0 ? "No limit" : seconds % 60 === 0 ? `${seconds / 60} min` : minutesText(seconds * 1_000),
  waitingFor: (ms: number) => (ms < 60_000 ? "just now" : `${Math.floor(ms / 60_000)} min`),
  waitingSince: (at: number) =>
    `Asked at ${clock(at)}`,
  inWriting: "In writing",
  notHere: "Not here",
  passed: "Passed",
  give: "Give",
  pass: "Let the others go first",
  withdraw: "Withdraw the request",
  placeInList: (n: number) => `You are number ${n}`,
  askHeading: "Ask for the floor",
  askFor: (k: FloorKind) => (k === "speak" ? "Ask for the floor" : floorKinds[k]),
  asksFor: (k: FloorKind) => (k === "speak" ? "You asked for the floor" : floorKinds[k]),
  withdrawHint: "press to withdraw",
  askInWriting: "Intervene in writing…",
  writeAs: "As",
  intervention: "Your intervention, shown to all when it is called",
  interventionSend: "Put on the list",
  interventions: "Interventions in writing",
  ruleOn: "Rule",
  rulings: "Rulings on points of order",
  ruling: "The ruling",
  rulingTitle: (name: string) => `Point of order of ${name}`,
  rulingOutcome: "The point of order is",
  rulingGive: "Rule",
  upheld: "Upheld",
  notUpheld: "Not upheld",

  // The delegation
  delegationHeading: "Your delegation",
  head: "Head of delegation",
  holdsVoice: "Holds the voice",
  voiceHand: "Hand the voice",
  voiceTake: "Take the voice",
  voiceWith: (name: string | undefined, here: boolean) =>
    name === undefined
      ? "Nobody holds the voice."
      : here
        ? `${name} speaks and votes for the delegation.`
        : `${name} holds the voice, and is not here.`,
  voiceElsewhere: (name: string | undefined) =>
    name === undefined
      ? "Only who holds the voice of a delegation acts for it."
      : `${name} holds the voice of your delegation, and acts for it.`,

  // Decisions
  decisionState,
  decisionOpen: "Open decision",
  decisionReady: "Ready to be put",
  decisionsNone: "Nothing is put to decision yet.",
  decisionAdd: "New decision",
  decisionAmend: "Amend the decision",
  decisionPut: "Put",
  decisionTitle: "Title",
  textOfDecision: "Text",
  textIn: (language: string) => `Text in ${language}`,
  languageAdd: "Add a second language",
  languageRemove: "Remove the second language",
  ruleLabel: "Decided by",
  seatsShare: "Of the seats, at least",
  weightShare: "Of the weights, at least",
  outOf: "out of",
  shareHint: "As in 55 out of 100",
  baseLabel: "Shares are taken",
  baseUsual: "as is usual for the rule",
  abstentions: "Abstentions",
  abstentionsCount: "Abstentions count as votes cast",
  quorumOfDecision: "Quorum, if not the meeting's",
  quorumHint: "Seats that must be present",
  adopts: "The option that it adopts",
  adoptsNone: "None",
  excludedSeats: (n: number) => (n === 0 ? "Seats that take no part" : `Seats that take no part (${n})`),
  excludedHint: "These do not vote, and do not count",
  excluded: (names: string[]) => `Without ${names.join(", ")}.`,
  allOpen: (n: number) => `All ${n} open`,
  version: (n: number) => `Version ${n}`,
  hash: "Hash ",
  hashOf: (hash: string) => `SHA-256 of the text: ${hash}`,
  sideBySide: "Side by side",
  callDecision: "Put to decision",
  callSilence: "Put under silence…",
  closeDecision: "Declare the result",
  closeTitle: (title: string) => `Declare the result of “${title}”?`,
  closeText: (n: number) =>
    n === 1 ? "One delegation has not voted." : `${n} delegations have not voted.`,
  withdrawDecision: "Withdraw…",
  withdrawTitle: (title: string) => `Withdraw “${title}”?`,
  passOver: (name: string) => `Pass over ${name}`,
  extend: "Extend…",
  restart: "Restart on an amended text…",
  silenceTitle: (what: "call" | "extend" | "restart", title: string) =>
    ({ call: "Put under silence: ", extend: "Extend silence: ", restart: "Restart silence: " })[what] + title,
  silenceText: (what: "call" | "extend" | "restart") =>
    ({
      call: "The text is adopted at the deadline unless a delegation breaks silence, even if nobody is connected then.",
      extend: "The new deadline is later than the present one.",
      restart: "The amended text is a new version. Receipts given so far do not count for it.",
    })[what],
  silenceYes: (what: "call" | "extend" | "restart") =>
    ({ call: "Put under silence", extend: "Extend", restart: "Restart silence" })[what],
  deadline: "Deadline",
  timeZone: "Time zone of the deadline",
  zoneUnknown: "This is no time zone; write one as in Europe/Brussels.",
  deadlineNone: "This is no date and time.",
  deadlinePast: "The deadline is in the past.",
  deadlineNotLater: "The deadline is not later than the present one.",
  inTime: (ms: number) => {
    const minutes = Math.round(ms / 60_000);
    return minutes < 60 ? `In ${minutes} min` : `In ${minutes / 60} h`;
  },
  inZone: (at: number, zone: string) => `${dateIn(at, zone)}, ${zoneTime(zone)}`,
  /** On the clocks of the meeting, and on the reader's. */
  clockBoth: (at: number, zone: string) => `${clockIn(at, zone)} ${zoneName(zone)}, ${clock(at)} here`,
  inOwnZone: (at: number, zone: string) => `${dateIn(at, zone)} where you are (${zoneName(zone)})`,
  remaining: remainingText,
  deadlinePassed: "The deadline has passed",
  voteWaits: (titles: string[]) =>
    titles.length === 1 ? `Put to decision: ${titles[0]}` : `${titles.length} decisions wait for your delegation`,
  voteNow: "Answer",
  voteOf: (title: string) => `The vote of your delegation on ${title}`,
  votePass: "Pass: call us again at the end",
  ownVote: (seat: string, choice: Choice) => `${seat}: ${choices[choice]}`,
  ownVoted: "Your delegation has voted.",
  takesNoPart: "Your delegation takes no part in this decision.",
  statementFor: (c: Choice) => statementsFor[c] ?? "Statement",
  votedHidden: "Voted",
  notVoted: (rule: Rule) => (rule === "silence" ? "No receipt yet" : "Not voted"),
  castOf: (seat: string, voted: boolean, choice: Choice | undefined) =>
    `${seat}: ${choice ? choices[choice] : voted ? "voted" : "not voted"}`,
  rollYours: "Your delegation is called.",
  rollTurn: (seat: string) => `${seat} is called.`,
  rollDone: "All were called.",

  // Warnings
  warning: (k: WarningKind) => warningKinds[k],
  quoted: (text: string) => `“${text}”`,
  sourceOf: (source: string) => `Source: ${source}`,
  acknowledged: "Called all the same; the chair acknowledged:",
  acknowledgeTitle: "Before this is put to decision",
  acknowledgeText: (title: string) => `Of “${title}” the register and the papers say:`,
  acknowledgeReason: "Why it is put all the same",
  acknowledgeYes: "Acknowledge and put",
};
