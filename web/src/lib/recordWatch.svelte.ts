// The record of the meeting, as this browser watches it: each checkpoint is compared with the last one that it
// saw, and cosigned. An alarm, the own or another's, stays for as long as the page does.
import type { CheckpointToClient, ToServer } from "../gen/protocol";
import type { Alarm } from "../record/alarm";
import type { Cosigner, Kept, ServerKeys, Told, Witness } from "../record/witness";

const ANSWER_MS = 10_000;
const BAD_REQUEST = 400;

/** The server says that it cannot show that. */
class Refused extends Error {}

export interface Raised extends Alarm {
  /** Who told of it; undefined: this browser found it. */
  by: string | undefined;
}

export interface RecordHost {
  meeting: string;
  token: string;
  cosigner: Cosigner | undefined;
  send(message: ToServer): boolean;
  /** To all, by whatever way there is beside the server. */
  spread(alarm: Alarm): void;
}

function name(meeting: string): string {
  return `parley:record:${meeting}`;
}

function read(meeting: string): Kept | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(name(meeting)) ?? "{}") as Partial<Kept>;
    const { size, note, key } = kept;
    if (typeof size === "number" && typeof note === "string" && typeof key === "string") return { size, note, key };
  } catch {
    // Storage is switched off, or what was in it is none of ours.
  }
  return undefined;
}

/** Another tab may have seen more already. */
function keep(meeting: string, kept: Kept): void {
  try {
    if ((read(meeting)?.size ?? 0) < kept.size) localStorage.setItem(name(meeting), JSON.stringify(kept));
  } catch {
    // Then it holds for this page only.
  }
}

export class RecordWatch {
  /** Events that were checked. */
  size = $state(0);
  alarm = $state.raw<Raised>();

  /** undefined inside: this browser cannot verify signatures. */
  #witness: Promise<Witness | undefined> | undefined;
  #tail: Promise<void> = Promise.resolve();
  readonly #decided = new Set<string>();

  constructor(private readonly host: RecordHost) {}

  /** What the server signed now. */
  take(told: CheckpointToClient): void {
    this.#tail = this.#tail.then(() => this.#check(told)).catch(() => undefined); // the next one is checked with it
  }

  /** Something was decided, by this name: once. */
  decided(what: string): void {
    if (this.#decided.has(what)) return;
    this.#decided.add(what);
    this.#tail = this.#tail.then(async () => {
      const seen = await (await this.#witness)?.decided();
      if (seen) this.#cosign(seen.size, seen.cosignature);
    }).catch(() => undefined);
  }

  /** Somebody else's browser found something. */
  heard({ by, why, ours, theirs }: Alarm & { by: string }): void {
    this.alarm ??= { by, why, ours, theirs };
  }

  async #check(told: Told): Promise<void> {
    this.#witness ??= this.#begin();
    const witness = await this.#witness;
    if (!witness) return;
    const { alarm, cosignature } = await witness.take(told);
    if (alarm) return this.found(alarm);
    this.size = told.size;
    if (cosignature !== undefined) this.#cosign(told.size, cosignature);
  }

  #cosign(size: number, line: string): void {
    this.host.send({ type: "cosign", size, line });
  }

  async #begin(): Promise<Witness | undefined> {
    const [{ Witness }, { canVerify }] = await Promise.all([import("../record/witness"), import("../e2ee/support")]);
    if (!(await canVerify())) return undefined;
    const { meeting, cosigner } = this.host;
    return new Witness({
      meeting,
      read: () => read(meeting),
      keep: (kept) => keep(meeting, kept),
      keys: async () => JSON.parse(await this.#get("key")) as ServerKeys,
      proof: async (from, to) => {
        const text = await this.#get(`consistency?from=${from}&to=${to}`).catch((error: unknown) => {
          if (error instanceof Refused) return undefined;
          throw error;
        });
        return text === undefined ? undefined : (JSON.parse(text) as { proof: string[] }).proof;
      },
      now: () => Date.now(),
      random: () => Math.random(),
      ...(cosigner && { cosigner }),
    });
  }

  /** By this browser. It takes the place of what others say, true or not. */
  found(alarm: Alarm): void {
    if (this.alarm && this.alarm.by === undefined) return;
    this.alarm = { ...alarm, by: undefined };
    this.host.send({ type: "alarm", ...alarm });
    this.host.spread(alarm);
  }

  async #get(what: string): Promise<string> {
    const { meeting, token } = this.host;
    const response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/record/${what}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    if (response.status === BAD_REQUEST) throw new Refused();
    if (!response.ok) throw new Error(String(response.status));
    return response.text();
  }
}
