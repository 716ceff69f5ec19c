// What whoever presides would do next: one act, from where the meeting stands. A suggestion: every
// other act stays at hand. What is the chair's alone is suggested to the chair alone. Pure.
import type { Ask, DecisionToClient, FloorEntry, Item } from "../gen/protocol";
import type { Procedure } from "./procedure.svelte";

export type NextAct =
  | { what: "resume" }
  | { what: "closed" }
  | { what: "rule"; entry: FloorEntry }
  | { what: "answer_ask"; ask: Ask }
  | { what: "overtime"; name: string }
  | { what: "give_floor"; entry: FloorEntry }
  | { what: "close_decision"; decision: DecisionToClient }
  | { what: "call_decision"; decision: DecisionToClient }
  | { what: "take_item"; item: Item }
  | { what: "end_item"; item: Item }
  | { what: "close_session" };

type Stand = Pick<
  Procedure,
  "self" | "seat" | "session" | "floor" | "items" | "item" | "nextItem" | "asks" | "ofItem" | "holderName" | "pointOfOrder"
>;

/** Undefined: nothing waits for who presides. `overtime`: whether the speaking time is over. */
export function nextAct(p: Stand, overtime: boolean): NextAct | undefined {
  if (!p.session) return undefined;
  if (p.session.session === "suspended") return { what: "resume" };
  if (p.session.session === "closed") return { what: "closed" };
  const chair = p.self?.role === "chair";
  if (chair && p.pointOfOrder) return { what: "rule", entry: p.pointOfOrder };
  const ask = p.asks.find((a) => !a.answered);
  if (chair && ask) return { what: "answer_ask", ask };
  // Nobody is cut off by a suggestion.
  if (p.holderName !== undefined) return overtime ? { what: "overtime", name: p.holderName } : undefined;
  const entry = p.floor?.entries.find((e) => e.written || e.participant !== undefined);
  if (entry) return { what: "give_floor", entry };
  return decisionAct(p) ?? agendaAct(p);
}

/** Silence closes itself; of the others, one is closed when everybody who is present has voted. */
function decisionAct(p: Stand): NextAct | undefined {
  const open = p.ofItem.filter((d) => d.state === "open" && d.rule.procedure !== "silence");
  if (open.length > 0) {
    const decision = open.find((d) => allHaveVoted(p, d));
    if (!decision || p.self?.role !== "chair") return undefined;
    return { what: "close_decision", decision };
  }
  const draft = p.ofItem.find((d) => d.state === "draft");
  return draft && { what: "call_decision", decision: draft };
}

/** Absent seats are not waited for, but in a roll call, which has its own end; and a vote in which
 * nobody took part is not over. */
function allHaveVoted(p: Stand, d: DecisionToClient): boolean {
  if (d.rule.procedure === "roll_call") return d.turn === undefined;
  return d.votes.some((v) => v.voted) && d.votes.every((v) => v.voted || p.seat(v.seat)?.present === false);
}

function agendaAct(p: Stand): NextAct | undefined {
  if (p.ofItem.some((d) => d.state === "open" && d.rule.procedure !== "silence")) return undefined;
  if (p.nextItem) return { what: "take_item", item: p.nextItem };
  if (p.item) return { what: "end_item", item: p.item };
  return p.items.length > 0 ? { what: "close_session" } : undefined;
}
