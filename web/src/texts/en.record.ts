// Texts of the record, as it is watched in a meeting.
import type { Alarm } from "../record/alarm";

const why: Record<Alarm["why"], string> = {
  rewritten: "What the server signs now does not continue what it signed before.",
  rolled_back: "The server shows an older state than the one that it signed before.",
  other_key: "The server signs with another key than before.",
  unsigned: "The server shows a state that it did not sign.",
};

export const record = {
  alarm: "The record of this meeting was changed.",
  why,
  foundHere: "Your browser found it. Stop deciding here, keep both checkpoints, and ask the host.",
  foundBy: (name: string) => `${name}'s browser found it. Stop deciding here, and ask the host.`,
  details: "Checkpoints",
  ours: "Seen before",
  theirs: "Seen now",
  none: "none",
};
