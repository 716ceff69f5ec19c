// The worker that frames go through (RTCRtpScriptTransform): ties streams.ts to the browser. What it throws,
// and what it drops, is not sent and not shown.
import type { Kind } from "../gen/protocol";
import type { Bytes } from "./bytes";
import { type SealedCodec, sealedCodec } from "./codecs";
import { type EpochRefusal, type EpochKeys, Keyring, type Origin, type Place } from "./keyring";
import { DROPPED, type Dropped, type Outcome, Receiver, sealFrame, type Time } from "./streams";

/** How a section is attached: it sends what is named, or else receives. */
export interface Attachment {
  /** Of the section, among all of this worker. */
  section: number;
  /** Of the worker, among all of this page. */
  instance: number;
  sends?: Kind;
}

export type ToWorker =
  | { type: "epoch"; request: number; instance: number; keys: EpochKeys; sendInMs: number; dropOldInMs: number }
  | { type: "switch"; epoch: bigint }
  | { type: "codecs"; codecs: Map<number, SealedCodec> }
  | { type: "expect"; section: number; place: Place | null }
  | { type: "forget" }
  | { type: "counts"; request: number };

/** Since the worker began. */
export interface Counts {
  sealed: number;
  opened: number;
  /** Spent on them, in milliseconds, waiting for each other included. */
  sealMs: number;
  openMs: number;
  /** Key frames that were asked for. */
  keysAsked: number;
  dropped: Record<Dropped, number>;
}

export type FromWorker =
  | { type: "epoch"; request: number; refused: EpochRefusal | undefined }
  | { type: "counts"; request: number; counts: Counts }
  | { type: "shows"; section: number; place: Place; rtpTimestamp: number | undefined }
  | { type: "mismatch"; section: number; origin: Origin }
  | { type: "undecryptable"; section: number; why: "epoch" | "forged"; later?: bigint | undefined };

/** A frame of either medium, as far as it is used. */
interface EncodedFrame {
  data: ArrayBuffer;
  /** Of pictures. */
  type?: "key" | "delta" | "empty";
  /** Of RTP, in browsers whose metadata do not have it. */
  timestamp?: number;
  getMetadata(): { payloadType?: number; mimeType?: string; rtpTimestamp?: number };
}

/** What stands between a section's packets and its decoder, or encoder. */
interface Transformer {
  readonly options: Attachment;
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
  /** Of a section that receives pictures. */
  sendKeyFrameRequest(): Promise<void>;
}

/** What of the worker's global scope is used. TypeScript's libraries of pages and workers exclude each other. */
interface Scope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: { transformer: Transformer }) => void) | null;
}

