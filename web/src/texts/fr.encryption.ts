// Texts of end-to-end encryption, in French.
import type { Change } from "../e2ee/members";
import type { encryption as shape } from "./en.encryption";
import type { Said } from "./said";

const happened: Record<Change["what"], string> = {
  joined: "arrivée",
  left: "départ",
  came_back: "retour avec une autre clé",
};

export const encryption: Said<typeof shape> = {
  title: "Chiffrement",
  open: "Non chiffrée de bout en bout",
  openHint: "Le serveur de cette réunion peut la voir et l’entendre.",
  openSigns: "Le serveur de cette réunion peut la voir et l’entendre. Voir qui figure sur la liste signée, et signer qui arrive en retard",
  openMeaning:
    "Le serveur de cette réunion peut la voir et l’entendre. Les votes et les positions sont signés tout de même, chacun par la clé de la personne : le serveur ne peut pas en fabriquer.",
  on: "Chiffrée",
  onHint: "Chiffrée de bout en bout : voir qui détient les clés, et le code à comparer",
  notYet: "Pas encore dans le chiffrement",
  meaning:
    "L’image, le son, les écrans et les messages sont scellés dans les navigateurs des membres ci-dessous : le serveur transmet ce qu’il ne peut pas lire. Il voit en revanche qui est présent, qui a la parole et tout ce qui relève de la procédure.",
  waiting:
    "Vous n’avez pas encore de clés : vous ne voyez et n’entendez personne, et personne ne vous voit ni ne vous entend. Un membre présent vous fait entrer.",
  code: "Code de la salle",
  codeHint:
    "Comparez-le à voix haute. Qui lit un autre code est dans une autre réunion. Il change à chaque arrivée et à chaque départ.",
  organiser: "Empreinte de l’organisateur",
  organiserHint: "Comparez-la à votre lettre, une fois.",
  members: (n) => `Qui détient les clés (${n})`,
  outsiders: (n) => `Présents sans clés (${n})`,
  outsidersHint: "Ces personnes ne voient et n’entendent rien, et ne sont ni vues ni entendues.",
  you: "vous",
  letIn: "Faire entrer",
  locked: "Verrouillée : personne n’est ajouté sans l’accord de la présidence.",
  lock: "Verrouiller la réunion",
  unlock: "Déverrouiller la réunion",
  list: (n) => `Sur la liste signée (${n})`,
  listHint: "L’organisateur vous permet de signer qui arrive en retard et qui ne peut plus participer.",
  revoke: "Révoquer",
  revoked: "révoquée",
  revokeTitle: (name) => `Révoquer l’invitation de ${name} ?`,
  revokeText:
    "Cette personne part aussitôt, les clés de toutes les autres changent, et le lien n’ouvre plus rien. Seul l’organisateur peut revenir là-dessus.",
  revokeOpenText: "Cette personne part aussitôt, et le lien n’ouvre plus rien. Seul l’organisateur peut revenir là-dessus.",
  notSigned: "La signature n’a pas pu être apposée, ou le serveur est injoignable.",
  lateOpen: "Ajouter une personne",
  lateTitle: "Ajouter une personne à la réunion",
  lateAdd: "Signer et créer le lien",
  lateMissing: "Il manque quelque chose : un nom, et ce qui va avec le rôle.",
  lateLink: (name) => `Lien de ${name}`,
  lateOnce:
    "Il est affiché maintenant et jamais plus : le serveur ne l’a pas en entier. Envoyez-le par une voie sûre ; qui le détient participe sous ce nom.",
  changed: "Ce qui a changé",
  change: ({ what, member }) => `${member.name} : ${happened[what]}`,
  troubles: "Ce qui n’était pas valable",
  name: ({ name }) => name,
  doubt: {
    outside: "Hors du chiffrement",
    mismatch: "La clé ne correspond pas",
  },
};
