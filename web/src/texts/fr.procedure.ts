// The texts of the meeting's procedure, in French. In the words of rules of procedure; short.
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
import { isZone, minutesText, type Remaining, type SpeakingState } from "../lib/clock";
import type { News } from "../lib/news";
import type { NextAct } from "../lib/next";
import type { Tab } from "../lib/tabs";
import type { procedure as shape } from "./en.procedure";
import { formatting, zoneName } from "./format";
import type { Said } from "./said";

const { clock, clockIn, count, inZone } = formatting("fr");

const outcomes: Record<Outcome, string> = {
  adopted: "Adoptée",
  not_adopted: "Non adoptée",
  no_quorum: "Quorum non atteint",
  withdrawn: "Retirée",
};

const choices: Record<Choice, string> = {
  yes: "Pour",
  no: "Contre",
  abstain: "Abstention",
  join: "Se joint au consensus",
  join_with_reservation: "Se joint avec une réserve",
  national_statement: "Se joint avec une déclaration nationale",
  awaiting_instructions: "Attend des instructions",
  block: "S’oppose au consensus",
  receipt: "Accusé de réception",
  break_silence: "Rompt le silence",
};

/** What a delegation does by it, on a button. */
const choiceActs: Record<Choice, string> = {
  yes: "Pour",
  no: "Contre",
  abstain: "Abstention",
  join: "Se joindre au consensus",
  join_with_reservation: "Se joindre avec une réserve",
  national_statement: "Se joindre avec une déclaration nationale",
  awaiting_instructions: "En attente d’instructions",
  block: "S’opposer",
  receipt: "Accuser réception",
  break_silence: "Rompre le silence…",
};

const statementsFor: Partial<Record<Choice, string>> = {
  join_with_reservation: "La réserve",
  national_statement: "La déclaration nationale",
  block: "Pourquoi votre délégation s’oppose",
  break_silence: "Pourquoi votre délégation rompt le silence",
};

const rules: Record<Rule, string> = {
  consensus: "Consensus",
  silence: "Procédure d’accord tacite",
  unanimity: "Unanimité",
  roll_call: "Appel nominal",
  simple: "Majorité simple",
  absolute: "Majorité absolue",
  qualified: "Majorité qualifiée",
};

const ruleHints: Record<Rule, string> = {
  consensus:
    "Adoptée si aucun membre ne s’y oppose et qu’aucun membre présent ne garde le silence ni n’attend d’instructions.",
  silence: "Adoptée à l’échéance, sauf si une délégation rompt le silence.",
  unanimity: "Adoptée si personne ne vote contre.",
  roll_call: "Les délégations sont appelées l’une après l’autre. Sans part ci-dessous, majorité simple.",
  simple: "Plus de voix pour que de voix contre.",
  absolute: "Plus de la moitié de tous les membres.",
  qualified: "Une part des sièges, des poids, ou des deux.",
};

const floorKinds: Record<FloorKind, string> = {
  speak: "Parole",
  point_of_order: "Motion d’ordre",
  right_of_reply: "Droit de réponse",
  answer: "Réponse",
};

const sessions: Record<SessionState, string> = {
  open: "En séance",
  suspended: "Suspendue",
  closed: "Levée",
};

function sessionNews(session: SessionState, reason: string | undefined): string {
  const said = {
    open: "La séance est ouverte.",
    suspended: "La séance est suspendue.",
    closed: "La séance est levée.",
  }[session];
  return reason ? `${said} ${reason}` : said;
}

function news(n: News): string {
  switch (n.what) {
    case "session":
      return sessionNews(n.session, n.reason);
    case "item":
      return n.title === undefined ? "L’examen du point est achevé." : `La réunion aborde : ${n.title}`;
    case "intervention":
      return `${n.intervention.name}, par écrit : ${n.intervention.text}`;
    case "ruling":
      return `La présidence statue sur la motion d’ordre (${n.ruling.name}) ${n.ruling.upheld ? "et y fait droit" : "et n’y fait pas droit"}. ${n.ruling.ruling}`;
    case "called":
      return `Mise en décision : ${n.title}`;
    case "turn":
      return `Votre délégation est appelée à voter : ${n.title}`;
    case "declared":
      return `${n.title} : ${outcomes[n.outcome].toLowerCase()}.`;
    case "withdrawn":
      return `N’est plus en décision : ${n.title}`;
  }
}

