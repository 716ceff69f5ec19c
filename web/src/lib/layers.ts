// Which of the own picture's encodings are sent, from what the server says the others want of it.

/** Four fifths of what is shown look the same; the server chooses by the same rule. */
function fills(height: number, wanted: number): boolean {
  return height * 5 >= wanted * 4;
}

/** For each encoding, by its scaleResolutionDownBy, whether it is sent: the smallest that fills the
 * height wanted, and all smaller ones, for those whose lines are narrow. `captured` is the height of
 * what the camera gives, 0 if that is not known. Wanted 0: nobody looks. */
export function activeLayers(scales: readonly number[], captured: number, wanted: number): boolean[] {
  const heights = scales.map((scale) => captured / scale);
  const enough = Math.min(...heights.filter((h) => captured > 0 && fills(h, wanted)));
  return heights.map((h) => wanted > 0 && h <= enough);
}
