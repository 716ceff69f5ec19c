// What the meeting is, as the organiser signed it: whether the server has just that, and tells seats, weights and
// the quorum as they stand in it. Guests may not read it, and rely on the others.
import type { Seat, SessionToClient } from "../gen/protocol";
import type { Alarm } from "../record/alarm";

const ANSWER_MS = 10_000;
const SHOWN_MAX = 300;

export interface DefinitionHost {
  meeting: string;
  token: string;
  /** Its SHA-256, as the organiser signed it; undefined: they did not. */
  signed: string | undefined;
  raise(alarm: Alarm): void;
}

interface Defined {
  quorum: number;
  seats: ReadonlyMap<string, string>;
}

type Told = Pick<Seat, "seat" | "weight" | "member">;

const saySeat = (seat: string, weight: number, member: boolean) =>
  `${seat}: ${member ? `weight ${weight}` : "a guest"}`;

function read(text: string): Defined {
  const json = JSON.parse(text) as { quorum?: number; seats?: { id: string; weight?: number; guest?: boolean }[] };
  const seats = (json.seats ?? []).map(({ id, weight = 1, guest = false }) => [id, saySeat(id, weight, !guest)] as const);
  return { quorum: json.quorum ?? 0, seats: new Map(seats) };
}

/** Undefined: it may not be read. Rejects where there is no answer. */
async function fetchDefinition(meeting: string, token: string): Promise<string | undefined> {
  const response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/definition`, {
    headers: { Authorization: `Bearer ${token}` },
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  if (response.status === 403) return undefined;
  if (!response.ok) throw new Error(String(response.status));
  return response.text();
}

export class DefinitionWatch {
  #reading: Promise<Defined | undefined> | undefined;
  #seats: readonly Told[] = [];
  #quorum: number | undefined;

  constructor(private readonly host: DefinitionHost) {}

  /** In the room. */
  seats(seats: readonly Told[]): Promise<void> {
    this.#seats = seats;
    return this.#compare();
  }

  session({ quorum }: Pick<SessionToClient, "quorum">): void {
    this.#quorum = quorum;
    if (this.#reading) void this.#compare();
  }

  async #compare(): Promise<void> {
    if (this.host.signed === undefined) return;
    this.#reading ??= this.#read(this.host.signed);
    const defined = await this.#reading.catch(() => undefined);
    if (!defined) return;
    const odd = this.#seats.find(({ seat, weight, member }) => defined.seats.get(seat) !== saySeat(seat, weight, member));
    if (odd) this.#raise(defined.seats.get(odd.seat) ?? "", saySeat(odd.seat, odd.weight, odd.member));
    else if (this.#quorum !== undefined && this.#quorum !== defined.quorum)
      this.#raise(`quorum: ${defined.quorum}`, `quorum: ${this.#quorum}`);
  }

  async #read(signed: string): Promise<Defined | undefined> {
    try {
      const text = await fetchDefinition(this.host.meeting, this.host.token);
      if (text === undefined) return undefined;
      const { definitionHash } = await import("../e2ee/organiser");
      const hash = await definitionHash(text);
      if (hash === signed) return read(text);
      this.#raise(signed, hash);
      return undefined;
    } catch (error) {
      this.#reading = undefined; // with the next that is told
      throw error;
    }
  }

  #raise(ours: string, theirs: string): void {
    this.host.raise({ why: "redefined", ours: ours.slice(0, SHOWN_MAX), theirs: theirs.slice(0, SHOWN_MAX) });
  }
}
