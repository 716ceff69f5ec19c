// One track's frames on their way out and in. Everything that cannot be sealed is not sent, and everything
// that cannot be opened, or is not whose it is said to be, is not shown. No clock of its own: see `Time`.
import type { Kind } from "../gen/protocol";
import type { Bytes } from "./bytes";
import { afterOpening, beforeSealing, join, type SealedCodec, split } from "./codecs";
import { CTR_END, type Keyring, type Origin, originOf, type Place } from "./keyring";
import { decodeHeader } from "./sframe";

/** How long frames wait for what should say that they are right: the slot's new owner, told by another way
 * than the frames come; the epoch's key, with a commit on its way. */
export const PATIENCE_MS = 500;
/** For so long after a slot was given to another, frames of the one before are only late. */
export const LATE_MS = 1_000;
/** A picture's frames refer to those before them. For so long they come without a key frame until one is asked
 * for, since its packets may have been lost and be on their way again; */
export const KEY_PATIENCE_MS = 250;
/** and then again each time so much later. */
export const KEY_AGAIN_MS = 1_000;

/** Why a frame was dropped. */
export type Dropped =
  | "codec" // not one that can be sealed, or no frame of it
  | "no_key" // nothing to seal with
  | "malformed" // not an SFrame of ours
  | "late" // of who was in this slot before
  | "sender" // of another one than the slot is said to show
  | "epoch" // of an epoch that is not known, or no more
  | "replayed"
  | "forged"; // wrong key, or altered

export const DROPPED: readonly Dropped[] = [
  "codec",
  "no_key",
  "malformed",
  "late",
  "sender",
  "epoch",
  "replayed",
  "forged",
];

export interface Time {
  /** Milliseconds. */
  now(): number;
  /** Resolves after so long, or earlier. */
  wait(ms: number): Promise<void>;
}

/** What happened to a frame: what is to be passed on, or why nothing is. */
export type Outcome = { data: Bytes } | { dropped: Dropped };

export async function sealFrame(
  ring: Keyring,
  kind: Kind,
  codec: SealedCodec | undefined,
  frame: Bytes,
  now: number,
): Promise<Outcome> {
  const parts = codec && beforeSealing(codec, frame);
  if (!parts) return { dropped: "codec" };
  const with_ = ring.take(kind, now);
  if (!with_) return { dropped: "no_key" };
  const sealed = await (await with_.key).seal(with_.ctr, parts.clear, parts.secret);
  return { data: join(codec, parts.clear, sealed) };
}

function same(a: Origin | null, b: Origin): boolean {
  return a?.leaf === b.leaf && a.kind === b.kind;
}

/** Whether the decoder of a section has what its next frame refers to, as far as that was there to be opened. */
class References {
  #whole = false;
  #since: number | undefined; // the first frame that lacked something
  #askedAt = -Infinity;

  /** A frame was kept from it, or another picture begins. */
  broken(): void {
    this.#whole = false;
    this.#since = undefined;
  }

