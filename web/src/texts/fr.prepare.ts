// The texts of the preparation page, in French.
import type { Base, Floor } from "../gen/protocol";
import type { AdminError } from "../lib/admin";
import type { Fault } from "../lib/draftCheck";
import type { SectionName } from "../lib/editor.svelte";
import type { Preset } from "../lib/rules";
import type { prepare as shape } from "./en.prepare";
import { formatting } from "./format";
import type { Said } from "./said";

const { count } = formatting("fr");

const errors: Record<AdminError["kind"], string> = {
  token: "Ce n’est pas le jeton d’administration. Il se trouve dans le fichier admin-token du dossier de données du serveur.",
  too_many: "Trop de tentatives. Patientez un moment, puis réessayez.",
  unreachable: "Le serveur est injoignable. Rien n’est perdu ; réessayez.",
  refused: "Le serveur a refusé.",
};

const faults: Record<Fault, string> = {
  needed: "Veuillez remplir ce champ.",
  double: "Un autre siège porte ce nom court.",
  id: "1 à 32 lettres, chiffres, points, tirets et tirets bas.",
  nobody: "Une réunion exige au moins une personne.",
  chair: "Avec une salle d’attente, il faut une présidence ou un secrétariat, qui admet.",
  date: "Indiquez une date et une heure.",
  source: "Une ligne rouge exige sa source.",
  language: "Choisissez l’une des langues de la réunion.",
  quorum: "Il n’y a pas autant de membres.",
};

const sections: Record<SectionName, { name: string; text: string }> = {
  meeting: { name: "Réunion", text: "Son intitulé, et comment elle est conduite." },
  seats: { name: "Sièges", text: "Les délégations, dans l’ordre du protocole." },
  agenda: { name: "Ordre du jour", text: "Les points, dans l’ordre où ils sont abordés." },
  parties: {
    name: "Parties extérieures",
    text: "Qui n’est pas de cette instance, mais concerné par ce qu’elle peut décider.",
  },
  papers: {
    name: "Documents d’options",
    text: "Des options côte à côte : chacune répond aux mêmes questions, et nomme les parties extérieures qu’elle concerne.",
  },
  register: {
    name: "Consultations",
    text: "Quelles parties extérieures ont été consultées, quand et comment, et leurs réponses.",
  },
  decisions: { name: "Décisions", text: "Les textes à décider, chacun selon sa règle." },
  people: { name: "Personnes", text: "Toutes celles qui reçoivent une invitation." },
  links: { name: "Invitations", text: "Un lien par personne. Qui détient le lien peut participer sous ce nom." },
};

const presets: Record<Preset, { name: string; text: string }> = {
  consensus: { name: "Consensus", text: "Adopté si personne ne s’y oppose." },
  silence: { name: "Accord tacite", text: "Adopté à l’échéance, sauf si une délégation rompt le silence." },
  unanimity: { name: "Unanimité", text: "Adopté si personne ne vote contre, et au moins un membre pour." },
  simple: { name: "Majorité simple", text: "Plus de voix pour que contre parmi les suffrages exprimés." },
  absolute: { name: "Majorité absolue", text: "Voix pour de plus de la moitié de tous les membres." },
  two_thirds: {
    name: "Deux tiers des suffrages exprimés",
    text: "Voix pour d’au moins 2/3 des suffrages exprimés.",
  },
  three_quarters: { name: "Trois quarts des membres", text: "Voix pour d’au moins 3/4 de tous les membres." },
  double: {
    name: "55 % des membres représentant 65 % du poids",
    text: "Comme au Conseil de l’Union européenne : les deux parts sont requises. Les poids sont ceux des sièges.",
  },
  roll_call: { name: "Appel nominal, majorité simple", text: "Les sièges sont appelés un par un." },
};

const floors: Record<Floor, string> = {
  chaired: "La présidence donne la parole",
  open: "Chacun peut parler",
};

const bases: Record<Base, string> = {
  cast: "des suffrages exprimés",
  present: "des présents",
  members: "de tous les membres",
};

const languages: Record<string, string> = {
  EN: "Anglais",
  FR: "Français",
  DE: "Allemand",
  ES: "Espagnol",
  IT: "Italien",
  PL: "Polonais",
  TR: "Turc",
  UK: "Ukrainien",
  AR: "Arabe",
  RU: "Russe",
  ZH: "Chinois",
  PT: "Portugais",
};

