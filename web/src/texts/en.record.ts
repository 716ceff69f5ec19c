// Texts of the record, as it is watched in a meeting.
import type { Alarm } from "../record/alarm";

const why: Record<Alarm["why"], string> = {
  rewritten: "What the server signs now does not continue what it signed before.",
  rolled_back: "The server shows an older state than the one that it signed before.",
  other_key: "The server signs with another key than before.",
  unsigned: "The server shows a state that it did not sign.",
  redefined: "What this meeting is (its seats and their weights, the quorum, what has to be signed) is not what the organiser signed.",
};

export const record = {
  alarm: "The record of this meeting was changed.",
  why,
  foundHere: "Your browser found it. Stop deciding here, keep the details, and ask the host.",
  foundBy: (name: string) => `${name}'s browser found it. Stop deciding here, and ask the host.`,
  details: "Details",
  ours: (why: Alarm["why"]) => (why === "redefined" ? "Signed by the organiser" : "Seen before"),
  theirs: "Seen now",
  none: "none",
};
