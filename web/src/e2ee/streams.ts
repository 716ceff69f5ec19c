// One track's frames on their way out and in. Everything that cannot be sealed is not sent, and everything
// that cannot be opened, or is not whose it is said to be, is not shown. No clock of its own: see `Time`.
import type { Kind } from "../gen/protocol";
import type { Bytes } from "./bytes";
import { afterOpening, beforeSealing, join, type SealedCodec, split } from "./codecs";
import { CTR_END, type Keyring, type Origin, originOf } from "./keyring";
import { decodeHeader } from "./sframe";

/** How long frames wait for what should say that they are right: the slot's new owner, told by another way
 * than the frames come; the epoch's key, with a commit on its way. */
export const PATIENCE_MS = 500;
/** For so long after a slot was given to another, frames of the one before are only late. */
export const LATE_MS = 1_000;

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

/** The frames of one receiving section, one after the other. */
export class Receiver {
  #expected: Origin | null = null;
  #before: Origin | null = null;
  #since = 0; // when `expected` was told
  #shown: Origin | undefined;
  /** What waiting was in vain for; such frames are dropped at once until something changes. */
  #vain: string | undefined;
  #wake: (() => void)[] = [];

  constructor(
    private readonly ring: Keyring,
    private readonly time: Time,
    private readonly told: {
      /** From this frame on the section shows this one. */
      shows(origin: Origin, rtpTimestamp: number | undefined): void;
      /** Frames of another one than is said to be in the section have come for as long as they may. */
      mismatch(origin: Origin): void;
      /** Frames have come for as long as they may under a key that did not. */
      unknown(epochByte: number): void;
    },
  ) {}

  /** Whom this section is said to show; null: nobody. */
  expect(origin: Origin | null): void {
    if (origin && same(this.#expected, origin)) return;
    this.#before = this.#expected ?? this.#before;
    this.#expected = origin;
    this.#since = this.time.now();
    if (!origin) this.#shown = undefined; // the same place in the group may be another's next
    this.changed();
  }

  /** The keyring, or what is expected, is another than before. */
  changed(): void {
    this.#vain = undefined;
    const woken = this.#wake;
    this.#wake = [];
    woken.forEach((wake) => wake());
  }

  async open(codec: SealedCodec | undefined, frame: Bytes, rtpTimestamp?: number): Promise<Outcome> {
    const parts = codec && split(codec, frame);
    if (!parts) return { dropped: "codec" };
    const header = decodeHeader(parts.sealed);
    const origin = header && originOf(header.kid);
    if (!origin || header.ctr >= BigInt(CTR_END)) return { dropped: "malformed" };
    const obstacle = await this.#passable(header.kid, origin);
    if (obstacle) return { dropped: obstacle };
    const secret = await this.#decrypt(header.kid, Number(header.ctr), header.length, parts);
    if (typeof secret === "string") return { dropped: secret };
    if (!this.#shown || !same(this.#shown, origin)) {
      this.#shown = origin;
      this.told.shows(origin, rtpTimestamp);
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

  #obstacle(kid: bigint, origin: Origin): "late" | "sender" | "epoch" | undefined {
    const now = this.time.now();
    if (!same(this.#expected, origin)) {
      return same(this.#before, origin) && now - this.#since < LATE_MS ? "late" : "sender";
    }
    return this.ring.epochOf(kid, now) ? undefined : "epoch";
  }

  /** Waits, if need be and for as long as may be, until the frame may be opened. */
  async #passable(kid: bigint, origin: Origin): Promise<Dropped | undefined> {
    const end = this.time.now() + PATIENCE_MS;
    for (;;) {
      const obstacle = this.#obstacle(kid, origin);
      if (!obstacle || obstacle === "late") return obstacle;
      const what = obstacle === "epoch" ? `${kid & 0xffn}` : `${origin.leaf} ${origin.kind}`;
      if (this.#vain === what) return obstacle;
      const left = end - this.time.now();
      if (left <= 0) {
        this.#vain = what;
        if (obstacle === "epoch") this.told.unknown(Number(kid & 0xffn));
        else this.told.mismatch(origin);
        return obstacle;
      }
      const change = new Promise<void>((resolve) => this.#wake.push(resolve));
      await Promise.race([change, this.time.wait(left)]);
    }
  }
}
