// What an options paper and the consultation register say, in the shape in which they are shown.
import type {
  ConsultationStatus,
  ConsultationEntry,
  OptionSummary,
  PaperToClient,
  Position,
  RegisterToClient,
  Role,
  Seat,
  Stance,
} from "../gen/protocol";
import { presides } from "./order";

/** Who looks at it. */
export interface Reader {
  role: Role;
  seat?: string | undefined;
  /** Holds the voice of that seat. */
  voice: boolean;
  /** The outside party that an invited person speaks for. */
  party?: string | undefined;
}

export function mayWriteRegister(reader: Reader): boolean {
  return presides(reader.role) || reader.role === "rapporteur";
}

/** A, B, … Z, AA, AB: how an option is called for short, by its place on the paper. */
export function optionLetter(index: number): string {
  const last = String.fromCharCode(65 + (index % 26));
  return index < 26 ? last : optionLetter(Math.floor(index / 26) - 1) + last;
}

/** The first of P1, P2, … that is not taken. */
export function freshId(prefix: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  let n = 1;
  while (known.has(`${prefix}${n}`)) n++;
  return `${prefix}${n}`;
}

export function cellKey(option: string, seat: string): string {
  return `${option} ${seat}`; // ids hold no spaces
}

export function positionsByCell(positions: readonly Position[]): Map<string, Position> {
  return new Map(positions.map((p) => [cellKey(p.option, p.seat), p]));
}

/** How an option stands among the members, in a word. */
export type Verdict =
  | { what: "untouched" }
  | { what: "clear"; silent: number }
  | { what: "blocked"; by: string[] };

export function verdict(summary: OptionSummary, seats: readonly Seat[]): Verdict {
  if (summary.blocked_by.length > 0) {
    return { what: "blocked", by: summary.blocked_by.map((r) => seatName(seats, r.id)) };
  }
  const taken = summary.support + summary.accept + summary.reservation;
  return taken === 0 ? { what: "untouched" } : { what: "clear", silent: summary.silent };
}

export function seatName(seats: readonly Seat[], seat: string): string {
  return seats.find((s) => s.seat === seat)?.name ?? seat;
}

/** Who blocks which: each seat that objects to something, with the places of those options. */
export function blockers(paper: PaperToClient, seats: readonly Seat[]): { seat: Seat; options: number[] }[] {
  const found: { seat: Seat; options: number[] }[] = [];
  for (const seat of seats) {
    const options = paper.options.flatMap((o, i) =>
      summaryOf(paper, o.option).blocked_by.some((r) => r.id === seat.seat) ? [i] : [],
    );
    if (options.length > 0) found.push({ seat, options });
  }
  return found;
}

export function summaryOf(paper: PaperToClient, option: string): OptionSummary {
  return (
    paper.summary.find((s) => s.option === option) ?? {
      option,
      support: 0,
      accept: 0,
      reservation: 0,
      object: 0,
      silent: 0,
      blocked_by: [],
      warnings: [],
    }
  );
}

/** The seats by their stance on an option, those without one last. Guests that said nothing are
 * left out, as they are not asked. */
export function byStance(
  option: string,
  positions: ReadonlyMap<string, Position>,
  seats: readonly Seat[],
): { stance: Stance | undefined; seats: Seat[] }[] {
  const order: (Stance | undefined)[] = ["object", "reservation", "accept", "support", undefined];
  return order
    .map((stance) => ({
      stance,
      seats: seats.filter(
        (s) =>
          positions.get(cellKey(option, s.seat))?.stance === stance && (s.member || stance !== undefined),
      ),
    }))
    .filter((group) => group.seats.length > 0);
}

/** A party's standing on an option of a paper; undefined: the option does not touch it. */
export function standing(
  register: RegisterToClient,
  paper: string,
  option: string,
  party: string,
): { status: ConsultationStatus; crossed: boolean } | undefined {
  return register.status.find((s) => s.paper === paper && s.option === option && s.party === party);
}

/** The register's entries of a party, the latest first. */
export function entriesOf(register: RegisterToClient, party: string): ConsultationEntry[] {
  return register.entries.filter((e) => e.party === party).sort((a, b) => b.entry - a.entry);
}

/** The letters of the options of an entry; empty: it is about all of its paper, or of an option that
 * is no longer there. */
export function letters(paper: PaperToClient | undefined, options: readonly { id: string }[]): string[] {
  return options.flatMap(({ id }) => {
    const at = paper?.options.findIndex((o) => o.option === id) ?? -1;
    return at < 0 ? [] : [optionLetter(at)];
  });
}
