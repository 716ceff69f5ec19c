// Every text that people read, in English. Another language is another file of the same shape.
import type { Kind, Participant, Role, SessionState } from "../gen/protocol";
import type { ProblemKind } from "../lib/api";
import type { DeviceKind, DeviceNote } from "../lib/devices.svelte";
import type { Finding } from "../lib/line";
import type { Path, SentLine } from "../lib/stats";
import { captions } from "./en.captions";
import { chat } from "./en.chat";
import { encryption } from "./en.encryption";
import { interpretation } from "./en.interpretation";
import { minutes } from "./en.minutes";
import { papers } from "./en.papers";
import { organiser } from "./en.organiser";
import { prepare } from "./en.prepare";
import { procedure } from "./en.procedure";
import { ledger } from "./en.ledger";
import { record } from "./en.record";
import { verify } from "./en.verify";
import { view } from "./en.view";
import { formatting, pageLanguageName } from "./format";

const format = formatting("en-GB");

interface ProblemText {
  title: string;
  text: string;
}

const roles: Record<Role, string> = {
  chair: "Chair",
  secretary: "Secretary",
  delegate: "Delegate",
  adviser: "Adviser",
  briefer: "Briefer",
  invited: "Invited party",
  interpreter: "Interpreter",
  observer: "Observer",
  rapporteur: "Rapporteur",
  captioner: "Captioner",
};

const problems: Record<ProblemKind, ProblemText> = {
  no_link: {
    title: "Open your invitation link",
    text: "You enter a meeting with the personal link that its secretary sent you.",
  },
  incomplete_link: {
    title: "This link is not complete",
    text: "The part after the # is missing. Open the link from your invitation again, or copy all of it.",
  },
  unknown_token: {
    title: "This link is not known",
    text: "Check that you copied all of it, or ask the secretary of the meeting for a new one.",
  },
  expired: {
    title: "This invitation has expired",
    text: "Ask the secretary of the meeting for a new link.",
  },
  revoked: {
    title: "This invitation was withdrawn",
    text: "Ask the secretary of the meeting if you think that this is a mistake.",
  },
  unknown_meeting: {
    title: "There is no such meeting",
    text: "It may be over and deleted, or the link may be wrong.",
  },
  denied: {
    title: "You were not admitted",
    text: "The chair declined your request to join.",
  },
  removed: {
    title: "You were removed from the meeting",
    text: "The chair ended your participation. Only the chair can let you in again.",
  },
  replaced: {
    title: "You joined from somewhere else",
    text: "Your invitation is in use in another window or on another device, so this one was closed.",
  },
  meeting_deleted: {
    title: "The meeting is over",
    text: "It was closed and deleted.",
  },
  protocol: {
    title: "This page and the server do not understand each other",
    text: "The server may have been updated. Load the page again.",
  },
  too_many: {
    title: "Too many attempts",
    text: "This address tried too many links that are not known. Wait a moment, then try again.",
  },
  unreachable: {
    title: "The server cannot be reached",
    text: "Check your network. This page goes on trying by itself.",
  },
  unsupported: {
    title: "This browser cannot join",
    text: "It lacks WebRTC. Use a current Firefox, Chrome, Edge or Safari.",
  },
  cannot_encrypt: {
    title: "This browser cannot join an encrypted meeting",
    text: "It cannot seal picture and sound, or may not in this window. Use a current Firefox, Chrome, Edge or Safari, outside private browsing.",
  },
  cannot_verify: {
    title: "This browser cannot check the signatures of the meeting",
    text: "The organiser signed who may take part, and this browser cannot verify that (Ed25519). Use a current Firefox, Chrome, Edge or Safari.",
  },
  no_keys: {
    title: "This link is not complete",
    text: "The meeting is encrypted end to end, and neither the link nor this browser has your key. Open the whole link of your invitation, or ask the organiser.",
  },
  not_encrypted: {
    title: "The server does not keep to the invitation",
    text: "Your invitation and the server differ in whether this meeting is encrypted. You were not let in; tell the organiser.",
  },
  not_signed: {
    title: "This meeting is not signed yet",
    text: "Its organiser has not signed yet who may take part. Try again when they have.",
  },
  not_listed: {
    title: "You are not on the signed list of participants",
    text: "The key of your link is not, or no longer, on the list that the organiser signed. Ask the organiser for a new link.",
  },
  bad_list: {
    title: "The list of participants does not hold",
    text: "It does not come from the organiser of your invitation.",
  },
  refused: {
    title: "The server refused",
    text: "It did not let you join.",
  },
};

