// The keys of the epochs that are in use: which one a frame is sealed with, with a counter that is never
// used twice; and which one opens a frame, by its KID alone. Time is a parameter, in milliseconds.
//
// KID = instance << 19 | source << 16 | leaf << 8 | epoch's last byte (RFC 9605, 5.2, with E = 8 and
// S = 8 whatever the size of the group, and the context above them). `instance` numbers the workers of a
// page: one that is started anew within an epoch knows no counters, and must not use the old keys again.
import type { Kind } from "../gen/protocol";
import type { Bytes } from "./bytes";
import { FrameKey, importBaseKey, ReplayWindow } from "./sframe";

/** An epoch of the group, and the own place in it. */
export interface EpochKeys {
  epoch: bigint;
  /** 16 bytes, from the group's exporter. */
  baseKey: Uint8Array;
  leaf: number;
}

/** Whose frame it is. */
export interface Origin {
  leaf: number;
  kind: Kind;
}

/** Whose frames a section is to show: the leaf is theirs from this epoch on, and was another's before. */
export interface Place extends Origin {
  since: bigint;
}

const KINDS: readonly Kind[] = ["microphone", "camera", "screen", "screen_sound"];

export const BASE_KEY_BYTES = 16;
export const LEAF_MAX = 255;
export const INSTANCE_MAX = 0xffff;
/** Counters of one KID: two years of a camera in three sizes; an epoch lasts minutes. */
export const CTR_END = 2 ** 32;
/** Instances of one origin within one epoch that are told apart. */
export const INSTANCES_KEPT = 8;

/** The last byte of an epoch that is so far ahead, or less, is of a later one than the newest that is known. */
const LATER_MAX = 0x7fn;

/** A source that moves from one section to another is in both for a moment, and the key frame that the
 * second begins with comes to the first, too. So of the last frames each section opens its own copy: two
 * seconds of sound, more than one of a camera. */
export const MOVED_FRAMES = 128;

export function keyId(epoch: bigint, { leaf, kind }: Origin, instance: number): bigint {
  const low = (KINDS.indexOf(kind) << 16) | (leaf << 8) | Number(epoch & 0xffn);
  return (BigInt(instance) << 19n) | BigInt(low);
}

/** Undefined: not a KID of ours. */
export function originOf(kid: bigint): Origin | undefined {
  if (kid >> 19n > BigInt(INSTANCE_MAX)) return undefined;
  const kind = KINDS[Number((kid >> 16n) & 7n)];
  return kind && { leaf: Number((kid >> 8n) & 0xffn), kind };
}

/** The key of a KID that comes, and what came under it. */
export class Incoming {
  /** Something authentic came under it. */
  proven = false;
  readonly #all = new ReplayWindow();
  readonly #each = new WeakMap<object, ReplayWindow>(); // by section

  constructor(readonly key: Promise<FrameKey>) {}

  /** Whether `section` may open the frame of this counter, for all that is known. */
  fresh(ctr: number, section: object): boolean {
    const own = this.#each.get(section)?.fresh(ctr) ?? true;
    return own && (this.#all.fresh(ctr) || this.#all.recent(ctr, MOVED_FRAMES));
  }

  /** Notes that it is authentic. False: another one was quicker. */
  take(ctr: number, section: object): boolean {
    if (!this.fresh(ctr, section)) return false;
    let own = this.#each.get(section);
    if (!own) this.#each.set(section, (own = new ReplayWindow()));
    own.take(ctr);
    this.#all.take(ctr);
    this.proven = true;
    return true;
  }
}

class Epoch {
  /** When it is forgotten. */
  dropAt = Infinity;
  readonly #sending = new Map<Kind, { key: Promise<FrameKey>; next: number }>();
  readonly #incoming = new Map<bigint, Incoming>();

  constructor(
    readonly number: bigint,
    readonly leaf: number,
    readonly base: CryptoKey,
    /** From when on frames are sealed with it. */
    public sendAt: number,
  ) {}

  /** A key with a counter that nobody else gets. Undefined: all are used up. */
  take(kind: Kind, instance: number, end: number): { key: Promise<FrameKey>; ctr: number } | undefined {
    let out = this.#sending.get(kind);
    if (!out) {
      const kid = keyId(this.number, { leaf: this.leaf, kind }, instance);
      out = { key: FrameKey.derive(this.base, kid, "encrypt"), next: 0 };
      this.#sending.set(kind, out);
    }
    return out.next < end ? { key: out.key, ctr: out.next++ } : undefined;
  }

