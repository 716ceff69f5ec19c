// Texts of the page where a record is verified.
import type { Paper, Report } from "../record/verify";
import { formatting } from "./format";

const { count, moment } = formatting("en-GB");

const many = (n: number, one: string, more = `${one}s`) => count(n, one, more);

export const verify = {
  title: "Verify a record",
  intro:
    "Open the file of a meeting's record. It is read here, in your browser, and sent nowhere: whether it is whole, unchanged, signed by those whom it names, and whether each result follows from its votes.",
  choose: "Choose a file, or drop it here",
  another: "Verify another file",
  reading: "Verifying…",
  key: "Server's key",
  keyHint: "If you have it from elsewhere, as parley key show prints it. Without it anybody could have made the file.",
  organiser: "Organiser's fingerprint",
  organiserHint: "40 digits, from your letter.",
  witnesses: "Witnesses' keys",
  witnessesHint: "If the server names witnesses elsewhere: their verifier keys, with spaces between them.",
  paper: ({ origin, size }: Paper) =>
    `You come from minutes on paper. They are of the log ${origin}, as it was after ${many(size, "event")}. Ask the secretariat for the file of this record and open it here: this page then says whether it is the record of that paper, whole and unchanged.`,
  paperHolds: ({ size }: Paper) => `It is the record that your paper is of: the same ${many(size, "event")}, the same root`,
  again: "Verify again",
  holds: "The record holds",
  broken: "The record does not hold",
  place: ({ line, event }: NonNullable<Report["fault"]>) =>
    event === undefined ? `Line ${line}` : `Line ${line}, at event ${event}`,
  unable: "This browser cannot check signatures here: it needs Ed25519, and a page by HTTPS.",
  unreadable: "The file could not be opened.",
  checked: (r: Report): string[] => [
    `${many(r.events, "event")} of the meeting ${r.meeting ?? ""}, in the log ${r.origin ?? ""}, covered by ${many(r.checkpoints, "signed checkpoint")}`,
    ...(r.results > 0 ? [`${many(r.results, "result")} worked out anew from rule and votes: the same as declared`] : []),
    r.signedActs > 0
      ? `${many(r.signedActs, "vote or position", "votes and positions")} signed by the person who made ${r.signedActs === 1 ? "it" : "them"}`
      : "No vote or position is signed by who made it",
    ...(r.signedActs > 0 && r.unsignedActs > 0 ? [`${many(r.unsignedActs, "vote or position", "votes and positions")} not signed`] : []),
    r.cosignatures > 0
      ? `${many(r.cosignatures, "cosignature")} of checkpoints by people who were there`
      : "No checkpoint is cosigned by anybody who was there",
    ...(r.manifests > 0 ? [`${many(r.manifests, "list", "lists")} of participants, signed by the organiser`] : []),
    ...(r.rotations > 0 ? [`${many(r.rotations, "change")} of the server's key, each signed by the one before`] : []),
    ...(r.minutes > 0 ? ["The text of the minutes that were adopted"] : []),
    ...r.witnesses.map(({ name, checkpoints, last, at }) =>
      `${many(checkpoints, "cosignature")} by the witness ${name}, the last one after event ${last}, on ${moment(at, "UTC")} (UTC)`),
  ],
  keyPinned: "Signed by the server's key that you gave",
  keyNotPinned: "The server's key was not compared with one from elsewhere. It is",
  organiserPinned: "The organiser is the one that you gave",
  organiserNotPinned: "The organiser was not compared with a letter. The fingerprint is",
  noted: "To be known",
};
