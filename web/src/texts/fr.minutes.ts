// The texts around the minutes, in French; the minutes themselves are the server's, in both languages.
import type { MinutesLanguage } from "../lib/minutes";
import type { minutes as shape } from "./en.minutes";
import { formatting, zoneName } from "./format";
import type { Said } from "./said";

const languages: Record<MinutesLanguage, string> = { en: "English", fr: "Français" };

const { count, moment } = formatting("fr");

/** On the reader's clocks and, if those differ, on the meeting's. */
function both(at: number, zone: string | undefined): string {
  return zone === undefined ? moment(at) : `${moment(at, zone)}, heure de ${zoneName(zone)} (${moment(at)} là où vous êtes)`;
}

export const minutes: Said<typeof shape> = {
  language: "Langue du procès-verbal",
  languageName: (language) => languages[language],
  print: "Imprimer",
  saveHtml: "Enregistrer comme page",
  saveText: "Enregistrer comme texte",
  more: "Autres possibilités du procès-verbal",
  loading: "Le procès-verbal est en cours d’établissement…",
  unreachable: "Le procès-verbal ne peut pas être lu en ce moment.",
  provisional: "Provisoire",
  openUntil: (until, zone) => `Des rectifications peuvent être proposées jusqu’au ${both(until, zone)}.`,
  periodOver: "Le délai de rectification est écoulé.",
  adopted: "Adopté",
  adoptedAt: (at, zone) => `Adopté par la présidence le ${both(at, zone)}.`,
  hash: (hash) => `SHA-256 des deux textes : ${hash}`,
  otherText:
    "Ce texte n’est pas celui qui a été adopté : son empreinte est différente. Ne vous y fiez pas.",
  event: (event) => `Événement ${event} de l’enregistrement`,
  verify: "Mène à la page où se vérifie l’enregistrement de ce procès-verbal, et dit lequel c’est",
  annotate: "Ajouter une note",
  annotateLabel: "Note",
  annotateTo: (event) => `Sur l’événement ${event} ; visible à la lecture du procès-verbal.`,
  noteDrop: "Retirer la note",
  propose: "Proposer une rectification",
  proposeHint: "Ce qui doit y figurer à la place. Tous les membres la voient ; la présidence tranche.",
  proposeText: "Nouveau libellé",
  proposeReason: "Motif (si nécessaire)",
  actions: (event) => `Actes sur l’événement ${event}`,
  corrections: "Rectifications",
  correctionOf: (seat, event) => `${seat}, sur [${event}]`,
  accept: "Accepter",
  refuse: "Refuser",
  refuseTitle: "Refuser la rectification",
  refuseLabel: "Motif",
  accepted: "Acceptée",
  refused: "Non acceptée",
  waiting: "En attente de décision",
  openCorrections: "Ouvrir aux rectifications",
  openTitle: "Jusqu’à quand les délégations peuvent-elles proposer des rectifications ?",
  openYes: "Ouvrir",
  endPeriod: "Clore le délai",
  adopt: "Adopter le procès-verbal",
  adoptText: "Il est dès lors définitif, et la séance reste levée.",
  unsettled: (n) => `${count(n, "rectification est", "rectifications sont")} en attente de décision.`,
};
