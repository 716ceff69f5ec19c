// Decisions for tests.
import type { Cast, Choice, DecisionToClient, Procedure as Rule } from "../src/gen/protocol";

/** A seat and its vote; null: it has not voted. "hidden": it has, and for what is not shown. */
export type Votes = Record<string, Choice | "hidden" | null>;

export function decision(rule: Rule, votes: Votes, more: Partial<DecisionToClient> = {}): DecisionToClient {
  return {
    type: "decision",
    decision: "d1",
    item: "i1",
    title: "Guarantees",
    texts: [{ language: "EN", text: "The body decides." }],
    version: 1,
    hash: "0123456789abcdef",
    rule: { procedure: rule },
    rule_words: "A rule.",
    excluded: [],
    state: "open",
    votes: Object.entries(votes).map(
      ([seat, vote]): Cast =>
        vote === null || vote === "hidden"
          ? { seat, voted: vote !== null }
          : { seat, voted: true, choice: vote },
    ),
    warnings: [],
    ...more,
  };
}
