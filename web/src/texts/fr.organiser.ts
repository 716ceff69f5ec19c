// Texts about the organiser's key and the list of participants that it signs, in French.
import type { organiser as shape } from "./en.organiser";
import type { Said } from "./said";

export const organiser: Said<typeof shape> = {
  key: "Clé de l’organisateur",
  keyText:
    "Avec elle, ce navigateur signe la liste des participants à vos réunions ; le serveur ne le peut pas. Son empreinte a sa place dans la lettre de convocation, pour que chacun puisse la comparer.",
  keyNone:
    "Ce navigateur n’en a pas encore. Elle est créée avec votre première réunion ; ou ouvrez la copie d’une clé que vous avez.",
  keyUnable:
    "Ce navigateur ne peut pas signer (Ed25519 y manque, ou cette page n’est pas venue par HTTPS) : les liens des réunions chiffrées ne peuvent pas être créés ici. Utilisez une version actuelle de Firefox, Chrome, Edge ou Safari, ou parley invite en ligne de commande.",
  keyNotKept: "Ce navigateur ne garde rien : la clé disparaît avec cette page. Ouvrez sa copie la prochaine fois.",
  copyFingerprint: "Copier l’empreinte",
  copied: "Copié",
  saveCopy: "Enregistrer une copie",
  noCopy: "Aucune copie de cette clé ne peut plus être faite : le navigateur ne permet pas de la lire.",
  makeNew: "Créer une clé",
  openCopy: "Ouvrir une copie…",
  another: "Utiliser une autre clé…",

  makeTitle: "Une clé pour l’organisateur",
  makeText:
    "Votre réunion exige une liste des participants signée par vous. Pour cela, ce navigateur crée une clé et la garde ; elle n’en sort que sous forme de copie scellée par votre phrase secrète.",
  openTitle: "Ouvrir une copie de la clé de l’organisateur",
  openText:
    "Le fichier enregistré comme copie, ou le fichier de clé de parley invite. Ce navigateur garde ensuite la clé.",
  replaces:
    "Elle prend la place de la clé qui est ici maintenant. Enregistrez d’abord une copie de celle-ci, sinon les réunions qu’elle a signées ne pourront plus être modifiées.",
  withCopy: "Enregistrer une copie",
  withCopyHint:
    "Pour un autre navigateur, ou en cas de perte de celui-ci. Sans elle, une telle perte impose de nouveaux liens à tous.",
  passphrase: "Phrase secrète de la copie",
  passphraseHint: (letters) => `Au moins ${letters} caractères. Personne ne peut la retrouver.`,
  passphraseShort: (letters) => `Il faut au moins ${letters} caractères.`,
  passphraseNew: "Pour le fichier de clé de parley invite : une phrase secrète de votre choix, pour la copie.",
  file: "Fichier",
  fileNeeded: "Choisissez le fichier.",
  fileWrong: "Ce n’est pas une clé d’organisateur, ou la phrase secrète est une autre.",
  make: "Créer la clé",
  open: "Ouvrir",
  haveOne: "J’ai une clé : ouvrir sa copie",

  signed: "Signée par vous",
  signedText:
    "La liste des participants porte la signature de la clé de ce navigateur. Voici son empreinte, pour la lettre de convocation, afin que chacun puisse la comparer :",
  unsigned: "Personne n’a signé la liste des participants",
  unsignedEncrypted: "La réunion est chiffrée, et les liens ne l’ouvrent qu’une fois munis de clés.",
  unsignedOpen:
    "Ses liens l’ouvrent. Une fois la liste signée, les noms y sont ceux que vous avez signés, et chacun peut signer ses actes.",
  sign: "Signer, et créer de nouveaux liens",
  signTitle: "Retirer tous les liens et en créer de nouveaux ?",
  signHint:
    "Les liens distribués jusqu’ici n’ouvrent plus la réunion, et les personnes entrées par eux en sortent.",
  signBusy: "Signature…",
  foreign: "Signée par la clé d’un autre organisateur",
  foreignText:
    "Les liens se créent là où se trouve cette clé : ouvrez sa copie dans ce navigateur, ou utilisez parley invite. Son empreinte :",
  wrong: "La liste signée n’est pas valable",
  replaceTitle: "La signer avec votre propre clé ?",
  replaceText:
    "La réunion a été signée par la clé d’un autre organisateur. Si vous enregistrez, vous la signez, et tous les liens distribués sont remplacés.",
  replaceYes: "Enregistrer et signer",
  calendarFingerprint: (digits) => `Empreinte de l’organisateur : ${digits}`,

  encryption: "Chiffrement",
  encryptionWord: {
    required: "De bout en bout",
    none: "Pas de bout en bout",
  },
  encryptionHint: {
    required: "Le serveur transmet ce qu’il ne peut pas lire. Exige des navigateurs actuels ; ni WHIP ni WHEP.",
    none: "Le serveur peut tout voir et tout entendre, et chaque page le dit.",
  },
};
