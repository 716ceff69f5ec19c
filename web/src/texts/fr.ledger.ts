// The record as it is read in a meeting, in French.
import type { Choice, Outcome, Stance } from "../gen/protocol";
import type { Kind, Told } from "../lib/ledger";
import type { Signed } from "../record/signedAct";
import type { ledger as shape } from "./en.ledger";
import { formatting } from "./format";
import { papers } from "./fr.papers";
import { procedure } from "./fr.procedure";
import type { Said } from "./said";

const { count, second, instant } = formatting("fr");

const kinds: Record<Kind, string> = {
  said: "Dit",
  proposed: "Proposé",
  decided: "Décidé",
  consulted: "Consulté",
  procedure: "Procédure",
};

const signatures: Record<Signed, string> = {
  good: "Signé par la clé de cette personne : vérifié dans votre navigateur.",
  none: "Non signé.",
  other: "Signé, par une clé que la liste de l’organisateur n’attribue pas à cette personne à présent.",
  wrong: "Ce qui a été signé est autre chose : ne vous y fiez pas.",
};

const quoted = (text: string | undefined) => (text === undefined ? "" : ` : « ${text} »`);
const named = (text: string | undefined, otherwise = "") => (text === undefined ? otherwise : `« ${text} »`);
const whom = (told: Told) => told.whom ?? "quelqu’un";
const outcome = (told: Told) => procedure.outcome(told.event.outcome as Outcome);

type Sentence = (told: Told) => string;

const sentences: Readonly<Record<string, Sentence>> = {
  created: () => "La réunion a été préparée",
  manifest: () => "L’organisateur a signé la liste des participants",
  restarted: () => "Le serveur a redémarré",
  opened: () => "La séance est ouverte",
  add_seat: (t) => `${t.title ?? "Une délégation"} s’ajoute aux sièges de la réunion`,
  add_person: (t) => `${t.title ?? "Quelqu’un"} s’ajoute aux participants`,
  joined: (t) => `${t.title ?? "Quelqu’un"} est entré`,
  left: (t) => `${t.whom ?? "Quelqu’un"} est parti`,
  mute: (t) => `Le micro de ${whom(t)} a été coupé`,
  remove: (t) => `${t.whom ?? "Quelqu’un"} a été exclu`,
  admit: (t) => `${t.whom ?? "Quelqu’un"} ${t.event.admitted ? "a été admis" : "n’a pas été admis"}`,
  set_session: (t) => `Séance : ${procedure.session(t.event.session as "open")}${quoted(t.text)}`,
  voice: (t) => `La voix de la délégation passe à ${whom(t)}`,
  put_item: (t) => `Point à l’ordre du jour : ${named(t.title)}`,
  drop_item: (t) => `Point retiré de l’ordre du jour : ${named(t.title)}`,
  take_item: (t) => (t.title === undefined ? "Le point est clos" : `La réunion aborde ${named(t.title)}`),
  ask_item: (t) => `Demande une consultation urgente sur ${named(t.title)}${quoted(t.text)}`,
  answer_ask: (t) => `Demande de consultation ${t.event.granted ? "accordée" : "déclinée"} : ${named(t.title)}`,
  request_floor: (t) => (t.text === undefined ? "Demande la parole" : `Par écrit${quoted(t.text)}`),
  withdraw_floor: () => "Retire sa demande de parole",
  pass_floor: () => "Laisse d’autres parler d’abord",
  give_floor: (t) => (t.text === undefined ? `La parole est à ${whom(t)}` : `Lu au nom de ${whom(t)}${quoted(t.text)}`),
  end_floor: () => "Plus personne n’a la parole",
  set_floor_list: (t) => `La liste des orateurs est ${t.event.open ? "ouverte" : "close"}`,
  set_speaking_time: () => "Un autre temps de parole est fixé",
  rule_on: (t) => `Motion d’ordre de ${whom(t)} ${t.event.upheld ? "retenue" : "non retenue"}${quoted(t.text)}`,
  put_document: (t) => `Document joint : ${named(t.title)}`,
  drop_document: (t) => `Document retiré : ${named(t.title)}`,
  put_party: (t) => `Partie extérieure : ${t.title ?? ""}`,
  put_paper: (t) => `Document d’options ${named(t.title)}`,
  put_option: (t) => `Option ${named(t.title)}`,
  drop_option: (t) => `Option retirée : ${named(t.option)}`,
  take_position: (t) => `${papers.stance(t.event.stance as Stance)}, sur ${named(t.option, "une option")}${quoted(t.text)}`,
  consult: (t) => `Consultation : ${t.title ?? "une partie"}${quoted(t.text)}`,
  state_red_line: (t) => `Ligne rouge : ${t.title ?? "une partie"}${quoted(t.text)}`,
  put_decision: (t) => `Projet de décision ${named(t.title)}`,
  call_decision: (t) => `Mis en décision : ${named(t.title)}`,
  vote: (t) => `${procedure.choice(t.event.choice as Choice)}, sur ${named(t.title, "une décision")}${quoted(t.text)}`,
  pass_vote: (t) => `Passé à l’appel nominal sur ${named(t.title, "une décision")}`,
  extend_silence: (t) => `Accord tacite prolongé : ${named(t.title)}`,
  restart_silence: (t) => `L’accord tacite recommence sur un texte modifié : ${named(t.title)}`,
  close_decision: (t) => `${outcome(t)} : ${named(t.title)}`,
  settled: (t) => `Fin de l’accord tacite, ${outcome(t).toLowerCase()} : ${named(t.title)}`,
  withdraw_decision: (t) => `Retiré : ${named(t.title)}${quoted(t.text)}`,
  annotate: (t) => `Note au procès-verbal${quoted(t.text)}`,
  open_corrections: (t) => (t.event.until === undefined ? "Le délai de rectification prend fin" : "Le procès-verbal est ouvert aux rectifications"),
  propose_correction: (t) => `Propose une rectification du procès-verbal${quoted(t.text)}`,
  settle_correction: (t) => `Rectification de ${t.whom ?? "une délégation"} ${t.event.accepted ? "acceptée" : "non acceptée"}`,
  adopt_minutes: () => "Le procès-verbal est adopté",
  alarm: () => "Alerte au sujet de l’enregistrement",
};

