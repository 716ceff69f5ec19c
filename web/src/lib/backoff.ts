// How long to wait before the next attempt.

const FIRST_MS = 300;
const LONGEST_MS = 5000;

/** Doubles from 0.3 s up to 5 s. The wait is between half of that and all of it, so that a whole
 * meeting does not come back in one instant. `attempt` counts from 0, `random` is in [0, 1). */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return Math.round(full * (0.5 + random / 2));
}
