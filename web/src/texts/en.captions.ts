// The texts of captions, in English.
import type { CaptionSize } from "../lib/captions.svelte";
import { formatting } from "./format";

const { languageName } = formatting("en-GB");

const sizes: Record<CaptionSize, string> = { small: "Small letters", medium: "Medium letters", large: "Large letters" };

export const captions = {
  title: "Captions",
  short: "Captions",
  on: "Show captions",
  off: "Hide captions",
  channel: (language: string) => `In ${languageName(language)}`,
  channelHint: "typed by a captioner",
  automatic: "Automatic",
  automaticHint: (language: string) => `made by this browser, on this device, in ${languageName(language)}; may be wrong`,
  sizes,
  area: (language: string) => `Captions in ${languageName(language)}`,
  areaAutomatic: "Automatic captions, made on this device",
  wait: "Captions come here as they are typed.",
  waitAutomatic: "This browser listens; what it makes out comes here. It may be wrong.",
  none: "Nobody types captions in this meeting, and this browser makes none on this device.",
  failed: "This browser cannot make captions on this device after all.",

  desk: (language: string) => `You caption in ${languageName(language)}`,
  deskNone: "No language is assigned to you.",
  field: "Caption line",
  fieldHint: "Everybody in the room reads along as you type. Enter ends the line; the up arrow brings the last one back.",
  mendField: "Mend the last line",
  mendHint: "Enter sends it again; Escape leaves it as it was; empty, it is taken back.",
  mend: "Mend last line",
  send: "Send",
  notSent: "The line was not sent: there is no connection just now. It stays here.",
  tooLong: "The line is full: Enter sends it.",
  sent: "Your lines",
};
