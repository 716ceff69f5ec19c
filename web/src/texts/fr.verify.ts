// Texts of the page where a record is verified, in French.
import type { verify as shape } from "./en.verify";
import { formatting } from "./format";
import type { Said } from "./said";

const { count, moment } = formatting("fr");

const acts = (n: number) => count(n, "vote ou position", "votes ou positions");

export const verify: Said<typeof shape> = {
  title: "Vérifier un enregistrement",
  intro:
    "Ouvrez le fichier de l’enregistrement d’une réunion. Il est lu ici, dans votre navigateur, et n’est envoyé nulle part : est-il complet, inchangé, signé par ceux qu’il nomme, et chaque résultat découle-t-il de ses votes ?",
  choose: "Choisissez un fichier, ou déposez-le ici",
  another: "Vérifier un autre fichier",
  reading: "Vérification…",
  key: "Clé du serveur",
  keyHint:
    "Si vous l’avez d’une autre source, telle que parley key show l’affiche. Sans elle, n’importe qui aurait pu produire le fichier.",
  organiser: "Empreinte de l’organisateur",
  organiserHint: "40 chiffres, dans votre lettre.",
  witnesses: "Clés des témoins",
  witnessesHint: "Si le serveur nomme ailleurs des témoins : leurs clés de vérification, séparées par des espaces.",
  paper: ({ origin, size }) =>
    `Vous venez d’un procès-verbal sur papier. Il porte sur le journal ${origin}, tel qu’il était après ${count(size, "événement", "événements")}. Demandez au secrétariat le fichier de cet enregistrement et ouvrez-le ici : la page dira s’il s’agit bien de l’enregistrement de ce papier, complet et inchangé.`,
  paperHolds: ({ size }) =>
    `C’est bien l’enregistrement de votre papier : les mêmes événements (${count(size, "événement", "événements")}), la même racine`,
  again: "Vérifier de nouveau",
  holds: "L’enregistrement est intègre",
  broken: "L’enregistrement n’est pas intègre",
  place: ({ line, event }) =>
    event === undefined ? `Ligne ${line}` : `Ligne ${line}, à l’événement ${event}`,
  unable:
    "Ce navigateur ne peut pas vérifier de signatures ici : il faut Ed25519, et une page servie par HTTPS.",
  unreadable: "Le fichier n’a pas pu être ouvert.",
  checked: (r) => [
    `${count(r.events, "événement", "événements")} de la réunion ${r.meeting ?? ""}, dans le journal ${r.origin ?? ""}, sous ${count(r.checkpoints, "point de contrôle signé", "points de contrôle signés")}`,
    ...(r.results > 0
      ? [
          `${count(r.results, "résultat recalculé", "résultats recalculés")} d’après la règle et les votes : conformes à la proclamation`,
        ]
      : []),
    r.signedActs > 0
      ? `${acts(r.signedActs)} avec la signature de leur auteur`
      : "Aucun vote, aucune position ne porte la signature de son auteur",
    ...(r.signedActs > 0 && r.unsignedActs > 0 ? [`${acts(r.unsignedActs)} sans signature`] : []),
    r.cosignatures > 0
      ? `${count(r.cosignatures, "cosignature", "cosignatures")} de points de contrôle par des personnes présentes`
      : "Aucun point de contrôle n’est cosigné par une personne présente",
    ...(r.manifests > 0
      ? [`${count(r.manifests, "liste", "listes")} de participants, avec la signature de l’organisateur`]
      : []),
    ...(r.rotations > 0
      ? [
          `${count(r.rotations, "changement", "changements")} de la clé du serveur, avec chaque fois la signature de la précédente`,
        ]
      : []),
    ...(r.minutes > 0 ? ["Le texte du procès-verbal qui a été adopté"] : []),
    ...r.witnesses.map(
      ({ name, checkpoints, last, at }) =>
        `${count(checkpoints, "cosignature", "cosignatures")} du témoin ${name}, la dernière après l’événement ${last}, le ${moment(at, "UTC")} (UTC)`,
    ),
  ],
  keyPinned: "Signé par la clé du serveur que vous avez indiquée",
  keyNotPinned: "La clé du serveur n’a pas été comparée à une autre source. La voici :",
  organiserPinned: "L’organisateur est celui que vous avez indiqué",
  organiserNotPinned: "L’organisateur n’a pas été comparé à une lettre. Voici l’empreinte :",
  noted: "À savoir",
};
