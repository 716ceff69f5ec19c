// The texts of options papers, the consultation register and documents, in English.
import type { ConsultationStatus, Stance, Visibility, Warning } from "../gen/protocol";
import type { Verdict } from "../lib/papers";
import { formatting } from "./format";

const stances: Record<Stance, { word: string; said: string; sign: string }> = {
  support: { word: "Support", said: "supports", sign: "S" },
  accept: { word: "Can accept", said: "can accept", sign: "A" },
  reservation: { word: "Reservation", said: "has a reservation", sign: "R" },
  object: { word: "Object", said: "objects", sign: "O" },
};

const visibilities: Record<Visibility, { word: string; hint: string; seen: string }> = {
  delegation: { word: "Own delegation", hint: "a note to ourselves", seen: "Seen by your delegation only" },
  chair: { word: "Chair", hint: "and the secretary", seen: "Seen by the delegation, the chair and the secretary" },
  all: { word: "All", hint: "every member", seen: "Seen by all members" },
};

const consultations: Record<ConsultationStatus, string> = {
  not_consulted: "Not consulted",
  no_answer: "Asked, no answer yet",
  answered: "Answered",
};

const { list, day, tenth } = formatting("en-GB");

function verdict(v: Verdict): string {
  switch (v.what) {
    case "untouched":
      return "No position yet";
    case "blocked":
      return `Blocked by ${list(v.by)}`;
    case "clear":
      return v.silent === 0 ? "Nobody objects" : `Nobody objects; ${v.silent} without a position`;
  }
}

function warning(w: Warning): string {
  switch (w.kind) {
    case "not_consulted":
      return `${w.name} was not consulted`;
    case "no_answer":
      return `${w.name} has not answered`;
    case "red_line":
      return `Crosses a red line of ${w.name}`;
  }
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes}\u00a0bytes`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)}\u00a0kB`;
  return `${tenth(bytes / 1_000_000)}\u00a0MB`;
}

