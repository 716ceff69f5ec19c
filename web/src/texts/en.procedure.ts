// The texts of the meeting's procedure, in English. In the words of rules of procedure; short.
import type { Choice, FloorKind, Outcome, Procedure as Rule, SessionState, Stance } from "../gen/protocol";
import type { News } from "../lib/news";

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

const stances: Record<Stance, string> = {
  support: "Support",
  accept: "Can accept",
  reservation: "Reservation",
  object: "Object",
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

export const procedure = {
  news,
  outcome: (o: Outcome) => outcomes[o],
  choice: (c: Choice) => choices[c],
  rule: (r: Rule) => rules[r],
  floorKind: (k: FloorKind) => floorKinds[k],
  session: (s: SessionState) => sessions[s],
  stance: (s: Stance) => stances[s],
};