  /** Undefined: its origin has sent under too many others. */
  incoming(kid: bigint): Incoming | undefined {
    const known = this.#incoming.get(kid);
    if (known) return known;
    const others = [...this.#incoming].filter(([other]) => (other & 0x7ffffn) === (kid & 0x7ffffn));
    if (others.length >= INSTANCES_KEPT) {
      const unproven = others.find(([, entry]) => !entry.proven);
      if (!unproven) return undefined;
      this.#incoming.delete(unproven[0]);
    }
    const entry = new Incoming(FrameKey.derive(this.base, kid, "decrypt"));
    this.#incoming.set(kid, entry);
    return entry;
  }

  /** Notes that this counter of the KID came to a section, authentic. False: it was there before. */
  accept(kid: bigint, entry: Incoming, ctr: number, section: object): boolean {
    return this.#incoming.get(kid) === entry && entry.take(ctr, section);
  }
}

export type EpochRefusal = "length" | "leaf" | "reused";

export class Keyring {
  #epochs: Epoch[] = []; // the newest last
  /** Of all base keys there ever were: one that came back would begin its counters anew. */
  readonly #spent = new Set<string>();

  /** `instance`: of this worker, at most INSTANCE_MAX. */
  constructor(
    private readonly instance: number,
    private readonly ctrEnd = CTR_END,
  ) {}

  /** A new epoch. Frames are sealed with it from `sendAt` on, and those before it are forgotten at `dropAt`.
   * Returns why it was refused, with everything as it was. Call it again only when this one is done. */
  async add(keys: EpochKeys, sendAt: number, dropAt: number): Promise<EpochRefusal | undefined> {
    if (keys.baseKey.length !== BASE_KEY_BYTES) return "length";
    if (!Number.isInteger(keys.leaf) || keys.leaf < 0 || keys.leaf > LEAF_MAX) return "leaf";
    const raw: Bytes = Uint8Array.from(keys.baseKey);
    const [base, digest] = await Promise.all([importBaseKey(raw), crypto.subtle.digest("SHA-256", raw)]);
    raw.fill(0);
    const print = new Uint8Array(digest).join();
    if (this.#spent.has(print)) return "reused";
    this.#spent.add(print);
    for (const old of this.#epochs) old.dropAt = Math.min(old.dropAt, dropAt);
    // Two epochs with the same last byte cannot be told apart: the older one goes.
    this.#epochs = this.#epochs.filter((old) => (old.number & 0xffn) !== (keys.epoch & 0xffn));
    this.#epochs.push(new Epoch(keys.epoch, keys.leaf, base, Math.min(sendAt, dropAt)));
    return undefined;
  }

  /** Everybody has the keys of this epoch: frames are sealed with it from now on. */
  switchTo(epoch: bigint, now: number): void {
    const found = this.#epochs.find((e) => e.number === epoch);
    if (found) found.sendAt = Math.min(found.sendAt, now);
  }

  /** The epoch of a KID, if it is one after the newest that is known. */
  laterThan(kid: bigint): bigint | undefined {
    const newest = this.#epochs.at(-1)?.number;
    if (newest === undefined) return undefined;
    const ahead = (kid - newest) & 0xffn;
    return ahead > 0n && ahead <= LATER_MAX ? newest + ahead : undefined;
  }

  /** Whether the key of a KID that is not known may come still. */
  mayCome(kid: bigint): boolean {
    return this.#epochs.length === 0 || this.laterThan(kid) !== undefined;
  }

  /** Forgets what is due. Returns when something will be, or Infinity. */
  expire(now: number): number {
    this.#epochs = this.#epochs.filter((e) => e.dropAt > now);
    return Math.min(Infinity, ...this.#epochs.map((e) => e.dropAt));
  }

  /** What to seal the next frame of this source with. Undefined: there is nothing, and it must not be sent. */
  take(kind: Kind, now: number): { key: Promise<FrameKey>; ctr: number } | undefined {
    this.expire(now);
    return this.#epochs.findLast((e) => e.sendAt <= now)?.take(kind, this.instance, this.ctrEnd);
  }

  /** The epoch of a KID, by its last byte. Undefined: not known, or forgotten. */
  epochOf(kid: bigint, now: number): Epoch | undefined {
    this.expire(now);
    return this.#epochs.find((e) => (e.number & 0xffn) === (kid & 0xffn));
  }
}
