// The tabs of the side panel.
import type { Participant } from "../gen/protocol";
import type { Procedure } from "./procedure.svelte";

export type Tab = "desk" | "agenda" | "floor" | "decisions" | "minutes" | "people" | "chat";

/** Those of use to this participant, in order. A desk is of who presides, or of a delegation; a
 * meeting without agenda and seats has its people and its chat. */
export function tabsFor(
  procedure: Pick<Procedure, "items" | "seats" | "decisions" | "ownSeat" | "minutes">,
  self: Participant | undefined,
  presides: boolean,
): Tab[] {
  const tabs: Tab[] = [];
  const formal = procedure.items.length > 0 || procedure.seats.length > 0;
  if (presides || (self?.seat !== undefined && procedure.ownSeat)) tabs.push("desk");
  if (formal || presides) tabs.push("agenda", "floor");
  if (procedure.decisions.size > 0 || presides) tabs.push("decisions");
  if (formal && procedure.minutes) tabs.push("minutes"); // guests of an item are not told of them
  return [...tabs, "people", "chat"];
}