export const prepare: Said<typeof shape> = {
  title: "Préparer des réunions",
  signIn: "Jeton d’administration",
  signInText:
    "Les réunions se préparent avec le jeton d’administration, que le serveur a écrit dans le fichier admin-token de son dossier de données.",
  signInHint: "Gardé dans cet onglet seulement, jusqu’à sa fermeture.",
  enter: "Entrer",
  signOut: "Oublier le jeton",
  error: (kind) => errors[kind],
  fault: (f) => faults[f],
  notReadable: "Ce n’est pas le JSON d’une réunion.",

  meetings: "Réunions",
  noMeetings: "Il n’y a pas encore de réunion.",
  newMeeting: "Nouvelle réunion",
  importFile: "Importer du JSON",
  exportFile: "Exporter en JSON",
  created: "Créée le",
  hereNow: (n) =>
    n === 0 ? "personne en ce moment" : `${count(n, "personne présente", "personnes présentes")}`,
  deleteMeeting: "Supprimer",
  deleteTitle: (title) => `Supprimer « ${title} » ?`,
  deleteText:
    "Toutes les personnes présentes en sortent aussitôt, ses liens ne fonctionnent plus, et son enregistrement disparaît avec elle.",
  back: "Toutes les réunions",
  create: "Créer la réunion",
  save: "Enregistrer",
  saving: "Enregistrement…",
  saved: "Enregistré",
  createdNow: "La réunion est créée. Voici ses invitations.",
  unsaved: "Pas encore enregistré",
  untitled: "Réunion sans titre",
  leaveTitle: "Quitter sans enregistrer ?",
  leaveText: "Ce que vous avez modifié depuis le dernier enregistrement sera perdu.",
  leaveYes: "Quitter",
  gaps: (n) => `${count(n, "élément manque ou est erroné", "éléments manquent ou sont erronés")}.`,
  showGap: "Montrer",
  gapsIn: (section, n) => `${section} : ${count(n, "élément manquant ou erroné", "éléments manquants ou erronés")}`,
  sections: "Parties de la réunion",
  section: (s) => sections[s].name,
  sectionText: (s) => sections[s].text,
  next: (s) => `Suite : ${sections[s].name}`,
  up: (what) => `Monter : ${what}`,
  down: (what) => `Descendre : ${what}`,
  removeIt: (what) => `Retirer : ${what}`,
  or: "ou",

  meetingTitle: "Intitulé",
  meetingTitleHint:
    "Tel qu’il figure en tête de la réunion, par exemple : Comité militaire, session virtuelle du 20 août",
  body: "Instance",
  bodyHint: "De qui c’est la réunion",
  marking: "Marquage",
  markingHint: "Affiché sur chaque écran, par exemple : DIFFUSION AUX MEMBRES",
  floor: "Parole",
  floorWord: (f) => floors[f],
  lobby: "Salle d’attente",
  lobbyHint: "La présidence ou le secrétariat fait entrer.",
  open: "Ouverte dès le début",
  openHint: "Sinon, chacun attend l’arrivée de la présidence ou du secrétariat.",
  quorum: "Quorum",
  quorumHint: (members) =>
    `Nombre de membres dont la présence est requise pour décider ; il y en a ${members}. Vide : aucun.`,
  speaking: "Temps de parole, en minutes",
  speakingHint: "Pour chaque intervention. Vide : sans limite.",
  languages: "Langues d’interprétation",
  languagesHint: "Chacune est un canal d’interprétation. Sans choix : pas d’interprétation.",
  language: (code) => (languages[code] ? `${languages[code]} (${code})` : code),
  languageCodes: Object.keys(languages),

  addBody: "Membres d’une instance",
  addThem: "Les ajouter",
  addCountry: "Un pays",
  addIt: "Ajouter",
  addOther: "Ajouter un siège sans pays",
  seatsNumber: (members, guests) =>
    count(members, "membre", "membres") + (guests === 0 ? "" : `, ${count(guests, "invité", "invités")}`),
  noSeats: "Pas encore de sièges. Sans sièges, la réunion n’a que des personnes, et pas de votes.",
  seatShort: "Nom court",
  seatName: "Nom",
  seatCountry: "Drapeau",
  noFlag: "Aucun",
  seatWeight: "Poids",
  seatGuest: "Invité",
  seatGuestHint: "Ne compte ni pour le quorum ni pour les décisions",
  thisSeat: (n) => `siège ${n}`,
  removeSeats: "Tout retirer",
  removeSeatsTitle: "Retirer tous les sièges ?",
  removeSeatsText: "Les personnes restent, sans siège.",

  item: "Intitulé du point",
  itemN: (n) => `Point ${n}`,
  minutes: "Durée prévue, en minutes",
  itemSpeaking: "Temps de parole, en minutes",
  itemSpeakingHint: "S’il diffère de celui de la réunion",
  addItem: "Ajouter un point",
  documentsAfter: "Des documents peuvent être ajoutés une fois la réunion créée.",
  documentsFor: "Documentation",

  addParty: "Ajouter une partie extérieure",
  partyN: (n) => `partie ${n}`,
  noParties: "Pas encore de partie extérieure.",

  addPaper: "Ajouter un document d’options",
  paperN: (n) => `document d’options ${n}`,
  paperNeedsItem: "Inscrivez d’abord un point à l’ordre du jour.",
  noPapers: "Pas encore de document d’options.",
  options: "Options",
  optionN: (letter) => `option ${letter}`,
  chooseItem: "Choisissez un point",

  addEntry: "Consigner une consultation",
  addLine: "Consigner une ligne rouge exprimée ailleurs",
  entryN: (n) => `inscription ${n}`,
  entryKind: (consulted) => (consulted ? "Consultation" : "Ligne rouge exprimée ailleurs ; sans consultation"),
  registerNeeds: "Nommez d’abord une partie extérieure et déposez un document d’options.",
  noEntries: "Le registre est vide : chaque partie concernée par une option figure comme non consultée.",
  chooseParty: "Choisissez une partie",
  choosePaper: "Choisissez un document",

  addDecision: "Ajouter une décision",
  decisionN: (n) => `décision ${n}`,
  noDecisions: "Aucune décision n’est préparée.",
  decisionTitle: "Intitulé de la décision",
  text: (language) => `Texte (${languages[language]?.toLowerCase() ?? language})`,
  textLanguage: "Langue",
  addText: "Ajouter une deuxième langue",
  removeText: "Retirer cette langue",
  adopts: "Adopte une option",
  adoptsNone: "Aucune",
  adoptsHint: "La présidence est alors avertie si une partie concernée n’a pas été consultée.",
  rule: "Règle",
  rulePreset: (p) => presets[p].name,
  ruleText: (p) => presets[p].text,
  ruleOwn: "Une autre part",
  ruleOwnText: "Voix pour d’une part minimale, des sièges, de leurs poids, ou des deux.",
  share: "Part des sièges",
  weightShare: "Part des poids",
  shareNum: "au moins",
  shareDen: "sur",
  shareNone: "Vide : non requise",
  base: "Calculée sur la base",
  baseWord: (b) => bases[b],
  abstentions: "Les abstentions comptent comme suffrages exprimés",
  ruleQuorum: "Quorum propre",
  ruleQuorumHint: "Vide : celui de la réunion",
  excluded: "Sièges qui ne prennent pas part",

  addPerson: "Ajouter une personne",
  addHeads: (n) => (n === 1 ? "Une pour le siège sans personne" : `Une pour chacun des ${n} sièges sans personne`),
  headOf: (seat) => `Chef de délégation, ${seat}`,
  person: "Nom",
  personN: (n) => `personne ${n}`,
  role: "Rôle",
  seat: "Délégation",
  chooseSeat: "Choisissez une délégation",
  noSeat: "Aucune",
  isHead: "Dirige la délégation",
  forItem: "Vient pour le point",
  allItems: "Toute la réunion",
  forParty: "Parle pour",
  noParty: "Aucune partie extérieure",
  intoLanguage: "Interprète vers",
  chooseLanguage: "Choisissez une langue",
  shared: "Un lien pour plusieurs",
  sharedHint: "Chacun indique son propre nom.",
  peopleNumber: (n) => count(n, "personne", "personnes"),

  linksOnce:
    "Les liens sont affichés maintenant et jamais plus : le serveur n’en garde pas de copie. Copiez-les ou enregistrez-les ; si l’un se perd, créez-en un nouveau.",
  linksUnsaved:
    "Enregistrez d’abord vos modifications ; les invitations sont alors celles de la réunion telle qu’elle est.",
  start: "Début (heure de votre lieu)",
  startHint: "Pour les fichiers d’agenda. Parley lui-même n’en a pas besoin.",
  duration: "Durée, en minutes",
  copy: "Copier le lien",
  copied: "Copié",
  qr: "Code QR",
  qrFor: (name) => `Code QR : ${name}`,
  qrHint: "Qui scanne ce code peut participer sous ce nom.",
  calendar: "Fichier d’agenda",
  calendarNeeds: "Indiquez d’abord le début.",
  calendarText: (who) => `Vous participez en tant que : ${who}.\nCe lien n’est que pour vous ; ne le transmettez pas.`,
  newLink: "Nouveau lien",
  renewTitle: (name) => `Un nouveau lien pour ${name} ?`,
  renewText: "Le précédent est retiré, et quiconque est entré par lui quitte la réunion.",
  withdraw: "Retirer",
  withdrawTitle: (name) => `Retirer le lien de ${name} ?`,
  withdrawText: "Personne ne peut plus entrer par lui, et quiconque l’a fait quitte la réunion.",
  linkGone: "Le lien a été affiché à sa création.",
  noInvitation: "Pas encore de lien",
  saveAll: "Tout enregistrer dans un tableau (CSV)",
  csvHead: ["Nom", "Rôle", "Délégation", "Lien"],
  copyFailed: "Le navigateur n’a pas permis la copie. Sélectionnez le lien et copiez-le à la main.",
  linkOf: (name) => `Lien de ${name}`,
};
