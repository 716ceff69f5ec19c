// What nobody can guess.
import { toHex } from "./hex";

/** So many random bytes, two characters each. */
export function randomHex(bytes: number): string {
  const drawn = crypto.getRandomValues(new Uint8Array(bytes));
  return toHex(drawn);
}
