// The texts in French, in the words of the institutions: présidence, délégation, accord tacite.
import type { Kind, Role, SessionState } from "../gen/protocol";
import type { ProblemKind } from "../lib/api";
import type { DeviceNote } from "../lib/devices.svelte";
import type { Finding } from "../lib/line";
import type { Texts } from ".";
import { formatting, pageLanguageName } from "./format";
import { captions } from "./fr.captions";
import { chat } from "./fr.chat";
import { encryption } from "./fr.encryption";
import { interpretation } from "./fr.interpretation";
import { minutes } from "./fr.minutes";
import { organiser } from "./fr.organiser";
import { papers } from "./fr.papers";
import { prepare } from "./fr.prepare";
import { procedure } from "./fr.procedure";
import { ledger } from "./fr.ledger";
import { record } from "./fr.record";
import { resultWords, ruleWords } from "./fr.results";
import { said } from "./fr.sentences";
import { verify } from "./fr.verify";
import { view } from "./fr.view";

const format = formatting("fr");

const roles: Record<Role, string> = {
  chair: "Présidence",
  secretary: "Secrétariat",
  delegate: "Délégué(e)",
  adviser: "Conseiller(ère)",
  briefer: "Intervenant(e)",
  invited: "Partie invitée",
  interpreter: "Interprète",
  observer: "Observateur(trice)",
  rapporteur: "Rapporteur",
  captioner: "Sous-titreur(euse)",
};

const problems: Record<ProblemKind, { title: string; text: string }> = {
  no_link: {
    title: "Ouvrez votre lien d’invitation",
    text: "L’accès à une réunion se fait par le lien personnel que son secrétariat vous a envoyé.",
  },
  incomplete_link: {
    title: "Ce lien est incomplet",
    text: "La partie qui suit le signe # manque. Ouvrez de nouveau le lien de votre invitation, ou copiez-le en entier.",
  },
  unknown_token: {
    title: "Ce lien est inconnu",
    text: "Vérifiez que vous l’avez copié en entier, ou demandez-en un autre au secrétariat de la réunion.",
  },
  expired: {
    title: "Cette invitation a expiré",
    text: "Demandez un nouveau lien au secrétariat de la réunion.",
  },
  revoked: {
    title: "Cette invitation a été retirée",
    text: "Si vous pensez qu’il s’agit d’une erreur, adressez-vous au secrétariat de la réunion.",
  },
  unknown_meeting: {
    title: "Cette réunion n’existe pas",
    text: "Elle est peut-être terminée et supprimée, ou le lien est erroné.",
  },
  denied: {
    title: "Votre admission a été refusée",
    text: "La présidence n’a pas accepté votre demande de participation.",
  },
  removed: {
    title: "Vous avez été exclu(e) de la réunion",
    text: "La présidence a mis fin à votre participation. Elle seule peut vous admettre de nouveau.",
  },
  replaced: {
    title: "Vous participez depuis un autre endroit",
    text: "Votre invitation est utilisée dans une autre fenêtre ou sur un autre appareil ; cette page a donc été fermée.",
  },
  meeting_deleted: {
    title: "La réunion est terminée",
    text: "Elle a été close et supprimée.",
  },
  protocol: {
    title: "Cette page et le serveur ne se comprennent pas",
    text: "Le serveur a peut-être été mis à jour. Rechargez la page.",
  },
  too_many: {
    title: "Trop de tentatives",
    text: "Trop de liens inconnus ont été essayés depuis cette adresse. Patientez un moment, puis réessayez.",
  },
  unreachable: {
    title: "Le serveur est injoignable",
    text: "Vérifiez votre réseau. Cette page réessaie d’elle-même.",
  },
  unsupported: {
    title: "Ce navigateur ne permet pas de participer",
    text: "WebRTC y fait défaut. Utilisez une version actuelle de Firefox, Chrome, Edge ou Safari.",
  },
  cannot_encrypt: {
    title: "Ce navigateur ne permet pas de participer à une réunion chiffrée",
    text: "Il ne peut pas sceller l’image et le son, ou n’y est pas autorisé dans cette fenêtre. Utilisez une version actuelle de Firefox, Chrome, Edge ou Safari, hors navigation privée.",
  },
  cannot_verify: {
    title: "Ce navigateur ne peut pas vérifier les signatures de la réunion",
    text: "L’organisateur a signé la liste des participants, et ce navigateur ne peut pas la vérifier (Ed25519). Utilisez une version actuelle de Firefox, Chrome, Edge ou Safari.",
  },
  no_keys: {
    title: "Ce lien est incomplet",
    text: "La réunion est chiffrée de bout en bout, et ni le lien ni ce navigateur ne détiennent votre clé. Ouvrez le lien complet de votre invitation, ou adressez-vous à l’organisateur.",
  },
  not_encrypted: {
    title: "Le serveur ne respecte pas l’invitation",
    text: "Votre invitation et le serveur ne s’accordent pas sur le chiffrement de cette réunion. L’entrée vous a été fermée ; prévenez l’organisateur.",
  },
  not_signed: {
    title: "Cette réunion n’est pas encore signée",
    text: "Son organisateur n’a pas encore signé la liste des participants. Réessayez quand ce sera fait.",
  },
  not_listed: {
    title: "Vous ne figurez pas sur la liste signée des participants",
    text: "La clé de votre lien ne figure pas, ou plus, sur la liste signée par l’organisateur. Demandez-lui un nouveau lien.",
  },
  bad_list: {
    title: "La liste des participants n’est pas valable",
    text: "Elle n’émane pas de l’organisateur de votre invitation.",
  },
  refused: {
    title: "Le serveur a refusé",
    text: "Il ne vous a pas laissé participer.",
  },
};

