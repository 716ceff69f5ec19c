import { describe, expect, it } from "vitest";

import { STILL_MS, Stillness } from "../src/lib/still";

describe("stillness", () => {
  it("says nothing before there was a packet, nor while they come", () => {
    const still = new Stillness();
    expect(still.look(0, 0)).toBe(false);
    expect(still.look(0, 60_000)).toBe(false);
    for (let t = 1; t < 20; t++) expect(still.look(t, 60_000 + t * (STILL_MS - 1))).toBe(false);
  });

  it("says it once, and again after packets came", () => {
    const still = new Stillness();
    still.look(5, 1_000);
    expect(still.look(5, 1_000 + STILL_MS - 1)).toBe(false);
    expect(still.look(5, 1_000 + STILL_MS)).toBe(true);
    expect(still.look(5, 9_000)).toBe(false);
    expect(still.look(6, 10_000)).toBe(false);
    expect(still.look(6, 10_000 + STILL_MS)).toBe(true);
  });
});
