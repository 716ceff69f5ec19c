// What goes into a group and comes out of it, and its times and limits.
import type {
  CommitRefusedToClient,
  CommitToServer,
  GroupAckToServer,
  GroupCreateToServer,
  GroupInfoToClient,
  GroupResyncToServer,
  GroupStateToClient,
  GroupToClient,
  GroupWelcomeToClient,
  GroupWorkToClient,
  HandshakeToClient,
  KeyPackageToServer,
  SealedToClient,
  SealedToServer,
} from "../gen/protocol";
import type { Bytes } from "./bytes";
import type { Manifest } from "./identity";
import type { EpochKeys } from "./keyring";
import type { SigningKey } from "./keys";
import type { Change, Member, Present } from "./members";
import type { Refusal } from "./work";

/** What waits is committed together: so long after the first of it came, */
export const BATCH_MS = 250;
/** or so long, if an earlier commit added somebody less than `CROWD_MS` ago. The server asks the next
 * member after a second. */
export const CROWD_BATCH_MS = 600;
export const CROWD_MS = 2000;
/** How long the sender waits after an epoch in which people only came, so that all have the key. */
export const SWITCH_MS = 500;
export const OLD_KEYS_MS = 10_000;
export const OLD_KEYS_AFTER_LEAVE_MS = 2000;
/** A missing commit may come late by so much before it is asked for. */
export const GAP_MS = 500;
export const RESYNC_MS = 3000;
export const RESYNCS_MAX = 3;
/** For so long nobody is believed who speaks of a later epoch, after one that there was not. */
export const RUMOUR_MS = 10_000;
export const WELCOME_MS = 10_000;
export const ANSWER_MS = 5000;
/** No epoch is older than this: somebody updates. Whose turn it is goes round; who does not take it is
 * followed by the next. */
export const UPDATE_MS = 600_000;
export const UPDATE_NEXT_MS = 2000;
/** Of what is of later epochs, so much is kept until their commits come. */
export const AHEAD_MAX = 64;
/** Messages that are known by their hash when they come again. The server keeps 256 KiB of them. */
export const OPENED_MAX = 1024;
/** A sealed message has 16384 letters: room for this, its padding, signature and frame. */
export const DATA_BYTES_MAX = 11_500;

export type FromServer =
  | GroupToClient
  | GroupWorkToClient
  | HandshakeToClient
  | GroupWelcomeToClient
  | CommitRefusedToClient
  | GroupInfoToClient
  | GroupStateToClient
  | SealedToClient;

export type ToServer =
  | KeyPackageToServer
  | GroupCreateToServer
  | CommitToServer
  | GroupAckToServer
  | GroupResyncToServer
  | SealedToServer;

export type Problem =
  | Refusal
  | "bad_group"
  | "bad_commit"
  | "bad_welcome"
  | "bad_group_info"
  | "bad_message"
  | "other_sender"
  | "unknown_key"
  | "stuck";

export type Effect =
  | { type: "send"; message: ToServer }
  /** Use these keys: for receiving at once, for sending from `switchSendAt` on, and drop the ones before
   * them after so long. */
  | { type: "epoch"; keys: EpochKeys; switchSendAt: number; dropOldAfterMs: number }
  /** Everybody has this epoch's keys, says the server: sending may switch. */
  | { type: "all_have"; epoch: bigint }
  | {
      type: "members";
      epoch: bigint;
      members: Present[];
      code: string;
      locked: boolean;
      changes: Change[];
      /** Whose commit it was; undefined: the own coming in. */
      by?: Member | undefined;
    }
  | { type: "opened"; member: Member; epoch: bigint; data: Bytes; at: number }
  /** No longer in the group: no key may be used from here on. */
  | { type: "out" }
  /** For people: one sentence. `stuck`: coming in anew is the only way on. */
  | { type: "problem"; problem: Problem; text: string };

export interface GroupOptions {
  meeting: string;
  /** `meeting`, … */
  name: string;
  person: string;
  /** The person's. */
  key: SigningKey;
  /** The own participant in the signalling. */
  device: string;
  /** Verified. */
  manifest: Manifest;
}