const microphoneNotes: Record<DeviceNote, string> = {
  blocked: "Le microphone est bloqué. Autorisez-le dans la barre d’adresse ou dans les réglages du système.",
  missing: "Aucun microphone trouvé.",
  busy: "Le microphone est utilisé par un autre programme. Fermez ce programme, puis réactivez le microphone.",
  failed: "Le microphone n’a pas pu démarrer. Choisissez-en un autre.",
  insecure: "Le microphone exige une connexion sécurisée (https).",
};

const cameraNotes: Record<DeviceNote, string> = {
  blocked: "La caméra est bloquée. Autorisez-la dans la barre d’adresse ou dans les réglages du système.",
  missing: "Aucune caméra trouvée.",
  busy: "La caméra est utilisée par un autre programme. Fermez ce programme, puis réactivez la caméra.",
  failed: "La caméra n’a pas pu démarrer. Choisissez-en une autre.",
  insecure: "La caméra exige une connexion sécurisée (https).",
};

const kinds: Record<Kind, string> = {
  microphone: "Microphone",
  camera: "Caméra",
  screen: "Écran",
  screen_sound: "Son de l’écran",
};

/** How a client reaches the server (RFC 8445): which sort of address, ours and theirs. */
const candidates: Record<string, string> = {
  host: "directement",
  srflx: "à travers un NAT",
  prflx: "à travers un NAT",
  relay: "par un relais",
};

const UNKNOWN = "–";

function bitRate(kbps: number | undefined): string {
  if (kbps === undefined) return UNKNOWN;
  return kbps < 1_000 ? `${Math.round(kbps)}\u00a0kbit/s` : `${format.tenth(kbps / 1_000)}\u00a0Mbit/s`;
}

function percent(n: number | undefined): string {
  return n === undefined ? UNKNOWN : `${format.tenth(n)}\u202f%`;
}

function pictures(n: number, one: string, other: string): string {
  return n === 1 ? `une image ${one}` : `${n} images ${other}`;
}

