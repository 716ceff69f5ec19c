// Texts of the chat and its circles.
import { formatting } from "./format";

const { list } = formatting("en-GB");

/** "Ann, Bob and 3 more" */
function people(names: readonly string[]): string {
  const [shown, more] = names.length > 5 ? [names.slice(0, 4), names.length - 4] : [names, 0];
  return list(more > 0 ? [...shown, `${more} more`] : shown);
}

export const chat = {
  to: "To",
  everyone: "Everyone",
  delegation: (seat: string) => `Delegation of ${seat}`,
  chair: "Chair",
  otherDelegation: "Note to…",
  seatAway: (seat: string) => `${seat} (nobody here)`,
  unread: (label: string, n: number) => (n === 0 ? label : `${label}, ${n} unread`),

  write: {
    everyone: "Write to everybody",
    delegation: "Write to your delegation",
    chair: "Write to the chair",
    note: (seat: string) => `Write to ${seat}`,
  },
  empty: {
    everyone: "Nothing was written yet. Everybody in the room reads what is written here.",
    delegation: (seat: string) => `Nothing was written yet. Only the delegation of ${seat} reads what is written here.`,
    chair: "Nothing was written yet. Only your delegation and who presides read what is written here.",
    note: (seat: string) => `Nothing was written yet. Only who presides and ${seat} read what is written here.`,
  },
  reads: (names: readonly string[]) => `Read by ${people(names)}, and nobody else.`,
  alone: {
    delegation: (seat: string) => `Nobody else of ${seat} is here.`,
    chair: "Nobody who presides is here.",
    note: (seat: string) => `Nobody of ${seat} is here.`,
  },
  news: (name: string, kind: "seat" | "note") =>
    kind === "seat" ? `${name} wrote to your delegation.` : `${name} wrote a note: see the chat.`,
  waits: "Sending, once they have the keys",
  tooLong: "This text is too long.",
  notSent: "Not sent: there is no connection.",
  send: "Send",
  log: "Messages",
};