const microphoneNotes: Record<DeviceNote, string> = {
  blocked: "The microphone is blocked. Allow it in the address bar or in the system's settings.",
  missing: "No microphone found.",
  busy: "The microphone is in use by another program. Close that, then switch it on again.",
  failed: "The microphone could not be started. Choose another one.",
  insecure: "The microphone needs a secure connection (https).",
};

const cameraNotes: Record<DeviceNote, string> = {
  blocked: "The camera is blocked. Allow it in the address bar or in the system's settings.",
  missing: "No camera found.",
  busy: "The camera is in use by another program. Close that, then switch it on again.",
  failed: "The camera could not be started. Choose another one.",
  insecure: "The camera needs a secure connection (https).",
};

const kinds: Record<Kind, string> = {
  microphone: "Microphone",
  camera: "Camera",
  screen: "Screen",
  screen_sound: "Screen's sound",
};

/** How a client reaches the server (RFC 8445): which sort of address, ours and theirs. */
const candidates: Record<string, string> = {
  host: "direct",
  srflx: "through NAT",
  prflx: "through NAT",
  relay: "through a relay",
};

const UNKNOWN = "–";

function bitRate(kbps: number | undefined): string {
  if (kbps === undefined) return UNKNOWN;
  return kbps < 1_000 ? `${Math.round(kbps)}\u00a0kbit/s` : `${format.tenth(kbps / 1_000)}\u00a0Mbit/s`;
}

function percent(n: number | undefined): string {
  return n === undefined ? UNKNOWN : `${format.tenth(n)}\u00a0%`;
}

function pictures(n: number): string {
  return n === 1 ? "one picture is" : `${n} pictures are`;
}

function finding(f: Finding): string {
  switch (f.what) {
    case "paused":
      return `Your line carries ${bitRate(f.kbps)}; ${pictures(f.n)} not sent for it.`;
    case "smaller":
      if (f.kbps !== undefined) return `Your line carries ${bitRate(f.kbps)}; ${pictures(f.n)} smaller for it.`;
      return f.n === 1 ? "One picture is smaller than it is shown." : `${f.n} pictures are smaller than they are shown.`;
    case "lossDown":
      return `${percent(f.percent)} of what is sent to you is lost on the way.`;
    case "lossUp":
      return `${percent(f.percent)} of what you send is lost on the way.`;
    case "slow":
      return `What you say takes long to arrive, and the answer too: ${Math.round(f.ms)}\u00a0ms together.`;
    case "tcp":
      return "Your network lets picture and sound through by TCP alone: they may stall.";
    case "good":
      return "Your line is good." + (f.kbps === undefined ? "" : ` It carries ${bitRate(f.kbps)}.`);
  }
}

/** To who waits outside: for the meeting or, where that is open, for the item that they come for. */
function waiting(session: SessionState | undefined): { title: string; text: string } {
  const when = "when the chair takes up the item that you are here for. Leave this page as it is.";
  switch (session) {
    case "open":
      return { title: "Waiting for your item", text: `The meeting is in session. You come in ${when}` };
    case "suspended":
      return { title: "Waiting for your item", text: `The meeting is suspended. You come in ${when}` };
    default: // not yet, or not any more
      return {
        title: "The meeting is not open",
        text: "You will be let in as soon as the chair opens it. Leave this page as it is.",
      };
  }
}

function atTheLatest(until: number | undefined): string {
  return until === undefined ? "" : ` (${format.soon(until)} at the latest)`;
}