function finding(f: Finding): string {
  switch (f.what) {
    case "paused":
      return `Votre ligne porte ${bitRate(f.kbps)} ; pour cette raison, ${pictures(f.n, "n’est pas transmise", "ne sont pas transmises")}.`;
    case "smaller":
      if (f.kbps !== undefined)
        return `Votre ligne porte ${bitRate(f.kbps)} ; pour cette raison, ${pictures(f.n, "est réduite", "sont réduites")}.`;
      return f.n === 1
        ? "Une image est plus petite que son affichage."
        : `${f.n} images sont plus petites que leur affichage.`;
    case "lossDown":
      return `${percent(f.percent)} de ce qui vous est envoyé se perd en route.`;
    case "lossUp":
      return `${percent(f.percent)} de ce que vous envoyez se perd en route.`;
    case "slow":
      return `Vos paroles mettent du temps à arriver, et la réponse aussi : ${Math.round(f.ms)}\u00a0ms en tout.`;
    case "tcp":
      return "Votre réseau ne laisse passer l’image et le son que par TCP : des interruptions sont possibles.";
    case "good":
      return "Votre ligne est bonne." + (f.kbps === undefined ? "" : ` Elle porte ${bitRate(f.kbps)}.`);
  }
}

/** To who waits outside: for the meeting or, where that is open, for the item that they come for. */
function waiting(session: SessionState | undefined): { title: string; text: string } {
  const when = "Vous entrerez lorsque la présidence abordera le point qui vous concerne. Laissez cette page ouverte.";
  switch (session) {
    case "open":
      return { title: "En attente de votre point", text: `La réunion est en séance. ${when}` };
    case "suspended":
      return { title: "En attente de votre point", text: `La séance est suspendue. ${when}` };
    default: // not yet, or not any more
      return {
        title: "La réunion n’est pas ouverte",
        text: "Vous entrerez dès que la présidence l’ouvrira. Laissez cette page ouverte.",
      };
  }
}

function atTheLatest(until: number | undefined): string {
  return until === undefined ? "" : ` (au plus tard : ${format.soon(until)})`;
}

