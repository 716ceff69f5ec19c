// What the meeting is, as the organiser signed it: whether the server has just that, and tells seats, weights and
// the quorum as they stand in it, and seats that were added as they stand on the signed list. Guests may not read
// the definition, and rely on the others.
import type { Seat as SignedSeat } from "../e2ee/identity";
import type { Seat, SessionToClient } from "../gen/protocol";
import type { Alarm } from "../record/alarm";

const ANSWER_MS = 10_000;
const SHOWN_MAX = 300;

export interface DefinitionHost {
  meeting: string;
  token: string;
  /** Its SHA-256, as the organiser signed it; undefined: they did not. */
  signed: string | undefined;
  /** Of the list as it was signed last, once all are looked at that the server handed over until now. */
  listed(): Promise<ReadonlyMap<string, SignedSeat>>;
  raise(alarm: Alarm): void;
}

interface Defined {
  quorum: number;
  seats: ReadonlyMap<string, string>;
}

type Told = Pick<Seat, "seat" | "weight" | "member">;

const saySeat = (seat: string, weight: number, member: boolean) =>
  `${seat}: ${member ? `weight ${weight}` : "a guest"}`;

/** undefined: it was not signed as one that is added. */
function sayAdded(seat: SignedSeat | undefined): string | undefined {
  return seat?.weight === undefined ? undefined : saySeat(seat.id, seat.weight, !seat.guest);
}

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

  /** Another list was handed over. */
  list(): void {
    if (this.#reading) void this.#compare();
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
    const told = this.#seats; // before the lists that came with them
    const added = await this.host.listed();
    const signed = (seat: string) => defined.seats.get(seat) ?? sayAdded(added.get(seat));
    const odd = told.find(({ seat, weight, member }) => signed(seat) !== saySeat(seat, weight, member));
    if (odd) this.#raise(signed(odd.seat) ?? "", saySeat(odd.seat, odd.weight, odd.member));
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
