// Decisions as a page shows them: what may be chosen, how it stands. The server alone works out
// results; nothing here decides. Pure.
import type { Cast, Choice, DecisionToClient, PaperToClient, Procedure as Rule } from "../gen/protocol";

const PLAIN: readonly Choice[] = ["yes", "no", "abstain"];

const CHOICES: Record<Rule, readonly Choice[]> = {
  consensus: ["join", "join_with_reservation", "national_statement", "awaiting_instructions", "block"],
  silence: ["receipt", "break_silence"],
  unanimity: PLAIN,
  roll_call: PLAIN,
  simple: PLAIN,
  absolute: PLAIN,
  qualified: PLAIN,
};

const NEEDS_STATEMENT: readonly Choice[] = [
  "join_with_reservation",
  "national_statement",
  "block",
  "break_silence",
];

export function choicesOf(rule: Rule): readonly Choice[] {
  return CHOICES[rule];
}

export function needsStatement(choice: Choice): boolean {
  return NEEDS_STATEMENT.includes(choice);
}

/** A statement with these is neither needed nor of use. */
export function takesStatement(choice: Choice): boolean {
  return choice !== "receipt";
}

/** Those that hinder what is proposed. */
export function hinders(choice: Choice): boolean {
  return choice === "no" || choice === "block" || choice === "break_silence";
}

export interface Count {
  /** Undefined: voted, but for what is not shown before the result is declared. */
  choice: Choice | undefined;
  seats: number;
}

export interface Tally {
  /** In the order of the rule's choices; those that nobody took, too. */
  counts: Count[];
  voted: number;
  /** All seats that take part. */
  seats: number;
}

export function tally(d: Pick<DecisionToClient, "rule" | "votes">): Tally {
  const counts: Count[] = choicesOf(d.rule.procedure).map((choice) => ({
    choice,
    seats: d.votes.filter((v) => v.voted && v.choice === choice).length,
  }));
  const voted = d.votes.filter((v) => v.voted).length;
  const hidden = voted - counts.reduce((n, c) => n + c.seats, 0);
  if (hidden > 0) counts.push({ choice: undefined, seats: hidden });
  return { counts, voted, seats: d.votes.length };
}

/** A seat's part; undefined: it takes none, or the decision was not called yet. */
export function castOf(d: Pick<DecisionToClient, "votes">, seat: string | undefined): Cast | undefined {
  return seat === undefined ? undefined : d.votes.find((v) => v.seat === seat);
}

/** Whether the seat is asked for something now: a vote it did not give, in a roll call only when it
 * is called. */
export function awaits(d: DecisionToClient, seat: string | undefined): boolean {
  if (d.state !== "open" || seat === undefined) return false;
  if (d.rule.procedure === "roll_call") return d.turn === seat;
  return castOf(d, seat)?.voted === false;
}

/** Options that no seat objects to, as far as the reader may see. */
export function undisputed(paper: Pick<PaperToClient, "summary">): string[] {
  return paper.summary.filter((s) => s.object === 0).map((s) => s.option);
}

/** The beginning of a hash, enough to compare by ear. */
export function shortHash(hash: string): string {
  return hash.slice(0, 8);
}

const RANK: Record<DecisionToClient["state"], number> = { open: 0, draft: 1, declared: 2, withdrawn: 3 };

/** Open ones first, then what is to come in the order given, then the results, the latest first. */
export function byUrgency(a: DecisionToClient, b: DecisionToClient): number {
  return (
    RANK[a.state] - RANK[b.state] ||
    (a.state === "open"
      ? (a.called_at ?? 0) - (b.called_at ?? 0)
      : (b.ended_at ?? 0) - (a.ended_at ?? 0))
  );
}

/** By urgency, but for the latest result of the item under discussion: who saw it declared finds it
 * where the decision stood, and not behind all that is still to come. */
export function inView(all: readonly DecisionToClient[], item: string | undefined): DecisionToClient[] {
  const sorted = [...all].sort(byUrgency);
  const result = sorted.find((d) => d.state === "declared" && d.item === item);
  if (!result) return sorted;
  const rest = sorted.filter((d) => d !== result);
  const open = rest.filter((d) => d.state === "open").length;
  return [...rest.slice(0, open), result, ...rest.slice(open)];
}
