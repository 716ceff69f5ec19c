// What the server says of the own line, as things to be told in plain words, the worst first. Pure.
import type { LineToClient } from "../gen/protocol";

/** Hundredths of a percent: less than this is repaired, and hardly seen. */
const LOSS = 200;
/** Conversation becomes hard from about here on (ITU-T G.114: 400 ms for both ways together). */
const SLOW_MS = 400;

export type Finding =
  | { what: "paused"; kbps: number | undefined; n: number }
  | { what: "smaller"; kbps: number | undefined; n: number }
  | { what: "lossUp" | "lossDown"; percent: number }
  | { what: "slow"; ms: number }
  | { what: "tcp" }
  | { what: "good"; kbps: number | undefined };

export function findings(line: LineToClient): Finding[] {
  const found: Finding[] = [];
  const kbps = line.estimate_kbps;
  const smaller = line.slots.filter((s) => s.smaller).length;
  if (line.paused > 0) found.push({ what: "paused", kbps, n: line.paused });
  else if (smaller > 0) found.push({ what: "smaller", kbps, n: smaller });
  for (const [what, loss] of [
    ["lossDown", line.loss_down],
    ["lossUp", line.loss_up],
  ] as const) {
    if (loss !== undefined && loss >= LOSS) found.push({ what, percent: loss / 100 });
  }
  if (line.round_trip_ms !== undefined && line.round_trip_ms >= SLOW_MS) {
    found.push({ what: "slow", ms: line.round_trip_ms });
  }
  if (line.protocol === "tcp") found.push({ what: "tcp" });
  return found.length > 0 ? found : [{ what: "good", kbps }];
}
