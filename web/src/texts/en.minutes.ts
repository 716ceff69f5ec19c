// The texts around the minutes, in English; the minutes themselves are the server's, in both languages.
import type { MinutesLanguage } from "../lib/minutes";
import { formatting, zoneName } from "./format";

const languages: Record<MinutesLanguage, string> = { en: "English", fr: "Français" };

const { moment } = formatting("en-GB");

/** On the reader's clocks and, if those differ, on the meeting's. */
function both(at: number, zone: string | undefined): string {
  return zone === undefined ? moment(at) : `${moment(at, zone)} in ${zoneName(zone)} (${moment(at)} where you are)`;
}

export const minutes = {
  language: "Language of the minutes",
  languageName: (language: MinutesLanguage) => languages[language],
  print: "Print",
  saveHtml: "Save as a page",
  saveText: "Save as text",
  more: "More with the minutes",
  loading: "The minutes are being made…",
  unreachable: "The minutes cannot be read now.",
  provisional: "Provisional",
  openUntil: (until: number, zone: string | undefined) =>
    `Corrections may be proposed until ${both(until, zone)}.`,
  periodOver: "The period for corrections is over.",
  adopted: "Adopted",
  adoptedAt: (at: number, zone: string | undefined) => `Adopted by the chair on ${both(at, zone)}.`,
  hash: (hash: string) => `SHA-256 of both texts: ${hash}`,
  otherText: "This is not the text that was adopted: its hash is another one. Do not rely on it.",
  event: (event: number) => `Event ${event} of the record`,
  verify: "Leads to where the record of these minutes is verified, and says which record it is",
  annotate: "Add a note",
  annotateLabel: "Note",
  annotateTo: (event: number) => `To event ${event}; everybody who reads the minutes sees it.`,
  noteDrop: "Take the note back",
  propose: "Propose a correction",
  proposeHint: "What shall stand there instead. All members see it; the chair settles it.",
  proposeText: "New wording",
  proposeReason: "Reason (if it needs one)",
  actions: (event: number) => `Acts on event ${event}`,
  corrections: "Corrections",
  correctionOf: (seat: string, event: number) => `${seat}, to [${event}]`,
  accept: "Accept",
  refuse: "Refuse",
  refuseTitle: "Refuse the correction",
  refuseLabel: "Reason",
  accepted: "Accepted",
  refused: "Not accepted",
  waiting: "Not settled",
  openCorrections: "Open for corrections",
  openTitle: "Until when may delegations propose corrections?",
  openYes: "Open",
  endPeriod: "End the period",
  adopt: "Adopt the minutes",
  adoptText: "From then on they are fixed, and the session stays closed.",
  unsettled: (n: number) => `${n === 1 ? "A correction is" : `${n} corrections are`} not settled yet.`,
};
