import { expect, it } from "vitest";

import { loudness } from "../src/lib/meter";

it("loudness goes from silence to full", () => {
  expect(loudness(new Float32Array(64))).toBe(0);
  expect(loudness(new Float32Array(64).fill(1))).toBe(1);
  expect(loudness(new Float32Array(64).fill(0.001))).toBeCloseTo(0, 3); // -60 dB
  expect(loudness(new Float32Array(64).fill(0.0316))).toBeCloseTo(0.5, 2); // -30 dB
  expect(loudness(new Float32Array(0))).toBe(0);
});
