// Texts of the record, as it is watched in a meeting.
import type { Alarm } from "../record/alarm";

const why: Record<Alarm["why"], string> = {
  rewritten: "What the server signs now does not continue what it signed before.",
  rolled_back: "The server shows an older state than the one that it signed before.",
  other_key: "The server signs with another key than before.",
  unsigned: "The server shows a state that it did not sign.",
  redefined: "What this meeting is (its seats and their weights, the quorum, what has to be signed) is not what the organiser signed.",
  missing: "An act that the server confirmed is not in the record as it was made.",
  unproved: "The server does not prove what it was asked to prove.",
};

const titles: Record<Alarm["why"], string> = {
  rewritten: "The record of this meeting was changed.",
  rolled_back: "The record of this meeting was changed.",
  other_key: "The record of this meeting was changed.",
  unsigned: "The record of this meeting was changed.",
  redefined: "This meeting is not what the organiser signed.",
  missing: "The record of this meeting does not hold what was done.",
  unproved: "The record of this meeting cannot be relied on.",
};

export const record = {
  alarm: (which: Alarm["why"]) => titles[which],
  why,
  foundHere: "Your browser found it. Stop deciding here, keep the details, and ask the host.",
  foundBy: (name: string) => `${name}'s browser found it, and yours sees it too. Stop deciding here, and ask the host.`,
  details: "Details",
  ours: (why: Alarm["why"]) => (why === "redefined" ? "Signed by the organiser" : "Seen before"),
  theirs: "Seen now",
  none: "none",
  event: (event: number) => `Event ${event}`,
  claim: (name: string) => `Unproven claim by ${name}:`,
  claimOpen: "The server has not answered your browser about it yet.",
  claimUnproven: "Nothing that your browser was shown supports it.",
  claimed: (why: string) => `“${why}”`,
  claimDetails: (n: number) => (n === 1 ? "What it names" : `All ${n} claims`),
  claimHide: "Hide",
};