const scope = self as unknown as Scope;
const time: Time = {
  now: () => performance.now(),
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
/** Of what is forged the page hears once in so long. */
const FORGED_TOLD_MS = 1_000;

let ring: Keyring | undefined;
let codecs = new Map<number, SealedCodec>();
const receivers = new Map<number, Receiver>();
/** What was said of sections whose transform has not begun. */
const expectations = new Map<number, Place | null>();
const counts: Counts = {
  sealed: 0,
  opened: 0,
  sealMs: 0,
  openMs: 0,
  keysAsked: 0,
  dropped: Object.fromEntries(DROPPED.map((why) => [why, 0])) as Record<Dropped, number>,
};

function ringOf(instance: number): Keyring {
  return (ring ??= new Keyring(instance));
}

/** By our own offer; else by the browser's word, which not all give. */
function codecOf(frame: EncodedFrame): SealedCodec | undefined {
  const { payloadType, mimeType } = frame.getMetadata();
  if (payloadType !== undefined) return codecs.get(payloadType);
  return mimeType === undefined ? undefined : sealedCodec(mimeType.split("/")[1] ?? "");
}

/** Carries frames from one end to the other, one after the other. */
function pump(
  { readable, writable }: Transformer,
  pass: (frame: EncodedFrame, data: Bytes) => Promise<Outcome>,
): void {
  const each = new TransformStream<EncodedFrame, EncodedFrame>({
    async transform(frame, out) {
      const outcome = await pass(frame, new Uint8Array(frame.data));
      if ("dropped" in outcome) {
        counts.dropped[outcome.dropped]++;
        return;
      }
      if (outcome.data.length === 0) return;
      frame.data = outcome.data.buffer;
      out.enqueue(frame);
    },
  });
  void readable
    .pipeThrough(each)
    .pipeTo(writable)
    .catch(() => undefined); // the connection was closed
}

function receiver(transformer: Transformer, keys: Keyring): Receiver {
  const { section } = transformer.options;
  const made = new Receiver(keys, time, {
    shows: (place, rtpTimestamp) => scope.postMessage({ type: "shows", section, place, rtpTimestamp }),
    mismatch: (origin) => scope.postMessage({ type: "mismatch", section, origin }),
    unknown: (later) => scope.postMessage({ type: "undecryptable", section, why: "epoch", later }),
    wantsKey: () => {
      counts.keysAsked++;
      void transformer.sendKeyFrameRequest().catch(() => undefined); // the connection was closed
    },
  });
  made.expect(expectations.get(section) ?? null);
  expectations.delete(section);
  receivers.set(section, made);
  return made;
}

scope.onrtctransform = ({ transformer }) => {
  const { section, instance, sends } = transformer.options;
  const keys = ringOf(instance);
  if (sends) {
    pump(transformer, async (frame, data) => {
      const start = time.now();
      const outcome = await sealFrame(keys, sends, codecOf(frame), data, start);
      counts.sealed += "data" in outcome ? 1 : 0;
      counts.sealMs += time.now() - start;
      return outcome;
    });
    return;
  }
  const from = receiver(transformer, keys);
  let told = -Infinity;
  pump(transformer, async (frame, data) => {
    const start = time.now();
    const timestamp = frame.getMetadata().rtpTimestamp ?? frame.timestamp;
    const key = frame.type === undefined ? undefined : frame.type === "key";
    const outcome = await from.open(codecOf(frame), data, timestamp, key);
    const end = time.now();
    if ("data" in outcome) {
      counts.opened++;
      counts.openMs += end - start;
    } else if (outcome.dropped === "forged" && end - told >= FORGED_TOLD_MS) {
      told = end;
      scope.postMessage({ type: "undecryptable", section, why: "forged" });
    }
    return outcome;
  });
};

/** Forgets keys when they are due, though no frame comes. */
function expireLater(keys: Keyring): void {
  const next = keys.expire(time.now());
  if (next !== Infinity) setTimeout(() => expireLater(keys), next - time.now());
}

async function addEpoch(message: ToWorker & { type: "epoch" }): Promise<void> {
  const keys = ringOf(message.instance);
  const now = time.now();
  const refused = await keys.add(message.keys, now + message.sendInMs, now + message.dropOldInMs);
  message.keys.baseKey.fill(0);
  expireLater(keys);
  receivers.forEach((r) => r.changed());
  scope.postMessage({ type: "epoch", request: message.request, refused });
}

/** Epochs are taken in one after the other, as they came. */
let adding: Promise<void> = Promise.resolve();

scope.onmessage = ({ data: message }) => {
  switch (message.type) {
    case "epoch":
      adding = adding.then(() => addEpoch(message));
      break;
    case "switch":
      adding = adding.then(() => ring?.switchTo(message.epoch, time.now()));
      break;
    case "codecs":
      codecs = message.codecs;
      break;
    case "expect": {
      const known = receivers.get(message.section);
      if (known) known.expect(message.place);
      else expectations.set(message.section, message.place);
      break;
    }
    case "forget":
      receivers.clear();
      expectations.clear();
      break;
    case "counts":
      scope.postMessage({ type: "counts", request: message.request, counts });
      break;
  }
};