  /** A frame is passed on to it. True: it lacks what that refers to, and a key frame is to be asked for. */
  pass(key: boolean, now: number): boolean {
    if (key) this.#whole = true;
    if (this.#whole) return false;
    this.#since ??= now;
    if (now - this.#since < KEY_PATIENCE_MS || now - this.#askedAt < KEY_AGAIN_MS) return false;
    this.#askedAt = now;
    return true;
  }
}

/** Frames that no other needs: each is there already, or is of a picture that is no longer shown. */
const UNNEEDED: ReadonlySet<Dropped> = new Set(["late", "replayed"]);

/** The frames of one receiving section, one after the other. */
export class Receiver {
  #expected: Place | null = null;
  #before: Place | null = null;
  #since = 0; // when `expected` was told
  #shown: Place | undefined;
  /** What waiting was in vain for; such frames are dropped at once until something changes. */
  #vain: string | undefined;
  #wake: (() => void)[] = [];
  readonly #references = new References();

  constructor(
    private readonly ring: Keyring,
    private readonly time: Time,
    private readonly told: {
      /** From this frame on the section shows this one. */
      shows(place: Place, rtpTimestamp: number | undefined): void;
      /** Frames of another one than is said to be in the section have come for as long as they may. */
      mismatch(origin: Origin): void;
      /** Frames have come for as long as they may under a key that did not; of this epoch, if it is one
       * after all that are known. */
      unknown(later: bigint | undefined): void;
      /** Pictures are opened that the decoder can make nothing of before it has a key frame. */
      wantsKey(): void;
    },
  ) {}

  /** Whom this section is said to show; null: nobody. */
  expect(place: Place | null): void {
    if (place && same(this.#expected, place) && this.#expected?.since === place.since) return;
    this.#before = this.#expected ?? this.#before;
    this.#expected = place;
    this.#since = this.time.now();
    if (!place) this.#shown = undefined; // the same place in the group may be another's next
    this.changed();
  }

  /** The keyring, or what is expected, is another than before. */
  changed(): void {
    this.#vain = undefined;
    const woken = this.#wake;
    this.#wake = [];
    woken.forEach((wake) => wake());
  }

  /** `key`: whether it is a key frame; undefined: it is of sound. */
  async open(codec: SealedCodec | undefined, frame: Bytes, rtpTimestamp?: number, key?: boolean): Promise<Outcome> {
    const outcome = await this.#open(codec, frame, rtpTimestamp);
    if (key === undefined) return outcome;
    if ("dropped" in outcome) {
      if (!UNNEEDED.has(outcome.dropped)) this.#references.broken();
    } else if (this.#references.pass(key, this.time.now())) this.told.wantsKey();
    return outcome;
  }

  async #open(codec: SealedCodec | undefined, frame: Bytes, rtpTimestamp?: number): Promise<Outcome> {
    const parts = codec && split(codec, frame);
    if (!parts) return { dropped: "codec" };
    const header = decodeHeader(parts.sealed);
    const origin = header && originOf(header.kid);
    if (!origin || header.ctr >= BigInt(CTR_END)) return { dropped: "malformed" };
    const place = await this.#passable(header.kid, origin);
    if (typeof place === "string") return { dropped: place };
    const secret = await this.#decrypt(header.kid, Number(header.ctr), header.length, parts);
    if (typeof secret === "string") return { dropped: secret };
    if (this.#shown !== place) {
      this.#shown = place;
      this.#references.broken();
      this.told.shows(place, rtpTimestamp);
    }
    return { data: afterOpening(codec, parts.clear, secret) };
  }

  async #decrypt(
    kid: bigint,
    ctr: number,
    length: number,
    { clear, sealed }: { clear: Bytes; sealed: Bytes },
  ): Promise<Bytes | Dropped> {
    const epoch = this.ring.epochOf(kid, this.time.now());
    const entry = epoch?.incoming(kid);
    if (!epoch || !entry) return "epoch";
    if (!entry.fresh(ctr, this)) return "replayed";
    const secret = await (await entry.key).open(ctr, length, clear, sealed);
    if (!secret) return "forged";
    return epoch.accept(kid, entry, ctr, this) ? secret : "replayed";
  }

  /** Whose the frame is, as far as can be told before it is opened; or why it may not be. */
  #placeOf(kid: bigint, origin: Origin): Place | "late" | "sender" | "epoch" {
    const now = this.time.now();
    const expected = this.#expected;
    if (!expected || !same(expected, origin))
      return same(this.#before, origin) && now - this.#since < LATE_MS ? "late" : "sender";
    const epoch = this.ring.epochOf(kid, now);
    if (!epoch) return "epoch";
    return epoch.number < expected.since ? "late" : expected;
  }

  /** Waits, if need be and for as long as may be, until the frame may be opened. */
  async #passable(kid: bigint, origin: Origin): Promise<Place | Dropped> {
    const end = this.time.now() + PATIENCE_MS;
    for (;;) {
      const found = this.#placeOf(kid, origin);
      if (found !== "sender" && found !== "epoch") return found;
      if (found === "epoch" && !this.ring.mayCome(kid)) return found;
      const obstacle = found;
      const what = obstacle === "epoch" ? `${kid & 0xffn}` : `${origin.leaf} ${origin.kind}`;
      if (this.#vain === what) return obstacle;
      const left = end - this.time.now();
      if (left <= 0) {
        this.#vain = what;
        if (obstacle === "epoch") this.told.unknown(this.ring.laterThan(kid));
        else this.told.mismatch(origin);
        return obstacle;
      }
      const change = new Promise<void>((resolve) => this.#wake.push(resolve));
      await Promise.race([change, this.time.wait(left)]);
    }
  }
}