export const papers = {
  list,
  when: day,
  optional: "Optional",
  needed: "Please fill this in.",
  save: "Save",
  edit: "Edit",

  stance: (stance: Stance) => stances[stance].word,
  stanceSign: (stance: Stance) => stances[stance].sign,
  noPosition: "No position",
  visibility: (v: Visibility) => visibilities[v].word,
  visibilityHint: (v: Visibility) => visibilities[v].hint,
  seenBy: (v: Visibility) => visibilities[v].seen,
  verdict,
  warning,

  answers: "What the options are",
  positions: "Where the members stand",
  question: "Question",
  option: "Option",
  optionName: (letter: string, title: string) => `Option ${letter}: ${title}`,
  noAnswer: "No answer",
  noOptions: "There is no option on this paper yet.",
  choosePaper: "Options paper",
  counts: (n: { support: number; accept: number; reservation: number; object: number; silent: number }) =>
    [
      [n.support, "support"],
      [n.accept, "can accept"],
      [n.reservation, n.reservation === 1 ? "reservation" : "reservations"],
      [n.object, n.object === 1 ? "objection" : "objections"],
      [n.silent, "no position"],
    ]
      .filter(([count]) => count !== 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(" · "),
  whoBlocks: "Who blocks which",
  blocksNothing: "Nobody objects to any option.",
  blocks: (options: string[]) => `${options.length === 1 ? "option" : "options"} ${list(options)}`,
  touches: "Touches",
  touchesNobody: "No outside party",
  legend: "Signs",
  legendRedLine: "with a red line",
  legendCondition: "with a condition",
  legendOutdated: "on an earlier wording",
  cell: (seat: string, letter: string, stance: Stance | undefined, redLine: boolean) =>
    stance
      ? `${seat} ${stances[stance].said}: option ${letter}${redLine ? ", with a red line" : ""}`
      : `${seat} has no position on option ${letter}`,
  matrixKeys: "Arrow keys move between the cells, Enter opens one.",
  yourPosition: "Your position",
  takePosition: "Take a position",
  changePosition: "Change your position",
  positionOf: (seat: string, letter: string) => `${seat} on option ${letter}`,
  voiceNeeded: "Only who holds the voice of your delegation takes its position.",
  stanceQuestion: "Where does your delegation stand?",
  reason: "Reason",
  reasonNeeded: "A reservation and an objection need a reason.",
  condition: "Condition",
  conditionHint: "What would have to be so",
  redLine: "Red line",
  redLineHint: "What your delegation will not accept",
  whoSees: "Who may see this",
  outdated: "The option was amended since this position was taken.",
  notSaid: "Not said",

  addOption: "Add an option",
  editOption: (letter: string) => `Amend option ${letter}`,
  editOptionHint: "Positions taken so far will be marked: they were on the earlier wording.",
  dropOption: "Take off",
  dropOptionTitle: (letter: string) => `Take option ${letter} off the paper?`,
  dropOptionText: "The positions on it go with it. The record keeps that it was there.",
  optionTitle: "The option in a few words",
  touchesQuestion: "Which outside parties does it touch?",
  touchesHint: "For each of them the register says whether anybody asked them.",
  noParties: "No outside party is named yet. Name them in the consultation register.",
  editPaper: "Amend the paper",
  addPaper: "New options paper",
  paperTitle: "Title of the paper",
  paperItem: "Agenda item",
  questions: "Questions that every option answers",
  questionN: (n: number) => `Question ${n}`,
  addQuestion: "Add a question",
  removeQuestion: (n: number) => `Remove question ${n}`,

  register: "Consultation register",
  registerEmpty: "No outside party is named.",
  registerEmptyHint: "Name everybody outside this body whom an option touches. Until somebody asks them, they stand here as not consulted.",
  party: "Outside party",
  consultation: (status: ConsultationStatus) => consultations[status],
  crossed: "Red line crossed",
  crossedBy: (options: string[]) => `Crossed by ${options.length === 1 ? "option" : "options"} ${list(options)}`,
  status: "Standing",
  onOption: (letter: string, status: ConsultationStatus, crossed: boolean) =>
    `Option ${letter}: ${consultations[status]}${crossed ? ", red line crossed" : ""}`,
  touchedByNone: "No option touches this party.",
  noEntries: "Nobody has asked them, as far as the register knows.",
  when_: "When",
  whoAsked: "Who asked",
  how: "How",
  about: "About",
  answer: "Answer",
  noneYet: "None yet",
  allOptions: "All options",
  theOptions: (options: string[]) => `${options.length === 1 ? "Option" : "Options"} ${list(options)}`,
  source: "Source",
  statedElsewhere: "Stated elsewhere; nobody asked",
  addParty: "Name a party",
  editParty: "Amend",
  partyName: "Name of the party",
  partyCountry: "Country",
  noCountry: "None",
  consult: "Enter a consultation",
  consultTitle: (party: string) => `Consultation of ${party}`,
  stateRedLine: "Enter a red line",
  redLineTitle: (party: string) => `Red line of ${party}`,
  redLineText: "A red line stated elsewhere, when nobody asked the party. It does not make the party consulted.",
  statement: "State your position",
  statementTitle: (party: string) => `Statement of ${party}`,
  statementText: "What you enter here stands in the meeting's consultation register.",
  inTheMeeting: "in the meeting",
  askedBy: "Who asked them",
  askedAt: "When (your local time)",
  channel: "How",
  channels: ["démarche", "call", "letter", "meeting", "in the meeting"],
  answerText: "What they answered",
  answerHint: "Leave this empty while there is no answer.",
  sourceHint: "Where and when it was stated",
  sourceNeeded: "A red line needs its source.",
  optionsQuestion: "Which options is it about?",
  optionsHint: "None chosen: all of the paper.",
  crossedQuestion: "Which options cross the red line?",
  dateWrong: "Give a date and time.",

  documents: "Documents",
  noDocuments: "There are no documents on this item.",
  openDocument: (name: string) => `Open ${name}`,
  dropDocument: (name: string) => `Take ${name} away`,
  dropDocumentTitle: "Take this document away?",
  dropDocumentText: "Nobody can open it any more. The record keeps that it was there.",
  drop: "Take away",
  addDocument: "Add a document",
  documentKinds: "PDF, PNG, JPEG or WebP",
  documentKindWrong: "This is neither a PDF nor a picture that a browser shows.",
  documentTooLarge: (max: number) => `This file is larger than ${size(max)}.`,
  documentEmpty: "This file is empty.",
  size,
  hash: (short: string) => `SHA-256 ${short}…`,
  hashTrue: "Its bytes are those that the record names",
  hashFalse: "The bytes that came are not those that the record names. Do not rely on this document.",
  loading: (percent: number) => `Loading, ${percent}\u00a0%`,
  uploading: (name: string, percent: number) => `Sending ${name}, ${percent}\u00a0%`,
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  zoomIn: "Larger",
  zoomOut: "Smaller",
  zoomFit: "Fit the width",
  documentBroken: "This document cannot be shown. It may be damaged, or protected by a password.",
  documentUnreachable: "The document could not be loaded.",
  uploadUnreachable: "The file could not be sent: the server cannot be reached.",
  uploadRefused: "The server did not take the file.",
  download: "Save a copy",
};
