// The texts of interpretation, in English.
import type { Participant } from "../gen/protocol";
import { formatting } from "./format";

const { languageName } = formatting("en-GB");

export const interpretation = {
  languageName,
  interpretation: "Interpretation",
  interpretationShort: "Language",
  interpretationTip: (language: string | undefined) =>
    language === undefined ? "Interpretation: you hear the floor" : `Interpretation: ${languageName(language)}`,
  interpretationIdle: (language: string) =>
    `Nobody interprets into ${languageName(language)} just now: you hear the floor.`,
  channelFloor: "Floor",
  channelFloorHint: "What is said, as it is said",
  channelSpoken: (name: string) => `${name} interprets`,
  channelSilent: "Nobody interprets just now",
  original: "Original beside it",
  originalPercent: (loudness: number) => `${Math.round(loudness * 100)} %`,

  booth: "Interpreter's booth",
  boothOf: (language: string) => `Booth: ${languageName(language)}`,
  boothNone: "No channel of this meeting is assigned to you.",
  boothIncoming: "You hear",
  boothFloor: "The floor",
  boothRelay: (language: string, spoken: boolean) =>
    `Relay: ${languageName(language)}` + (spoken ? "" : " (nobody speaks)"),
  boothNobody: "Nobody speaks",
  boothOnAir: "On air",
  boothFree: "The microphone is free",
  boothWith: (name: string) => `${name} has the microphone`,
  boothSilenced: "Your microphone is off",
  boothTake: "Switch microphone on",
  boothTakeFrom: (name: string) => `Take over from ${name}`,
  boothLetGo: "Switch microphone off",
  cough: "Cough",
  coughTip: (key: string | undefined) =>
    "Hold to be silent for a moment" + (key === undefined ? "" : ` (hold ${key})`),
  askRelief: "Ask to be relieved",
  askedRelief: "You ask to be relieved",
  offerRelief: "Offer to take over",
  offeredRelief: "You offer to take over",
  boothmates: "In your booth",
  boothAlone: "You are alone in the booth.",
  boothmate: (p: Pick<Participant, "name" | "booth" | "booth_offered">, onAir: boolean) => {
    if (p.booth && p.booth_offered) return `${p.name} asks you to take over`;
    if (p.booth_offered) return `${p.name} offers to take over`;
    if (onAir) return `${p.name} is on air`;
    return p.booth ? `${p.name} has the microphone, switched off` : `${p.name} is ready`;
  },
};