const bases: Record<Base, string> = {
  cast: "des suffrages exprimés",
  present: "des sièges présents",
  members: "de tous les membres",
};

const warningKinds: Record<WarningKind, string> = {
  not_consulted: "n’a pas été consultée.",
  no_answer: "a été consultée, et n’a pas répondu.",
  red_line: "a une ligne rouge que ceci franchit :",
};

const clockStates: Record<SpeakingState, string> = {
  unlimited: "sans limite",
  running: "restantes",
  warning: "restantes",
  over: "de dépassement",
};

const tabs: Record<Exclude<Tab, "desk">, string> = {
  agenda: "Ordre du jour",
  floor: "Parole",
  decisions: "Décisions",
  minutes: "PV",
  people: "Présents",
  chat: "Messages",
};

function remainingText(r: Remaining): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const left = `${r.hours}:${two(r.minutes)}:${two(r.seconds)}`;
  return r.days > 0 ? `${count(r.days, "jour", "jours")} ${left}` : left;
}

function dateIn(at: number, zone: string): string {
  return inZone(at, isZone(zone) ? zone : "UTC");
}

/** How a time of a zone is said. */
function zoneTime(zone: string): string {
  const name = zoneName(zone);
  return name === "UTC" ? name : `heure de ${name}`;
}

function nextActText(n: NextAct): string {
  switch (n.what) {
    case "resume":
      return "Reprendre la séance";
    case "closed":
      return "La séance est levée.";
    case "rule":
      return `Statuer sur la motion d’ordre : ${n.entry.name}`;
    case "answer_ask":
      return `Répondre à la demande de consultation d’urgence : ${n.ask.title}`;
    case "overtime":
      return `Mettre fin à la parole, temps dépassé : ${n.name}`;
    case "give_floor":
      return n.entry.written
        ? `Appeler l’intervention écrite : ${n.entry.name}`
        : `Donner la parole : ${n.entry.name}`;
    case "close_decision":
      return `Tous les présents ont voté. Proclamer le résultat : ${n.decision.title}`;
    case "call_decision":
      return `Mettre en décision : ${n.decision.title}`;
    case "take_item":
      return `Aborder : ${n.item.title}`;
    case "end_item":
      return `Achever le point : ${n.item.title}`;
    case "close_session":
      return "L’ordre du jour est épuisé. Lever la séance";
  }
}

function decisionState(d: Pick<DecisionToClient, "state" | "outcome">): string {
  if (d.outcome !== undefined) return outcomes[d.outcome];
  return { draft: "Projet", open: "Ouverte", declared: "Proclamée", withdrawn: "Retirée" }[d.state];
}

function itemTimes(i: Pick<Item, "state" | "minutes" | "began_at" | "ended_at">, time: (at: number) => string): string {
  if (i.state === "done") {
    return i.began_at !== undefined && i.ended_at !== undefined
      ? `Achevé, ${time(i.began_at)}–${time(i.ended_at)}`
      : "Achevé";
  }
  const planned = i.minutes === undefined ? undefined : count(i.minutes, "minute", "minutes");
  if (i.state === "to_come") return planned ?? "À venir";
  const since = i.began_at === undefined ? "En cours" : `Depuis ${time(i.began_at)}`;
  return planned === undefined ? since : `${since}, durée prévue : ${planned}`;
}

