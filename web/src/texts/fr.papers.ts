// The texts of options papers, the consultation register and documents, in French.
import type { ConsultationStatus, Stance, Visibility, Warning } from "../gen/protocol";
import type { Verdict } from "../lib/papers";
import type { papers as shape } from "./en.papers";
import { formatting } from "./format";
import type { Said } from "./said";

const stances: Record<Stance, { word: string; said: string; sign: string }> = {
  support: { word: "Appui", said: "appuie l’option", sign: "A" },
  accept: { word: "Acceptable", said: "peut accepter l’option", sign: "C" },
  reservation: { word: "Réserve", said: "émet une réserve sur l’option", sign: "R" },
  object: { word: "Objection", said: "s’oppose à l’option", sign: "O" },
};

const visibilities: Record<Visibility, { word: string; hint: string; seen: string }> = {
  delegation: {
    word: "Sa délégation",
    hint: "une note à nous-mêmes",
    seen: "Visible de votre délégation seulement",
  },
  chair: {
    word: "La présidence",
    hint: "et le secrétariat",
    seen: "Visible de la délégation, de la présidence et du secrétariat",
  },
  all: { word: "Tous", hint: "chaque membre", seen: "Visible de tous les membres" },
};

const consultations: Record<ConsultationStatus, string> = {
  not_consulted: "Non consultée",
  no_answer: "Consultée, sans réponse",
  answered: "A répondu",
};

const { list, day, tenth, count } = formatting("fr");

const options = (letters: readonly string[]) => (letters.length === 1 ? "option" : "options");

function verdict(v: Verdict): string {
  switch (v.what) {
    case "untouched":
      return "Aucune position";
    case "blocked":
      return `Bloquée par ${list(v.by)}`;
    case "clear":
      return v.silent === 0 ? "Aucune objection" : `Aucune objection ; ${v.silent} sans position`;
  }
}

function warning(w: Warning): string {
  switch (w.kind) {
    case "not_consulted":
      return `Partie non consultée : ${w.name}`;
    case "no_answer":
      return `Partie n’ayant pas répondu : ${w.name}`;
    case "red_line":
      return `Franchit une ligne rouge : ${w.name}`;
  }
}

function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes}\u00a0octets`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1_000)}\u00a0ko`;
  return `${tenth(bytes / 1_000_000)}\u00a0Mo`;
}

