// Texts of the record, as it is watched in a meeting, in French.
import type { Alarm } from "../record/alarm";
import type { record as shape } from "./en.record";
import type { Said } from "./said";

const why: Record<Alarm["why"], string> = {
  rewritten: "Ce que le serveur signe maintenant ne prolonge pas ce qu’il avait signé.",
  rolled_back: "Le serveur présente un état plus ancien que celui qu’il avait signé.",
  other_key: "Le serveur signe avec une autre clé qu’auparavant.",
  unsigned: "Le serveur présente un état qu’il n’a pas signé.",
  redefined:
    "Ce qu’est cette réunion (ses sièges et leurs pondérations, le quorum, ce qui doit être signé) n’est pas ce que l’organisateur a signé.",
  missing: "Un acte que le serveur avait confirmé ne figure pas dans l’enregistrement tel qu’il a été fait.",
  unproved: "Le serveur ne prouve pas ce qu’on lui a demandé de prouver.",
};

const changed = "L’enregistrement de cette réunion a été modifié.";
const titles: Record<Alarm["why"], string> = {
  rewritten: changed,
  rolled_back: changed,
  other_key: changed,
  unsigned: changed,
  redefined: "Cette réunion n’est pas ce que l’organisateur a signé.",
  missing: "L’enregistrement de cette réunion ne contient pas ce qui a été fait.",
  unproved: "On ne peut pas se fier à l’enregistrement de cette réunion.",
};

export const record: Said<typeof shape> = {
  alarm: (which) => titles[which],
  why,
  foundHere:
    "Votre navigateur l’a constaté. Ne décidez plus rien ici, gardez les détails, et adressez-vous à l’hébergeur.",
  foundBy: (name) =>
    `Le navigateur de ${name} l’a constaté, et le vôtre aussi. Ne décidez plus rien ici, et adressez-vous à l’hébergeur.`,
  details: "Détails",
  ours: (why) => (why === "redefined" ? "Signé par l’organisateur" : "Vu auparavant"),
  theirs: "Vu maintenant",
  none: "aucun",
  event: (event) => `Événement ${event}`,
  claim: (name) => `Affirmation non prouvée de ${name} :`,
  claimOpen: "Le serveur n’a pas encore répondu à votre navigateur à ce sujet.",
  claimUnproven: "Rien de ce qui a été montré à votre navigateur ne l’étaye.",
  claimed: (why) => `« ${why} »`,
  claimDetails: (n) => (n === 1 ? "Ce qu’elle désigne" : `Les ${n} affirmations`),
  claimHide: "Masquer",
};
