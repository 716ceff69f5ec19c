// Texts of the chat and its circles, in French.
import type { chat as shape } from "./en.chat";
import { formatting } from "./format";
import type { Said } from "./said";

const { count, list } = formatting("fr");

/** "Anne, Bruno et 3 autres" */
function people(names: readonly string[]): string {
  const [shown, more] = names.length > 5 ? [names.slice(0, 4), names.length - 4] : [names, 0];
  return list(more > 0 ? [...shown, count(more, "autre", "autres")] : shown);
}

export const chat: Said<typeof shape> = {
  to: "À",
  everyone: "Tous",
  delegation: (seat) => `Délégation : ${seat}`,
  chair: "Présidence",
  otherDelegation: "Note à…",
  seatAway: (seat) => `${seat} (personne n’est là)`,
  unread: (label, n) => (n === 0 ? label : `${label}, ${count(n, "non lu", "non lus")}`),

  write: {
    everyone: "Écrire à tous",
    delegation: "Écrire à votre délégation",
    chair: "Écrire à la présidence",
    note: (seat) => `Écrire à la délégation : ${seat}`,
  },
  empty: {
    everyone: "Rien n’a encore été écrit. Toutes les personnes présentes lisent ce qui est écrit ici.",
    delegation: (seat) =>
      `Rien n’a encore été écrit. Seule la délégation (${seat}) lit ce qui est écrit ici.`,
    chair: "Rien n’a encore été écrit. Seules votre délégation et la présidence lisent ce qui est écrit ici.",
    note: (seat) =>
      `Rien n’a encore été écrit. Seules la présidence et la délégation (${seat}) lisent ce qui est écrit ici.`,
  },
  reads: (names) => `Destinataires : ${people(names)}, et personne d’autre.`,
  alone: {
    delegation: (seat) => `Personne d’autre de la délégation (${seat}) n’est là.`,
    chair: "Personne de la présidence n’est là.",
    note: (seat) => `Personne de la délégation (${seat}) n’est là.`,
  },
  news: (name, kind) =>
    kind === "seat" ? `${name} a écrit à votre délégation.` : `${name} a écrit une note : voir les messages.`,
  waits: "Envoi dès que les clés seront là",
  tooLong: "Ce texte est trop long.",
  notSent: "Non envoyé : il n’y a pas de connexion.",
  send: "Envoyer",
  log: "Messages",
};