export const papers: Said<typeof shape> = {
  list,
  when: day,
  optional: "Facultatif",
  needed: "Veuillez remplir ce champ.",
  save: "Enregistrer",
  edit: "Modifier",

  stance: (stance) => stances[stance].word,
  stanceSign: (stance) => stances[stance].sign,
  noPosition: "Aucune position",
  visibility: (v) => visibilities[v].word,
  visibilityHint: (v) => visibilities[v].hint,
  seenBy: (v) => visibilities[v].seen,
  verdict,
  warning,

  answers: "Ce que sont les options",
  positions: "Où en sont les membres",
  question: "Question",
  option: "Option",
  optionName: (letter, title) => `Option ${letter} : ${title}`,
  noAnswer: "Sans réponse",
  noOptions: "Ce document ne contient encore aucune option.",
  choosePaper: "Document d’options",
  counts: (n) =>
    [
      n.support && count(n.support, "appui", "appuis"),
      n.accept && `${n.accept} acceptable`,
      n.reservation && count(n.reservation, "réserve", "réserves"),
      n.object && count(n.object, "objection", "objections"),
      n.silent && `${n.silent} sans position`,
    ]
      .filter((part) => part !== 0)
      .join(" · "),
  whoBlocks: "Qui bloque quoi",
  blocksNothing: "Aucune option ne suscite d’objection.",
  blocks: (letters) => `${options(letters)} ${list(letters)}`,
  touches: "Concerne",
  touchesNobody: "Aucune partie extérieure",
  legend: "Signes",
  legendRedLine: "avec une ligne rouge",
  legendCondition: "avec une condition",
  legendOutdated: "sur un libellé antérieur",
  cell: (seat, letter, stance, redLine) =>
    stance
      ? `${seat} ${stances[stance].said} ${letter}${redLine ? ", avec une ligne rouge" : ""}`
      : `${seat} n’a pas de position sur l’option ${letter}`,
  matrixKeys: "Les flèches passent d’une case à l’autre, Entrée ouvre la case.",
  yourPosition: "Votre position",
  takePosition: "Prendre position",
  changePosition: "Modifier votre position",
  positionOf: (seat, letter) => `${seat} sur l’option ${letter}`,
  voiceNeeded: "Seule la personne qui détient la voix de votre délégation prend position pour elle.",
  stanceQuestion: "Quelle est la position de votre délégation ?",
  reason: "Motif",
  reasonNeeded: "Une réserve ou une objection doit être motivée.",
  condition: "Condition",
  conditionHint: "Ce qui devrait être réuni",
  redLine: "Ligne rouge",
  redLineHint: "Ce que votre délégation n’acceptera pas",
  whoSees: "Qui peut voir cela",
  outdated: "L’option a été modifiée depuis cette prise de position.",
  notSaid: "Non précisé",

  addOption: "Ajouter une option",
  editOption: (letter) => `Modifier l’option ${letter}`,
  editOptionHint: "Les positions déjà prises seront signalées : elles portaient sur le libellé antérieur.",
  dropOption: "Retirer",
  dropOptionTitle: (letter) => `Retirer l’option ${letter} du document ?`,
  dropOptionText: "Les positions prises sur elle disparaissent aussi. L’enregistrement garde trace de son existence.",
  optionTitle: "L’option en quelques mots",
  touchesQuestion: "Quelles parties extérieures concerne-t-elle ?",
  touchesHint: "Le registre indique, pour chacune, si elle a été consultée.",
  noParties: "Aucune partie extérieure n’est encore nommée. Nommez-les dans le registre des consultations.",
  editPaper: "Modifier le document",
  addPaper: "Nouveau document d’options",
  paperTitle: "Titre du document",
  paperItem: "Point de l’ordre du jour",
  questions: "Questions auxquelles chaque option répond",
  questionN: (n) => `Question ${n}`,
  addQuestion: "Ajouter une question",
  removeQuestion: (n) => `Retirer la question ${n}`,

  register: "Registre des consultations",
  registerEmpty: "Aucune partie extérieure n’est nommée.",
  registerEmptyHint:
    "Nommez tous ceux, hors de cette instance, qu’une option concerne. Tant que personne ne les consulte, ils figurent ici comme non consultés.",
  party: "Partie extérieure",
  consultation: (status) => consultations[status],
  crossed: "Ligne rouge franchie",
  crossedBy: (letters) => `Franchie par : ${options(letters)} ${list(letters)}`,
  status: "Situation",
  onOption: (letter, status, crossed) =>
    `Option ${letter} : ${consultations[status]}${crossed ? ", ligne rouge franchie" : ""}`,
  touchedByNone: "Aucune option ne concerne cette partie.",
  noEntries: "D’après le registre, personne ne l’a consultée.",
  when_: "Quand",
  whoAsked: "Qui a consulté",
  how: "Par quelle voie",
  about: "Sur",
  answer: "Réponse",
  noneYet: "Pas encore",
  allOptions: "Toutes les options",
  theOptions: (letters) => `${letters.length === 1 ? "Option" : "Options"} ${list(letters)}`,
  source: "Source",
  statedElsewhere: "Exprimée ailleurs ; sans consultation",
  addParty: "Nommer une partie",
  editParty: "Modifier",
  partyName: "Nom de la partie",
  partyCountry: "Pays",
  noCountry: "Aucun",
  consult: "Consigner une consultation",
  consultTitle: (party) => `Consultation : ${party}`,
  stateRedLine: "Consigner une ligne rouge",
  redLineTitle: (party) => `Ligne rouge : ${party}`,
  redLineText:
    "Une ligne rouge exprimée ailleurs, sans que la partie ait été consultée. Elle ne vaut pas consultation.",
  statement: "Exprimer votre position",
  statementTitle: (party) => `Déclaration : ${party}`,
  statementText: "Ce que vous inscrivez ici figure au registre des consultations de la réunion.",
  inTheMeeting: "en réunion",
  askedBy: "Qui l’a consultée",
  askedAt: "Quand (heure de votre lieu)",
  channel: "Par quelle voie",
  channels: ["démarche diplomatique", "appel", "lettre", "entretien", "en réunion"],
  answerText: "Sa réponse",
  answerHint: "À laisser vide tant qu’il n’y a pas de réponse.",
  sourceHint: "Où et quand elle a été exprimée",
  sourceNeeded: "Une ligne rouge exige sa source.",
  optionsQuestion: "De quelles options s’agit-il ?",
  optionsHint: "Sans choix : toutes celles du document.",
  crossedQuestion: "Quelles options franchissent la ligne rouge ?",
  dateWrong: "Indiquez une date et une heure.",

  documents: "Documentation",
  noDocuments: "Ce point n’a pas de documents.",
  openDocument: (name) => `Ouvrir ${name}`,
  dropDocument: (name) => `Retirer ${name}`,
  dropDocumentTitle: "Retirer ce document ?",
  dropDocumentText: "Personne ne pourra plus l’ouvrir. L’enregistrement garde trace de son existence.",
  drop: "Retirer",
  addDocument: "Ajouter un document",
  documentKinds: "PDF, PNG, JPEG ou WebP",
  documentKindWrong: "Ce n’est ni un PDF ni une image qu’un navigateur affiche.",
  documentTooLarge: (max) => `Ce fichier dépasse ${size(max)}.`,
  documentEmpty: "Ce fichier est vide.",
  size,
  hash: (short) => `SHA-256 ${short}…`,
  hashTrue: "Ses octets sont ceux que l’enregistrement désigne",
  hashFalse:
    "Les octets reçus ne sont pas ceux que l’enregistrement désigne. Ne vous fiez pas à ce document.",
  loading: (percent) => `Chargement, ${percent}\u202f%`,
  uploading: (name, percent) => `Envoi de ${name}, ${percent}\u202f%`,
  pageOf: (page, pages) => `Page ${page} sur ${pages}`,
  zoomIn: "Agrandir",
  zoomOut: "Réduire",
  zoomFit: "Ajuster à la largeur",
  documentBroken: "Ce document ne peut pas être affiché. Il est peut-être endommagé, ou protégé par un mot de passe.",
  documentUnreachable: "Le document n’a pas pu être chargé.",
  uploadUnreachable: "Le fichier n’a pas pu être envoyé : le serveur est injoignable.",
  uploadRefused: "Le serveur n’a pas accepté le fichier.",
  download: "Enregistrer une copie",
};
