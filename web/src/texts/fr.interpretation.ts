// The texts of interpretation, in French.
import type { interpretation as shape } from "./en.interpretation";
import { formatting } from "./format";
import type { Said } from "./said";

const { languageName } = formatting("fr");

export const interpretation: Said<typeof shape> = {
  languageName,
  interpretation: "Interprétation",
  interpretationShort: "Langue",
  interpretationTip: (language) =>
    language === undefined
      ? "Interprétation : vous entendez l’original"
      : `Interprétation : ${languageName(language)}`,
  interpretationIdle: (language) =>
    `Personne n’interprète en ce moment (${languageName(language)}) : vous entendez l’original.`,
  channelFloor: "Original",
  channelFloorHint: "Ce qui est dit, comme c’est dit",
  channelSpoken: (name) => `${name} interprète`,
  channelSilent: "Personne n’interprète en ce moment",
  original: "L’original à côté",
  originalPercent: (loudness) => `${Math.round(loudness * 100)}\u202f%`,

  booth: "Cabine d’interprétation",
  boothOf: (language) => `Cabine : ${languageName(language)}`,
  boothNone: "Aucun canal de cette réunion ne vous est attribué.",
  boothIncoming: "Vous entendez",
  boothFloor: "L’original",
  boothRelay: (language, spoken) =>
    `Relais : ${languageName(language)}` + (spoken ? "" : " (personne ne parle)"),
  boothNobody: "Personne ne parle",
  boothOnAir: "À l’antenne",
  boothFree: "Le microphone est libre",
  boothWith: (name) => `${name} a le microphone`,
  boothSilenced: "Votre microphone est coupé",
  boothTake: "Activer le microphone",
  boothTakeFrom: (name) => `Prendre le relais de ${name}`,
  boothLetGo: "Couper le microphone",
  cough: "Toux",
  coughTip: (key) =>
    "Maintenir pour se taire un instant" + (key === undefined ? "" : ` (maintenir ${key})`),
  askRelief: "Demander la relève",
  askedRelief: "Vous demandez la relève",
  offerRelief: "Proposer la relève",
  offeredRelief: "Vous proposez la relève",
  boothmates: "Dans votre cabine",
  boothAlone: "Vous êtes seul(e) dans la cabine.",
  boothmate: (p, onAir) => {
    if (p.booth && p.booth_offered) return `${p.name} demande la relève`;
    if (p.booth_offered) return `${p.name} propose la relève`;
    if (onAir) return `${p.name} est à l’antenne`;
    return p.booth ? `${p.name} a le microphone, coupé` : `${p.name} est à disposition`;
  },
};
