import { describe, expect, it } from "vitest";

import { Chimes } from "../src/lib/chimes.svelte";

/** A context that counts its tones. */
function fake() {
  const param = { value: 0, setValueAtTime() {}, linearRampToValueAtTime() {}, exponentialRampToValueAtTime() {} };
  const tones: number[] = [];
  const context = {
    currentTime: 1,
    destination: {},
    createGain: () => ({ gain: param, connect: () => undefined, disconnect: () => undefined }),
    createOscillator: () => ({
      frequency: { value: 0 },
      connect: (next: unknown) => next,
      start: (at: number) => tones.push(at),
      stop: () => undefined,
    }),
    close: async () => undefined,
  };
  return { tones, make: () => context as unknown as AudioContext };
}

describe("chimes", () => {
  it("sound, but the same not again at once", () => {
    const { tones, make } = fake();
    let now = 0;
    const chimes = new Chimes(make, () => now);
    chimes.play("came");
    expect(tones.length).toBe(1);
    now = 2_999;
    chimes.play("came");
    expect(tones.length).toBe(1);
    chimes.play("asked");
    expect(tones.length).toBe(3);
    now = 3_000;
    chimes.play("came");
    expect(tones.length).toBe(4);
  });

  it("can be off", () => {
    const { tones, make } = fake();
    const chimes = new Chimes(make, () => 0);
    chimes.switch(false);
    chimes.play("yours");
    expect(tones.length).toBe(0);
  });
});
