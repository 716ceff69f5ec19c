// The texts of captions, in French.
import type { captions as shape } from "./en.captions";
import { formatting } from "./format";
import type { Said } from "./said";

const { languageName } = formatting("fr");

export const captions: Said<typeof shape> = {
  title: "Sous-titres",
  short: "Sous-titres",
  on: "Afficher les sous-titres",
  off: "Masquer les sous-titres",
  channel: (language) => `En ${languageName(language)}`,
  channelHint: "saisis par une personne",
  automatic: "Automatiques",
  automaticHint: (language) => `produits par ce navigateur, sur cet appareil, en ${languageName(language)} ; peuvent être erronés`,
  sizes: { small: "Petits caractères", medium: "Caractères moyens", large: "Grands caractères" },
  area: (language) => `Sous-titres en ${languageName(language)}`,
  areaAutomatic: "Sous-titres automatiques, produits sur cet appareil",
  wait: "Les sous-titres apparaissent ici à mesure qu’ils sont saisis.",
  waitAutomatic: "Ce navigateur écoute ; ce qu’il comprend apparaît ici, et peut être erroné.",
  none: "Personne ne saisit de sous-titres dans cette réunion, et ce navigateur n’en produit pas sur cet appareil.",
  failed: "Ce navigateur ne peut finalement pas produire de sous-titres sur cet appareil.",

  desk: (language) => `Vous sous-titrez en ${languageName(language)}`,
  deskNone: "Aucune langue ne vous est attribuée.",
  field: "Ligne de sous-titre",
  fieldHint: "Toute la salle lit ce que vous saisissez. Entrée termine la ligne ; la flèche vers le haut rappelle la dernière.",
  mendField: "Corriger la dernière ligne",
  mendHint: "Entrée la renvoie ; Échap la laisse telle quelle ; vide, elle est retirée.",
  mend: "Corriger la dernière ligne",
  send: "Envoyer",
  notSent: "La ligne n’a pas été envoyée : il n’y a pas de connexion en ce moment. Elle reste ici.",
  tooLong: "La ligne est pleine : Entrée l’envoie.",
  sent: "Vos lignes",
};