export const procedure: Said<typeof shape> = {
  news,
  outcome: (o) => outcomes[o],
  choice: (c) => choices[c],
  choiceAct: (c) => choiceActs[c],
  rule: (r) => rules[r],
  ruleHint: (r) => ruleHints[r],
  base: (b) => bases[b],
  floorKind: (k) => floorKinds[k],
  session: (s) => sessions[s],

  tooLong: "Ce texte est trop long.",
  withName: (what, name) => `${what} : ${name}`,
  andMore: (n) => `et ${count(n, "autre", "autres")}`,
  whole: "Tout afficher",
  reason: "Motif",
  reasonIfAny: "Motif, si vous en donnez un",
  amend: "Modifier",
  onRecord: "Ceci est consigné dans l’enregistrement.",
  language: "Langue",

  parts: "Parties de la réunion",
  tab: (tab, presides) => (tab === "desk" ? (presides ? "Pupitre" : "Délégation") : tabs[tab]),
  meetingShort: "Réunion",
  meetingTasks: (n) => (n === 0 ? "Réunion" : `Réunion, ${n} en attente de votre part`),

  options: "Options",
  register: "Registre",
  registerLong: "Registre des consultations",

  // Session, quorum, agenda
  sessionSuspend: "Suspendre",
  sessionResume: "Reprendre",
  sessionReopen: "Rouvrir",
  sessionClose: "Lever la séance",
  sessionCloseShort: "Lever la séance",
  sessionSuspending: "Suspendre la séance ?",
  sessionSuspendingText: "Personne n’a la parole jusqu’à la reprise. Les procédures d’accord tacite se poursuivent.",
  sessionClosing: "Lever la séance ?",
  sessionClosingText: "Personne n’a plus la parole. Les procédures d’accord tacite courent jusqu’à leur échéance.",
  nextAct: nextActText,
  nextNothing: "Rien n’attend votre décision.",
  ofMembers: (n) => `sur ${count(n, "membre", "membres")} présents`,
  quorumMet: (n) => `Quorum de ${n} : atteint`,
  quorumMissing: (n) => `Quorum de ${n} : non atteint`,
  absent: (names) => `Absents : ${names.join(", ")}`,
  itemNow: "Point",
  itemNext: "Ensuite :",
  itemNone: "Aucun point n’est en discussion.",
  itemRuns: (since, minutes) => (minutes === undefined ? since : `${since} sur ${minutes}:00`),
  itemTimes,
  take: "Aborder",
  takeItem: "Aborder ce point",
  endItem: "Achever ce point",
  dropItem: "Retirer de l’ordre du jour",
  itemAdd: "Ajouter un point",
  itemAmend: "Modifier le point",
  itemDocuments: "Documentation : ajouter, retirer",
  itemDocumentsShow: (n) => count(n, "document", "documents"),
  itemPut: "Inscrire à l’ordre du jour",
  itemTitle: "Intitulé",
  itemMinutes: "Minutes prévues, le cas échéant",
  itemBefore: "Place",
  itemAtEnd: "À la fin",
  itemStays: "Inchangée",
  agendaItem: "Point de l’ordre du jour",
  agendaEmpty: "Il n’y a pas encore d’ordre du jour.",

  // Urgent consultation
  askItem: "Demander une consultation d’urgence",
  askItemTitle: "Demander une consultation d’urgence",
  askItemText: "La présidence est priée, et c’est consigné, d’inscrire ceci à l’ordre du jour.",
  askItemMatter: "L’objet",
  askItemSend: "Adresser à la présidence",
  asksHeading: "Demandes de consultation d’urgence",
  asksWaiting: (n) =>
    n === 1 ? "Une demande de consultation d’urgence" : `${n} demandes de consultation d’urgence`,
  answerAsk: "Répondre…",
  answerTitle: (seat, title) => `Demande (${seat}) : ${title}`,
  answerQuestion: "La présidence",
  grant: "Accéder",
  grantLong: "y fait droit, et inscrit le point à l’ordre du jour",
  decline: "Rejeter",
  declineLong: "n’y fait pas droit, en indiquant le motif",
  granted: "Demande acceptée",
  declined: "Demande rejetée",
  chairAnswered: (text) => `La présidence : ${text}`,

  // The floor
  floorHeading: "La parole",
  floorFree: "Personne n’a la parole.",
  floorEnd: "Mettre fin à la parole",
  floorDone: "J’ai terminé",
  speakingClock: (c) =>
    c.leftMs === undefined
      ? `Parle depuis ${minutesText(c.spokenMs)}`
      : `${minutesText(c.leftMs)} ${clockStates[c.state]}`,
  clockState: (s) => clockStates[s],
  listHeading: (n) => (n === 0 ? "Liste des orateurs" : `Liste des orateurs (${n})`),
  listEmpty: "Personne ne demande la parole.",
  listClosed: "Liste close",
  listClosedText: "La liste des orateurs est close. Motions d’ordre, droits de réponse et réponses restent recevables.",
  listClose: "Clore la liste",
  listOpen: "Rouvrir la liste",
  speakingTime: "Temps de parole",
  speakingTimeOf: (seconds) =>
    seconds === 0 ? "Sans limite" : seconds % 60 === 0 ? `${seconds / 60}\u00a0min` : minutesText(seconds * 1_000),
  waitingFor: (ms) => (ms < 60_000 ? "à l’instant" : `${Math.floor(ms / 60_000)}\u00a0min`),
  waitingSince: (at) => `Demandée à ${clock(at)}`,
  inWriting: "Par écrit",
  notHere: "Absent",
  passed: "A passé son tour",
  give: "Donner",
  pass: "Laisser passer les autres",
  withdraw: "Retirer la demande",
  placeInList: (n) => `Vous êtes au rang ${n}`,
  askHeading: "Demander la parole",
  askFor: (k) => (k === "speak" ? "Demander la parole" : floorKinds[k]),
  asksFor: (k) => (k === "speak" ? "Vous avez demandé la parole" : floorKinds[k]),
  withdrawHint: "appuyer pour retirer",
  askInWriting: "Intervenir par écrit…",
  writeAs: "En tant que",
  intervention: "Votre intervention, montrée à tous lorsqu’elle est appelée",
  interventionSend: "Inscrire sur la liste",
  interventions: "Interventions écrites",
  ruleOn: "Statuer",
  rulings: "Décisions sur les motions d’ordre",
  ruling: "La décision",
  rulingTitle: (name) => `Motion d’ordre : ${name}`,
  rulingOutcome: "Suite donnée à la motion d’ordre",
  rulingGive: "Statuer",
  upheld: "Il y est fait droit",
  notUpheld: "Il n’y est pas fait droit",

  // The delegation
  delegationHeading: "Votre délégation",
  head: "Chef de délégation",
  holdsVoice: "Détient la voix",
  voiceHand: "Passer la voix",
  voiceTake: "Prendre la voix",
  voiceWith: (name, here) =>
    name === undefined
      ? "Personne ne détient la voix."
      : here
        ? `${name} parle et vote pour la délégation.`
        : `${name} détient la voix, et n’est pas là.`,
  voiceElsewhere: (name) =>
    name === undefined
      ? "Seule la personne qui détient la voix d’une délégation agit pour elle."
      : `${name} détient la voix de votre délégation, et agit pour elle.`,

  // Decisions
  decisionState,
  decisionOpen: "Décision en cours",
  decisionReady: "Prêtes à être mises en décision",
  decisionsNone: "Rien n’est encore mis en décision.",
  decisionAdd: "Nouvelle décision",
  decisionAmend: "Modifier la décision",
  decisionPut: "Déposer",
  decisionTitle: "Intitulé",
  textOfDecision: "Texte",
  textIn: (language) => `Texte en ${language}`,
  languageAdd: "Ajouter une deuxième langue",
  languageRemove: "Retirer la deuxième langue",
  ruleLabel: "Décidée par",
  seatsShare: "Des sièges, au moins",
  weightShare: "Des poids, au moins",
  outOf: "sur",
  shareHint: "Comme dans 55 sur 100",
  baseLabel: "Les parts se calculent",
  baseUsual: "comme la règle le veut",
  abstentions: "Abstentions",
  abstentionsCount: "Les abstentions comptent comme suffrages exprimés",
  quorumOfDecision: "Quorum, s’il n’est pas celui de la réunion",
  quorumHint: "Sièges dont la présence est requise",
  adopts: "L’option qu’elle adopte",
  adoptsNone: "Aucune",
  excludedSeats: (n) => (n === 0 ? "Sièges qui ne prennent pas part" : `Sièges qui ne prennent pas part (${n})`),
  excludedHint: "Ils ne votent pas, et ne comptent pas",
  excluded: (names) => `Sans ${names.join(", ")}.`,
  allOpen: (n) => `Les ${n} en cours`,
  version: (n) => `Version ${n}`,
  hash: "Empreinte ",
  hashOf: (hash) => `SHA-256 du texte : ${hash}`,
  sideBySide: "Côte à côte",
  callDecision: "Mettre en décision",
  callSilence: "Soumettre à l’accord tacite…",
  closeDecision: "Proclamer le résultat",
  closeTitle: (title) => `Proclamer le résultat de « ${title} » ?`,
  closeText: (n) =>
    n === 1 ? "Une délégation n’a pas voté." : `${n} délégations n’ont pas voté.`,
  withdrawDecision: "Retirer…",
  withdrawTitle: (title) => `Retirer « ${title} » ?`,
  passOver: (name) => `Passer ${name}`,
  extend: "Reporter…",
  restart: "Relancer sur un texte modifié…",
  silenceTitle: (what, title) =>
    ({
      call: "Soumettre à l’accord tacite : ",
      extend: "Reporter l’échéance : ",
      restart: "Relancer l’accord tacite : ",
    })[what] + title,
  silenceText: (what) =>
    ({
      call: "Le texte est adopté à l’échéance, sauf si une délégation rompt le silence, même si personne n’est alors connecté.",
      extend: "La nouvelle échéance est postérieure à l’échéance actuelle.",
      restart: "Le texte modifié est une nouvelle version. Les accusés de réception donnés jusqu’ici ne valent pas pour elle.",
    })[what],
  silenceYes: (what) =>
    ({ call: "Soumettre à l’accord tacite", extend: "Reporter", restart: "Relancer l’accord tacite" })[what],
  deadline: "Échéance",
  timeZone: "Fuseau horaire de l’échéance",
  zoneUnknown: "Ce n’est pas un fuseau horaire ; écrivez par exemple Europe/Brussels.",
  deadlineNone: "Ce n’est pas une date avec une heure.",
  deadlinePast: "L’échéance est passée.",
  deadlineNotLater: "L’échéance n’est pas postérieure à l’échéance actuelle.",
  inTime: (ms) => {
    const minutes = Math.round(ms / 60_000);
    return minutes < 60 ? `Dans ${minutes}\u00a0min` : `Dans ${minutes / 60}\u00a0h`;
  },
  inZone: (at, zone) => `${dateIn(at, zone)}, ${zoneTime(zone)}`,
  clockBoth: (at, zone) => `${clockIn(at, zone)} ${zoneName(zone)}, ${clock(at)} ici`,
  inOwnZone: (at, zone) => `${dateIn(at, zone)} là où vous êtes (${zoneName(zone)})`,
  remaining: remainingText,
  deadlinePassed: "L’échéance est passée",
  voteWaits: (titles) =>
    titles.length === 1
      ? `Mise en décision : ${titles[0]}`
      : `${titles.length} décisions attendent votre délégation`,
  voteNow: "Répondre",
  voteOf: (title) => `Le vote de votre délégation : ${title}`,
  votePass: "Passer : nous rappeler à la fin",
  ownVote: (seat, choice) => `${seat} : ${choices[choice]}`,
  ownVoted: "Votre délégation a voté.",
  takesNoPart: "Votre délégation ne prend pas part à cette décision.",
  statementFor: (c) => statementsFor[c] ?? "Déclaration",
  votedHidden: "A voté",
  notVoted: (rule) => (rule === "silence" ? "Pas encore d’accusé de réception" : "N’a pas voté"),
  castOf: (seat, voted, choice) =>
    `${seat} : ${choice ? choices[choice] : voted ? "a voté" : "n’a pas voté"}`,
  rollYours: "Votre délégation est appelée.",
  rollTurn: (seat) => `${seat} : délégation appelée.`,
  rollDone: "Toutes les délégations ont été appelées.",

  // Warnings
  warning: (k) => warningKinds[k],
  quoted: (text) => `« ${text} »`,
  sourceOf: (source) => `Source : ${source}`,
  acknowledged: "Mise en décision malgré tout ; la présidence en a pris acte :",
  acknowledgeTitle: "Avant la mise en décision",
  acknowledgeText: (title) => `Sur « ${title} », le registre et les documents indiquent :`,
  acknowledgeReason: "Pourquoi la décision est mise malgré tout",
  acknowledgeYes: "Prendre acte et mettre en décision",
};
