// Texts of how the room is seen and heard, in French.
import type { Background, DeviceKind, Noise } from "../lib/devices.svelte";
import type { Layout, SeatOrder } from "../lib/seating";
import type { Action } from "../lib/shortcuts.svelte";
import type { Theme } from "../lib/theme.svelte";
import type { view as shape } from "./en.view";
import type { Said } from "./said";

const layouts: Record<Layout, { label: string; hint: string }> = {
  floor: { label: "Qui a la parole", hint: "en grand, les autres à côté" },
  people: { label: "Tous à égalité", hint: "une image par personne" },
  council: { label: "Conseil", hint: "une place par siège, absents compris" },
};

const orders: Record<SeatOrder, string> = {
  list: "Sièges dans l’ordre du protocole",
  name: "Sièges par nom",
};

const actions: Record<Action, string> = {
  microphone: "Activer ou couper le microphone",
  camera: "Allumer ou éteindre la caméra",
  hand: "Demander la parole, ou y renoncer",
  meeting: "Panneau de la réunion",
  chat: "Messages",
  people: "Présents",
  layout: "Autre disposition",
};

const themes: Record<Theme, string> = {
  system: "comme le système",
  light: "clair",
  dark: "sombre",
};

const backgrounds: Record<Background, string> = {
  none: "Tel quel",
  blurred: "Flou",
  plain: "Uni",
};

const noises: Record<Noise, string> = {
  browser: "Celle du navigateur",
  strong: "Forte",
  off: "Aucune",
};

export const view: Said<typeof shape> = {
  title: "Disposition",
  layouts,
  orders,
  now: (layout) => `Disposition : ${layouts[layout].label}`,
  pin: (name) => `Garder en grand : ${name}`,
  unpin: (name) => `Ne plus garder en grand : ${name}`,
  absent: "absent",
  pasteLink: "Ou collez ici votre lien",
  pasteOpen: "Ouvrir",
  pasteWrong: "Ce n’est pas le lien d’une réunion de ce serveur. Copiez-le en entier, de https à la fin.",
  float: "Image par-dessus les autres fenêtres",
  floatEnd: "Remettre l’image dans la page",
  theme: "Clair ou sombre",
  themes,
  sounds: "Sons",
  soundsHint: "quand quelqu’un arrive, et quand on a besoin de vous",
  background: "Arrière-plan",
  backgrounds,
  preparing: "L’arrière-plan se prépare…",
  roomAsItIs: "Montrer la pièce telle quelle",
  noise: "Réduction du bruit",
  noises,
  effectNote: (kind: DeviceKind, state: "slow" | "failed") => {
    if (kind === "microphone")
      return "La réduction forte du bruit ne fonctionne pas ici ; celle du navigateur la remplace.";
    return state === "slow"
      ? "Cet appareil est trop lent pour changer l’arrière-plan sans à-coups. Vous pouvez montrer la pièce telle quelle."
      : "L’arrière-plan ne peut pas être changé ici : votre caméra ne montre donc rien. Vous pouvez montrer la pièce telle quelle.";
  },
  youAreMuted: "Vous parlez, mais votre microphone est coupé.",
  actions,
  keysTitle: "Raccourcis clavier",
  keysText:
    "Une seule touche chacun, tant que vous n’écrivez pas. Choisissez un champ et appuyez sur une autre touche. La barre d’espace, maintenue, ouvre le microphone pendant que vous parlez.",
  keysOn: "Utiliser les raccourcis clavier",
  keyOf: (action) => `Touche pour : ${action}`,
  keysBack: "Comme à l’origine",
  keyTaken: (key, action) => `${key.toUpperCase()} servait jusqu’ici à « ${action} » ; les deux ont été échangées.`,
  keyUnfit: "Seuls une lettre ou un chiffre peuvent servir de raccourci.",
};
