// That the record was changed, with the two checkpoints that show it; or that it does not hold, or is not shown to
// hold, what somebody did.
import type { AlarmWhy } from "../gen/protocol";
import { ALARM_WHY_VALUES } from "../gen/protocol";

export interface Alarm {
  why: AlarmWhy;
  /** The two checkpoints, as signed notes, `ours` "": there is none yet; of "redefined" what the organiser signed,
   * and what the server says. */
  ours: string;
  theirs: string;
  /** Of `missing` and `unproved`: the event's number, and its leaf's hash in base64. */
  event?: number;
  leaf?: string;
}

const optional = (value: unknown, type: "number" | "string") => value === undefined || typeof value === type;

/** What somebody else sent. */
export function isAlarm(value: object): value is Alarm {
  const { why, ours, theirs, event, leaf } = value as Partial<Record<keyof Alarm, unknown>>;
  const known: readonly unknown[] = ALARM_WHY_VALUES;
  const named = optional(event, "number") && optional(leaf, "string");
  return known.includes(why) && typeof ours === "string" && typeof theirs === "string" && named;
}

/** As it is told to others. */
export function alarmOf({ why, ours, theirs, event, leaf }: Alarm): Alarm {
  return { why, ours, theirs, ...(event !== undefined && { event }), ...(leaf !== undefined && { leaf }) };
}
