// Les textes des clés d’accès, en français.
import type { passkeys as shape } from "./en.passkeys";
import type { Said } from "./said";
import { sayer } from "./sentences";

/** By the sentence as it stands in the server's source. */
export const sentences: Record<string, string> = {
  "This server offers no passkeys: it needs --public-url with https and a name.":
    "Ce serveur n’offre pas de clés d’accès : il lui faut --public-url avec https et un nom.",
  "That took too long, or was answered already. Try again.":
    "Cela a pris trop de temps, ou a déjà reçu une réponse. Réessayez.",
  "Too many people sign in just now. Try again in some minutes.":
    "Trop de personnes se connectent en ce moment. Réessayez dans quelques minutes.",
  "This must be what was told with the question.": "Il faut ici ce qui accompagnait la question.",
  "This server does not know this passkey.": "Ce serveur ne connaît pas cette clé d’accès.",
  "This link was used, withdrawn or is too old. Ask for a new one.":
    "Ce lien a été utilisé ou retiré, ou il est trop ancien. Demandez-en un nouveau.",
  "This passkey is here already.": "Cette clé d’accès est déjà enregistrée.",
  "Your account has as many passkeys as it may have: remove one first.":
    "Votre compte a autant de clés d’accès que possible : retirez-en d’abord une.",
  "There is no such passkey.": "Cette clé d’accès n’existe pas.",
  "This is the last way in of the last administrator: add another first.":
    "C’est le dernier accès du dernier compte d’administration : ajoutez-en d’abord un autre.",
  "The browser's answer is malformed (clientDataJSON).": "La réponse du navigateur est mal formée (clientDataJSON).",
  "The browser's answer is to another question.": "La réponse du navigateur concerne une autre question.",
  "The browser's answer is to another challenge.": "La réponse du navigateur concerne un autre défi.",
  "The passkey was used on another site.": "La clé d’accès a été utilisée sur un autre site.",
  "The passkey was used in a page inside another page.":
    "La clé d’accès a été utilisée dans une page contenue dans une autre.",
  "The passkey's answer is malformed (authenticatorData).":
    "La réponse de la clé d’accès est mal formée (authenticatorData).",
  "The passkey is of another site.": "La clé d’accès est celle d’un autre site.",
  "The passkey does not say that anybody was there.": "La clé d’accès n’indique la présence de personne.",
  "The passkey contradicts itself about its copies.": "La clé d’accès se contredit au sujet de ses copies.",
  "The passkey's identifier is too short or too long, or another one.":
    "L’identifiant de la clé d’accès est trop court ou trop long, ou en est un autre.",
  "The passkey is of a kind that is not offered here.": "La clé d’accès est d’un type qui n’est pas offert ici.",
  "The passkey's signature does not match.": "La signature de la clé d’accès n’est pas la bonne.",
  "The passkey did not ask for a PIN, a finger or a face, which is needed here.":
    "La clé d’accès n’a demandé ni code, ni empreinte, ni visage ; ici, il le faut.",
  "The passkey's counter went back: there may be a copy of it. It is not taken.":
    "Le compteur de la clé d’accès a reculé : il en existe peut-être une copie. Elle n’est pas acceptée.",
};

export const passkeys: Said<typeof shape> = {
  signIn: "Se connecter avec une clé d’accès",
  problem: {
    stopped: "Aucune clé d’accès n’a été utilisée. Réessayez quand vous le voudrez.",
    known: "Cet appareil a déjà une clé d’accès pour ce compte.",
    unable: "Ce navigateur ne crée pas de clés d’accès ici. Essayez-en un autre, ou un autre appareil.",
  },
  said: sayer(sentences),

  title: "Clés d’accès",
  text: "Une clé d’accès est gardée par votre appareil ou par une clé de sécurité, et s’ouvre par un code, une empreinte ou un visage. Le serveur n’a rien qui puisse être volé. Ayez-en deux : l’une peut se perdre.",
  none: "Vous n’en avez pas encore.",
  name: "Nom de la clé d’accès",
  nameHint: "Pour la reconnaître, par exemple « Portable du bureau ».",
  first: "Mon appareil",
  add: "Ajouter une clé d’accès",
  made: (when) => `ajoutée ${when}`,
  used: (when) => `utilisée en dernier ${when}`,
  neverUsed: "pas encore utilisée",
  backedUp: "avec des copies dans un compte de son fabricant",
  remove: "Retirer",
  removeOf: (name) => `Retirer la clé d’accès ${name}`,
  removeTitle: (name) => `Retirer « ${name} » ?`,
  removeText: "Personne ne se connecte plus avec elle. Sur votre appareil, elle se supprime à part.",

  enrolTitle: "Votre clé d’accès",
  enrolFor: (name) =>
    `Pour le compte de ${name}. Votre navigateur demande un code, une empreinte ou un visage ; la clé d’accès reste dans votre appareil ou votre clé de sécurité. C’est avec elle que vous vous connectez désormais.`,
  enrolReading: "Lecture de votre lien…",
  enrolMake: "Créer la clé d’accès",
  noLink: "Ce lien n’est pas complet. Ouvrez-le de nouveau depuis le message reçu, ou copiez-le en entier.",

  linkFor: (name) => `Lien vers une clé d’accès pour ${name}`,
  linkText:
    "Qui ouvre le lien ajoute une clé d’accès à ce compte, et se connecte désormais avec elle. Il sert une fois, dans les 24 heures, et retire le précédent.",
  linkMake: "Créer le lien",
  linkOnce: (when) => `Le lien n’est montré que cette fois ; envoyez-le par une voie sûre. Il est valable jusqu’au ${when}.`,
};
