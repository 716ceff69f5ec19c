// The page's side of end-to-end encrypted picture and sound: attaches every section of a peer connection to
// the worker before anything is negotiated, gives it the keys, and says whom each section is to show.
// Loaded for encrypted meetings alone. If the worker dies, nothing is sent and nothing shown: a new Sealing,
// with a new peer connection, goes on.
import type { Kind } from "../gen/protocol";
import { payloadTypes } from "./codecs";
import { type EpochKeys, INSTANCE_MAX, type Origin, type Place } from "./keyring";
import type { Attachment, Counts, FromWorker, ToWorker } from "./worker";

export type { Counts, EpochKeys, Origin, Place };

export interface SealingEvents {
  /** From the frame of this timestamp on the section shows this one: it decides under which name. */
  shows(mid: string, place: Place, rtpTimestamp: number | undefined): void;
  /** The section is sent frames of another one than it is said to show; none of them is shown. */
  mismatch(mid: string, origin: Origin): void;
  /** Frames come that cannot be opened: of an epoch whose key is not there (`later`: which, if it is one after
   * all that are known), or altered. Anybody may have made them up. */
  undecryptable(mid: string, why: "epoch" | "forged", later?: bigint): void;
  /** The worker died. */
  broken(): void;
}

/** The workers of this page, ever: see keyring.ts. */
let instances = 0;

/** What is used of a transceiver. */
type Section = Pick<RTCRtpTransceiver, "mid" | "sender" | "receiver">;

export class Sealing {
  readonly #worker: Worker;
  readonly #instance: number;
  readonly #waiting = new Map<number, (answer: FromWorker) => void>();
  readonly #sections = new Map<number, Section>();
  #requests = 0;
  #made = 0;

  constructor(private readonly events: SealingEvents) {
    if (instances > INSTANCE_MAX) throw new Error("too many workers for one page");
    this.#instance = instances++;
    this.#worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = () => this.events.broken();
  }

  /** In the same task as `addTransceiver`: what was negotiated without it goes out readable. `sends`: what
   * the section carries; without it, it receives. */
  attach(section: Section, sends: Kind | undefined): void {
    const number = this.#made++;
    const options: Attachment = { section: number, instance: this.#instance, ...(sends && { sends }) };
    const transform = new RTCRtpScriptTransform(this.#worker, options);
    if (sends) section.sender.transform = transform;
    else section.receiver.transform = transform;
    this.#sections.set(number, section);
  }

  /** Our own offer, which says what payload types mean. */
  describe(sdp: string): void {
    this.#post({ type: "codecs", codecs: payloadTypes(sdp) });
  }

  /** The peer connection was closed: its sections are no more. */
  detach(): void {
    this.#sections.clear();
    this.#post({ type: "forget" });
  }

  /** Frames of this epoch are opened once this resolves, and sealed from `switchSendAt` on (as Date.now);
   * those of the epochs before it are opened for `dropOldAfterMs` more. It takes a copy of the key. Rejects a
   * key that is malformed, or was used before. */
  async setEpoch(keys: EpochKeys, { switchSendAt, dropOldAfterMs }: { switchSendAt: number; dropOldAfterMs: number }): Promise<void> {
    const sendInMs = Math.max(0, switchSendAt - Date.now());
    const answer = await this.#ask((request) => ({
      type: "epoch",
      request,
      instance: this.#instance,
      keys,
      sendInMs,
      dropOldInMs: dropOldAfterMs,
    }));
    if (answer.type === "epoch" && answer.refused) throw new Error(`epoch ${keys.epoch} refused: ${answer.refused}`);
  }

  /** Everybody has the keys of this epoch: frames are sealed with it at once. */
  switchTo(epoch: bigint): void {
    this.#post({ type: "switch", epoch });
  }

  /** Whom the section is said to show; null: nobody. Frames of anybody else are not shown. */
  expect(mid: string, place: Place | null): void {
    const found = [...this.#sections].find(([, section]) => section.mid === mid);
    if (found) this.#post({ type: "expect", section: found[0], place });
  }

  async counts(): Promise<Counts | undefined> {
    const answer = await this.#ask((request) => ({ type: "counts", request }));
    return answer.type === "counts" ? answer.counts : undefined;
  }

  close(): void {
    this.#worker.terminate();
    this.#sections.clear();
    this.#waiting.clear();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #ask(question: (request: number) => ToWorker): Promise<FromWorker> {
    const request = this.#requests++;
    return new Promise((resolve) => {
      this.#waiting.set(request, resolve);
      this.#post(question(request));
    });
  }

  #hear(message: FromWorker): void {
    if ("request" in message) {
      this.#waiting.get(message.request)?.(message);
      this.#waiting.delete(message.request);
      return;
    }
    const mid = this.#sections.get(message.section)?.mid;
    if (!mid) return; // of a connection that was closed
    if (message.type === "shows") this.events.shows(mid, message.place, message.rtpTimestamp);
    else if (message.type === "mismatch") this.events.mismatch(mid, message.origin);
    else this.events.undecryptable(mid, message.why, message.later);
  }
}
