// That the record was changed, with the two checkpoints that show it.
import type { AlarmWhy } from "../gen/protocol";
import { ALARM_WHY_VALUES } from "../gen/protocol";

export interface Alarm {
  why: AlarmWhy;
  /** The two checkpoints, as signed notes, `ours` "": there is none yet; of "redefined" what the organiser signed,
   * and what the server says. */
  ours: string;
  theirs: string;
}

/** What somebody else sent. */
export function isAlarm(value: object): value is Alarm {
  const { why, ours, theirs } = value as Partial<Record<keyof Alarm, unknown>>;
  const known: readonly unknown[] = ALARM_WHY_VALUES;
  return known.includes(why) && typeof ours === "string" && typeof theirs === "string";
}