const fr: Texts = {
  ...procedure,
  ...interpretation,
  product: "Parley",
  clock: format.clock,
  pageLanguage: "Langue de la page",
  pageLanguageName,
  role: (role) => roles[role],

  plate: (p) => (p.seat_name ? `${p.name} (${p.seat_name})` : p.name),
  office: (p) => (p.seat_name ? `${p.seat_name} · ${roles[p.role]}` : roles[p.role]),
  you: "vous",

  problem: (kind) => problems[kind],
  tryAgain: "Réessayer",
  useHere: "Utiliser ici",
  tryingAgain: (seconds) => `Prochaine tentative dans ${seconds}\u00a0s`,

  loading: "Ouverture de la réunion…",
  youJoinAs: "Vous participez en tant que",
  yourName: "Votre nom",
  yourNameHint: "Visible de toutes les personnes présentes",
  nameNeeded: "Indiquez votre nom pour participer.",
  nameTooLong: "Ce nom est trop long.",
  listenOnly: "Vous verrez et entendrez la réunion. L’observation se fait sans image ni son de votre part.",
  camera: "Caméra",
  microphone: "Microphone",
  speaker: "Haut-parleur",
  systemChoice: "Choix du système",
  cameraIsOff: "Votre caméra est éteinte",
  askingPermission: "Votre navigateur demande si cette page peut utiliser votre caméra et votre microphone.",
  microphoneLevel: "Niveau du microphone",
  microphoneSilent: "Aucun son ne vient de ce microphone. Dites quelque chose, ou choisissez-en un autre.",
  microphoneIsOff: "Microphone coupé",
  join: "Participer",
  joining: "Connexion…",
  cancel: "Annuler",
  notInSession: "La séance n’est pas encore ouverte.",
  opensWithYou: "La séance s’ouvre à votre arrivée.",
  floorChaired: "La présidence donne la parole.",
  floorOpen: "La parole est libre.",
  deviceNote: (kind, note) => (kind === "camera" ? cameraNotes : microphoneNotes)[note],
  joinWithout: (kind) =>
    kind === "camera" ? "Vous pouvez participer sans elle." : "Vous pouvez participer et écouter sans lui.",
  deviceGone: (kind) =>
    kind === "camera" ? "Votre caméra a été débranchée." : "Votre microphone a été débranché.",
  deviceUnnamed: (n) => `Appareil ${n}`,

  waiting,
  lobbyTitle: "Demande d’admission",
  lobbyText: "La présidence est informée de votre présence et vous fera entrer.",
  reconnecting: "Connexion perdue. Reconnexion…",
  restored: "Connexion rétablie.",
  updated: "Le serveur a été mis à jour. Cette page sera rechargée quand vous quitterez la réunion ; rien ne se perd d’ici là.",
  records: {
    late: "Le disque du serveur est lent : vos actes sont enregistrés avec retard. L’image et le son n’en souffrent pas.",
    refused: "Rien ne peut être enregistré pour le moment : le disque du serveur n’accepte rien. Votes, parole et ordre du jour attendent, et personne d’autre ne peut entrer. L’image et le son continuent. Prévenez la personne qui gère le serveur.",
    kept: "Vos actes sont de nouveau enregistrés.",
  },
  maintenance: {
    title: "Maintenance du serveur",
    shut: (until) =>
      `Le serveur va être arrêté pour maintenance${atTheLatest(until)}. Aucune réunion ne commence d’ici là. Vous entrerez ensuite sans rien faire : laissez cette page ouverte.`,
    notice: (until) =>
      `Le serveur sera arrêté pour maintenance lorsque plus personne ne sera en réunion${atTheLatest(until)}. D’ici là, cette réunion se poursuit.`,
    off: "La maintenance du serveur est annulée.",
  },
  connectionLost: "Connexion perdue.",
  mediaLost: "L’image et le son ont été interrompus. Rétablissement…",
  mediaHopeless:
    "L’image et le son ne parviennent pas au serveur. Ce réseau semble bloquer UDP et TCP ; adressez-vous à son administrateur.",
  clickToHear: "Cliquez pour entendre la réunion",
  clickToHearText: "Votre navigateur ne restitue le son qu’après un clic.",

  meetingTools: "Commandes de la réunion",
  tiles: "Participants à la réunion",
  micOn: "Activer le microphone",
  micOff: "Couper le microphone",
  cameraOn: "Allumer la caméra",
  cameraOff: "Éteindre la caméra",
  chooseMicrophone: "Choisir le microphone et le haut-parleur",
  chooseCamera: "Choisir la caméra",
  share: "Partager votre écran",
  shareStop: "Cesser le partage",
  shareShort: "Partager",
  shareStopShort: "Cesser",
  handShort: "Demander",
  raiseHand: "Demander la parole",
  lowerHand: "Retirer votre demande de parole",
  people: "Présents",
  peopleNumber: (here, asking) =>
    asking === 0
      ? `Présents : ${here}`
      : `Présents : ${here} ; ${format.count(asking, "demande", "demandes")} d’admission`,
  chat: "Messages",
  chatUnread: (n) => (n === 0 ? "Messages" : `Messages, ${format.count(n, "non lu", "non lus")}`),
  more: "Plus",
  leave: "Quitter",
  close: "Fermer",
  withKey: (label, key) => `${label} (${key})`,
  help: "Aide",
  helpHint: "Une page pour votre rôle (en anglais), dans une autre fenêtre",
  fullScreen: "Plein écran",
  fullScreenEnd: "Quitter le plein écran",

  connection: "Connexion",
  connectionHint: "Aller-retour, pertes, ce qui est envoyé et reçu",
  connectionNone: "Il n’y a pas de connexion pour l’image et le son en ce moment.",
  connectionSent: "Vous envoyez",
  connectionReceived: "Vous recevez",
  connectionSound: "Son de l’ensemble",
  columnStream: "Flux",
  columnPicture: "Image",
  columnRate: "Débit",
  columnLoss: "Pertes",
  path: "Chemin",
  pathText: (path) =>
    path
      ? [candidates[path.types[0] ?? ""] ?? path.types[0], path.protocol.toUpperCase(), path.family]
          .filter((part) => part !== undefined)
          .join(", ") + ` (${path.types.join(" – ")})`
      : UNKNOWN,
  roundTrip: "Aller-retour",
  lossUp: "Pertes à l’envoi",
  lossDown: "Pertes à la réception",
  rateUp: "Débit à l’envoi",
  rateDown: "Débit à la réception",
  estimateUp: "Capacité d’envoi (estimation)",
  milliseconds: (ms) => (ms === undefined ? UNKNOWN : `${Math.round(ms)}\u00a0ms`),
  unknown: UNKNOWN,
  percent,
  bitRate,
  finding,
  serverSees: "Vu du serveur",
  serverAddress: "Votre adresse",
  serverEstimate: "Capacité de réception (estimation)",
  serverEstimateText: (kbps) => (kbps === undefined ? "sans limite" : bitRate(kbps)),
  serverWanted: "Débit nécessaire à toutes les images affichées",
  serverPictures: "Images transmises",
  serverPicturesText: (sent, all) => `${sent} sur ${all}`,
  made: (height) => `réduite à ${height} lignes`,
  sentName: ({ kind, media, rid }) =>
    (kind ? kinds[kind] : media) + (rid === undefined ? "" : ` (couche ${rid})`),
  pictureSize: (p) => {
    if (p.width === undefined || p.height === undefined) return UNKNOWN;
    const size = `${p.width} × ${p.height}`;
    return p.fps === undefined ? size : `${size}, ${Math.round(p.fps)}/s`;
  },

  youShare: "Vous partagez votre écran",
  youShareText: "Toutes les personnes présentes le voient.",
  youShareSoundText: "Toutes les personnes présentes le voient et l’entendent.",
  sharedAs: "Ce qui importe",
  sharedText: "Texte net",
  sharedMotion: "Mouvement fluide",
  screenOf: (name) => `Écran de ${name}`,
  nobodyElse: "Vous êtes pour l’instant la seule personne présente",
  nobodyElseText: "Les autres apparaîtront ici à leur arrivée.",
  previousPage: "Page précédente",
  nextPage: "Page suivante",
  pageOf: (page, pages) => `Page ${page} sur ${pages}`,
  muted: "Microphone coupé",
  speaking: "parle",
  handRaised: "Demande la parole",
  hasFloor: "A la parole",

  floorIsOpen: "Parole libre",
  floorNobody: "Parole : à la présidence",
  floorWith: (name) => `Parole : ${name}`,
  floorYours: "Vous avez la parole.",
  floorYoursShort: "Vous avez la parole",
  floorYoursNoMore: "Vous n’avez plus la parole.",
  floorNeededShort: "Sans parole",
  floorNeeded: "On vous entendra quand la présidence vous donnera la parole.",

  admit: "Admettre",
  deny: "Refuser",
  admitAll: "Admettre tous",
  waitingToJoin: (n) => `Demandes d’admission (${n})`,
  inTheMeeting: (n) => `Dans la réunion (${n})`,
  actionsFor: (name) => `Actions pour ${name}`,
  mute: "Couper le microphone",
  remove: "Exclure…",
  removeTitle: (name) => `Exclure ${name} ?`,
  removeText: "Cette personne quitte la réunion aussitôt, et ne peut y revenir que si la présidence l’admet.",
  removeYes: "Exclure",
  giveFloor: "Donner la parole",
  takeFloor: "Reprendre la parole",

  mutedByChair: "La présidence a coupé votre microphone.",
  asksToJoin: (name) => `${name} demande à entrer`,
  joined: (name) => `${name} est en ligne.`,
  leftRoom: (name) => `${name} a quitté la réunion.`,
  speaks: (name) => `${name} parle.`,
  floorOf: (name) => `${name} a la parole.`,

  said,
  ruleWords,
  resultWords,

  captions,
  written: chat,
  encryption,
  organiser,
  ledger,
  record,
  verify,
  view,
  papers,
  minutes,
  prepare,
  notSent: "Non envoyé : il n’y a pas de connexion.",
  tooLongBy: (bytes) => `Trop long de ${format.count(bytes, "octet", "octets")}.`,

  leftTitle: "Vous avez quitté la réunion",
  leftText: "Votre caméra et votre microphone sont éteints.",
  rejoin: "Revenir",
};

export default fr;