export const ledger: Said<typeof shape> = {
  minutes: "Procès-verbal",
  record: "Enregistrement",
  views: "Procès-verbal ou enregistrement",
  sentence: (told) => sentences[told.act]?.(told) ?? told.act,
  kind: (kind) => kinds[kind],
  kinds: "Nature de l’acte",
  all: "Tout",
  search: "Qui a dit, proposé ou décidé quoi",
  item: "Point",
  allItems: "Tous les points",
  seat: "Délégation",
  allSeats: "Toutes les délégations",
  list: "Actes de l’enregistrement",
  found: (shown, all) => (shown === all ? count(all, "acte", "actes") : `${shown} sur ${count(all, "acte", "actes")}`),
  hidden: (n) => count(n, "événement ne vous est pas montré", "événements ne vous sont pas montrés"),
  loading: "Lecture de l’enregistrement…",
  nothing: "Rien ne correspond dans l’enregistrement.",
  unreachable: "L’enregistrement ne peut pas être lu en ce moment.",
  again: "Réessayer",
  time: (at) => second(at),
  moment: (at) => instant(at),
  event: (n) => `Événement ${n}`,
  back: "Retour à la liste",
  toMinutes: "Trouver dans le procès-verbal",
  notInMinutes: (n) => `Aucune ligne du procès-verbal ne porte sur l’événement ${n}.`,
  openEvent: (n) => `Ouvrir l’événement ${n} de l’enregistrement`,
  copyLink: "Copier le lien",
  copied: "Copié",
  copyBytes: "Copier les octets",
  when: "Heure",
  whose: "Par",
  nobody: "le serveur, ou qui a préparé la réunion",
  about: "Point",
  signature: "Signature",
  signatures: (signed) => signatures[signed],
  noOrganiser: "Signé ; votre lien ne dit pas d’après quelle liste on peut le vérifier.",
  noPeople: "Signé ; la liste de l’organisateur ne peut pas être lue en ce moment.",
  checking: "Vérification…",
  checkpoint: "Point de contrôle",
  covered: (size, cosigned) =>
    `Couvert par le point de contrôle de ${size} événements, que votre navigateur a vérifié${cosigned ? " et cosigné" : ""}.`,
  uncovered: "Aucun point de contrôle ne le couvre encore ; le prochain vient dans quelques secondes.",
  proof: "Preuve",
  proven: (n, size) => `Il est prouvé qu’il est dans l’enregistrement : événement ${n} sur ${size}.`,
  notProven: "Le serveur ne montre pas que ceci est dans l’enregistrement. Ne vous y fiez pas.",
  unanswered: "Le serveur ne répond pas à la demande de preuve.",
  cannotVerify: "Ce navigateur ne peut pas vérifier de signatures.",
  bytes: "Octets exacts",
  own: "C’est votre acte : votre navigateur se l’est fait prouver de lui-même.",
  withheld: "Cet événement est dans l’enregistrement ; ce qu’il dit ne vous est pas montré.",
  missing: "L’enregistrement n’a pas encore cet événement.",
};