export const en = {
  ...procedure,
  ...interpretation,
  product: "Parley",
  clock: format.clock,
  pageLanguage: "Language of the page",
  /** In that language itself. */
  pageLanguageName,
  role: (role: Role) => roles[role],

  /** How a person is named: "A. Name (Norway)". */
  plate: (p: Pick<Participant, "name" | "seat_name">) =>
    p.seat_name ? `${p.name} (${p.seat_name})` : p.name,
  /** Under the name. */
  office: (p: Pick<Participant, "role" | "seat_name">) =>
    p.seat_name ? `${p.seat_name} · ${roles[p.role]}` : roles[p.role],
  you: "you",

  problem: (kind: ProblemKind) => problems[kind],
  tryAgain: "Try again",
  useHere: "Use it here",
  tryingAgain: (seconds: number) => `Next attempt in ${seconds} s`,

  loading: "Opening the meeting…",
  youJoinAs: "You join as",
  yourName: "Your name",
  yourNameHint: "Shown to everybody in the meeting",
  nameNeeded: "Enter your name to join.",
  nameTooLong: "This name is too long.",
  listenOnly: "You will see and hear the meeting. Observers send no picture or sound.",
  camera: "Camera",
  microphone: "Microphone",
  speaker: "Speaker",
  systemChoice: "System default",
  cameraIsOff: "Your camera is off",
  askingPermission: "Your browser asks whether this page may use your camera and microphone.",
  microphoneLevel: "Microphone level",
  microphoneSilent: "No sound from this microphone. Say something, or choose another one.",
  microphoneIsOff: "Microphone off",
  join: "Join",
  joining: "Joining…",
  cancel: "Cancel",
  notInSession: "The meeting is not yet open.",
  opensWithYou: "The meeting opens when you join.",
  floorChaired: "The chair gives the floor.",
  floorOpen: "The floor is open to all.",
  deviceNote: (kind: DeviceKind, note: DeviceNote) =>
    (kind === "camera" ? cameraNotes : microphoneNotes)[note],
  joinWithout: (kind: DeviceKind) =>
    kind === "camera" ? "You can join without it." : "You can join and listen without it.",
  deviceGone: (kind: DeviceKind) =>
    kind === "camera" ? "Your camera was disconnected." : "Your microphone was disconnected.",
  deviceUnnamed: (n: number) => `Device ${n}`,

  waiting,
  lobbyTitle: "Asking to join",
  lobbyText: "The chair has been told that you are here, and will let you in.",
  reconnecting: "Connection lost. Reconnecting…",
  restored: "Connection restored.",
  updated: "The server was updated. This page is loaded anew once you leave the meeting; nothing is lost until then.",
  /** Whether acts come on record: the server's disk is slow, takes nothing, is as it should be again. */
  records: {
    late: "The server's disk is slow: what you do is recorded late. Picture and sound are not affected.",
    refused: "Nothing can be recorded now: the server's disk takes nothing. Votes, floor and agenda wait until it does, and nobody new can come in. Picture and sound go on. Tell whoever runs the server.",
    kept: "What you do is recorded again.",
  },
  maintenance: {
    title: "Maintenance of the server",
    /** To who wants into a meeting that is not under way. */
    shut: (until: number | undefined) =>
      `The server is about to be stopped for maintenance${atTheLatest(until)}. No meeting begins before that. You come in by yourself once it is over: leave this page as it is.`,
    /** To who presides over one that is. */
    notice: (until: number | undefined) =>
      `The server will be stopped for maintenance once nobody is in a meeting any more${atTheLatest(until)}. Until then this meeting goes on.`,
    off: "The maintenance of the server was called off.",
  },
  connectionLost: "Connection lost.",
  mediaLost: "Picture and sound were interrupted. Restoring them…",
  mediaHopeless:
    "Picture and sound cannot reach the server. This network seems to block both UDP and TCP; ask its administrator.",
  clickToHear: "Click to hear the meeting",
  clickToHearText: "Your browser plays sound only after a click.",

  meetingTools: "Meeting controls",
  tiles: "People in the meeting",
  micOn: "Switch microphone on",
  micOff: "Switch microphone off",
  cameraOn: "Switch camera on",
  cameraOff: "Switch camera off",
  chooseMicrophone: "Choose microphone and speaker",
  chooseCamera: "Choose camera",
  share: "Share your screen",
  shareStop: "Stop sharing",
  shareShort: "Share",
  shareStopShort: "Stop",
  handShort: "Ask",
  raiseHand: "Ask for the floor",
  lowerHand: "Withdraw your request for the floor",
  people: "People",
  peopleNumber: (here: number, asking: number) =>
    asking === 0 ? `People, ${here}` : `People, ${here}, ${asking} asking to join`,
  chat: "Chat",
  chatUnread: (n: number) => (n === 0 ? "Chat" : `Chat, ${n} unread`),
  more: "More",
  leave: "Leave",
  close: "Close",
  withKey: (label: string, key: string) => `${label} (${key})`,
  help: "Help",
  helpHint: "One page for your role, in a window of its own",
  fullScreen: "Full screen",
  fullScreenEnd: "Leave full screen",

  connection: "Connection",
  connectionHint: "Round trip, loss, what is sent and received",
  connectionNone: "There is no connection for picture and sound now.",
  connectionSent: "You send",
  connectionReceived: "You receive",
  connectionSound: "Sound of all",
  columnStream: "Stream",
  columnPicture: "Picture",
  columnRate: "Bit rate",
  columnLoss: "Loss",
  path: "Path",
  pathText: (path: Path | undefined) =>
    path
      ? [candidates[path.types[0] ?? ""] ?? path.types[0], path.protocol.toUpperCase(), path.family]
          .filter((part) => part !== undefined)
          .join(", ") + ` (${path.types.join(" – ")})`
      : UNKNOWN,
  roundTrip: "Round trip",
  lossUp: "Loss, sending",
  lossDown: "Loss, receiving",
  rateUp: "Bit rate, sending",
  rateDown: "Bit rate, receiving",
  estimateUp: "Room for sending (estimate)",
  milliseconds: (ms: number | undefined) => (ms === undefined ? UNKNOWN : `${Math.round(ms)}\u00a0ms`),
  unknown: UNKNOWN,
  percent,
  bitRate,
  finding,
  serverSees: "As the server sees it",
  serverAddress: "Your address",
  serverEstimate: "Room for receiving (estimate)",
  serverEstimateText: (kbps: number | undefined) => (kbps === undefined ? "not limited" : bitRate(kbps)),
  serverWanted: "All pictures as shown would take",
  serverPictures: "Pictures sent",
  serverPicturesText: (sent: number, all: number) => `${sent} of ${all}`,
  made: (height: number) => `made smaller: ${height} lines`,
  sentName: ({ kind, media, rid }: Pick<SentLine, "kind" | "media" | "rid">) =>
    (kind ? kinds[kind] : media) + (rid === undefined ? "" : ` (layer ${rid})`),
  pictureSize: (p: Pick<SentLine, "width" | "height" | "fps">) => {
    if (p.width === undefined || p.height === undefined) return UNKNOWN;
    const size = `${p.width} × ${p.height}`;
    return p.fps === undefined ? size : `${size}, ${Math.round(p.fps)}/s`;
  },

  youShare: "You share your screen",
  youShareText: "Everybody in the meeting sees it.",
  youShareSoundText: "Everybody in the meeting sees and hears it.",
  sharedAs: "What matters in it",
  sharedText: "Sharp text",
  sharedMotion: "Smooth motion",
  screenOf: (name: string) => `Screen of ${name}`,
  nobodyElse: "Nobody else is here yet",
  nobodyElseText: "Others appear here when they join.",
  previousPage: "Previous page",
  nextPage: "Next page",
  pageOf: (page: number, pages: number) => `Page ${page} of ${pages}`,
  muted: "Microphone off",
  speaking: "speaking",
  handRaised: "Asks for the floor",
  hasFloor: "Has the floor",

  floorIsOpen: "Open floor",
  floorNobody: "Floor: with the chair",
  floorWith: (name: string) => `Floor: ${name}`,
  floorYours: "You have the floor.",
  floorYoursShort: "You have the floor",
  floorYoursNoMore: "You no longer have the floor.",
  floorNeededShort: "No floor",
  floorNeeded: "You will be heard when the chair gives you the floor.",

  admit: "Admit",
  deny: "Deny",
  admitAll: "Admit all",
  waitingToJoin: (n: number) => `Asking to join (${n})`,
  inTheMeeting: (n: number) => `In the meeting (${n})`,
  actionsFor: (name: string) => `Actions for ${name}`,
  mute: "Mute",
  remove: "Remove…",
  removeTitle: (name: string) => `Remove ${name}?`,
  removeText: "They leave the meeting at once, and cannot come back until the chair lets them in.",
  removeYes: "Remove",
  giveFloor: "Give the floor",
  takeFloor: "Take the floor back",

  mutedByChair: "The chair muted your microphone.",
  asksToJoin: (name: string) => `${name} asks to join`,
  joined: (name: string) => `${name} joined.`,
  leftRoom: (name: string) => `${name} left.`,
  speaks: (name: string) => `${name} speaks.`,
  floorOf: (name: string) => `${name} has the floor.`,

  /** A sentence that came from the server, or from what verifies records and encryption; */
  said: (sentence: string) => sentence,
  /** and what it says of a decision's rule and result. `seats`: the names of the meeting's. */
  ruleWords: (words: string, _seats: readonly string[]) => words,
  resultWords: (words: string, _seats: readonly string[]) => words,

  /** The chat, and its circles. */
  captions,
  written: chat,
  /** What is said of encryption, in encrypted meetings and others. */
  encryption,
  /** The organiser's key, and what it signs. */
  organiser,
  /** Of the record, as it is watched in a meeting; */
  ledger,
  record,
  /** and of the page where one is verified. */
  verify,
  view,
  /** Options papers, the consultation register, documents. */
  papers,
  /** Around the minutes. */
  minutes,
  /** The preparation page. */
  prepare,
  notSent: "Not sent: there is no connection.",
  tooLongBy: (bytes: number) => `Too long by ${bytes} ${bytes === 1 ? "byte" : "bytes"}.`,

  leftTitle: "You left the meeting",
  leftText: "Your camera and microphone are off.",
  rejoin: "Rejoin",
};
