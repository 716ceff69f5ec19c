// What this page did, until it is proven to be in the record: the server says which event an act became, the page
// compares that with what it sent, and has it proven at the next checkpoint.
import { SIGNED_ACTS, type ToServer } from "../gen/protocol";
import { base64, type Bytes, fromBase64, same, utf8 } from "./digest";
import { isShown, leafOf, type Shown } from "./inclusion";
import { equal, type JsonObject, parseObject } from "./json";
import type { Checkpoint } from "./note";
import { ACTS, encodeObject, fieldsOf } from "./schema";

/** So long is patience, for an answer, a checkpoint, a proof; of time with a connection. */
export const PATIENCE_MS = 30_000;
const WAITING_MAX = 100;

export interface Recorded {
  of: string;
  /** Absent: nothing changed. */
  number?: number;
  event?: string;
}

/** What is wrong, for an alarm. */
export interface Wrong {
  why: "missing" | "unproved";
  event?: number;
  leaf?: string;
}

interface Own {
  number: number;
  leaf: Bytes;
  since: number;
}

export class OwnActs {
  private waiting: { message: ToServer; since: number }[] = [];
  private unproven: Own[] = [];
  /** Numbers of the events that were proven. */
  readonly proven = new Set<number>();

  get busy(): boolean {
    return this.unproven.length > 0 || this.waiting.some(({ message }) => message.type in SIGNED_ACTS);
  }

  /** Times are milliseconds of any clock that goes on. */
  sent(message: ToServer, now: number): void {
    this.waiting.push({ message, since: now });
    if (this.waiting.length > WAITING_MAX) this.waiting.shift();
  }

  refused(type: string): void {
    this.drop(type);
  }

  /** The connection is gone, and with it the answers; of what was answered the proof is still asked for. */
  lost(now: number): void {
    this.waiting = [];
    for (const own of this.unproven) own.since = now;
  }

  async recorded({ of, number, event }: Recorded, me: string, now: number): Promise<Wrong | undefined> {
    const sent = this.drop(of, event);
    if (number === undefined || event === undefined) return undefined;
    const leaf = await leafOf(utf8(event));
    if (!isIt(event, number, of, sent, me)) return { why: "missing", event: number, leaf: base64(leaf) };
    this.unproven.push({ number, leaf, since: now });
    return undefined;
  }

  /** Asks for what this checkpoint covers. Rejects where there is no answer; it is asked again then. */
  async covered(checkpoint: Checkpoint, inclusion: (number: number, size: number) => Promise<Shown | undefined>): Promise<Wrong | undefined> {
    for (const own of this.unproven.filter(({ number }) => number <= checkpoint.size)) {
      const shown = await inclusion(own.number, checkpoint.size);
      const fits =
        shown !== undefined && same(fromBase64(shown.leaf) ?? new Uint8Array(0), own.leaf) &&
        (await isShown(own.leaf, own.number, checkpoint, shown.proof));
      this.unproven = this.unproven.filter((other) => other !== own);
      if (!fits) return { why: "missing", event: own.number, leaf: base64(own.leaf) };
      this.proven.add(own.number);
    }
    return undefined;
  }

  /** What waits for too long; once each. */
  late(now: number): Wrong | undefined {
    const own = this.unproven.find(({ since }) => now - since >= PATIENCE_MS);
    if (own) {
      this.unproven = this.unproven.filter((other) => other !== own);
      return { why: "unproved", event: own.number, leaf: base64(own.leaf) };
    }
    const unanswered = this.waiting.find(({ message, since }) => message.type in SIGNED_ACTS && now - since >= PATIENCE_MS);
    if (!unanswered) return undefined;
    this.waiting = this.waiting.filter((other) => other !== unanswered);
    return { why: "unproved" };
  }

  /** The first of this type that waits; where there are several, the one that the event says. */
  private drop(type: string, event?: string): ToServer | undefined {
    const all = this.waiting.filter(({ message }) => message.type === type);
    const one = all.find(({ message }) => event !== undefined && says(event, message)) ?? all[0];
    this.waiting = this.waiting.filter((other) => other !== one);
    return one?.message;
  }
}

function read(event: string): JsonObject | undefined {
  try {
    return parseObject(event);
  } catch {
    return undefined;
  }
}

/** Does the event say what was sent? Of what was signed, nothing beside it either; in other acts the server may
 * say more, as whose request it was to whose number the floor was given. */
function says(event: string, message: ToServer): boolean {
  const said = read(event);
  const act = ACTS.get(message.type);
  if (!said || !act) return false;
  const sent = message as unknown as JsonObject;
  const own = [...act.fields.flatMap(({ name, added }) => (added ? [] : [name])), ...(act.signed ? ["signed_text", "signature"] : [])];
  return own.every((name) => (sent[name] === undefined && !act.signed) || equal(said[name], sent[name]));
}

function isIt(event: string, number: number, of: string, sent: ToServer | undefined, me: string): boolean {
  const said = read(event);
  const act = ACTS.get(of);
  if (!said || !act || said["number"] !== number || said["act"] !== of || said["by"] !== me) return false;
  return encodeObject(fieldsOf(act), said).text === event && (sent === undefined || says(event, sent));
}
