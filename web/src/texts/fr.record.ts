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
};

export const record: Said<typeof shape> = {
  alarm: "L’enregistrement de cette réunion a été modifié.",
  why,
  foundHere:
    "Votre navigateur l’a constaté. Ne décidez plus rien ici, gardez les détails, et adressez-vous à l’hébergeur.",
  foundBy: (name) =>
    `Le navigateur de ${name} l’a constaté. Ne décidez plus rien ici, et adressez-vous à l’hébergeur.`,
  details: "Détails",
  ours: (why) => (why === "redefined" ? "Signé par l’organisateur" : "Vu auparavant"),
  theirs: "Vu maintenant",
  none: "aucun",
};
