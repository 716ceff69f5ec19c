import { describe, expect, it } from "vitest";

import { atOrAfter, BLIND_MS, SlotMatch } from "../src/lib/slots";

describe("serial comparison", () => {
  const CASES: [number, number, boolean][] = [
    [5, 5, true],
    [6, 5, true],
    [4, 5, false],
    [2, 4294967290, true], // past the end of the circle
    [4294967290, 2, false],
    [0x7fffffff, 0, true],
    [0x80000001, 0, false],
  ];
  for (const [a, b, wanted] of CASES) {
    it(`${a} is ${wanted ? "" : "not "}at or after ${b}`, () => {
      expect(atOrAfter(a, b)).toBe(wanted);
    });
  }
});

describe("what a slot shows", () => {
  it("is nothing before the first frame of the source", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    expect(m.shown).toBeUndefined();
    m.frame(999, 10);
    expect(m.shown).toBeUndefined();
    m.frame(1000, 20);
    expect(m.shown).toBe(7);
  });

  it("may skip the first frame", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    m.frame(4000, 20);
    expect(m.shown).toBe(7);
  });

  it("is not the old picture under the new name", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    m.frame(1000, 10);
    m.assign(8, 9000, 20);
    expect(m.shown).toBeUndefined();
    m.frame(8999, 30);
    expect(m.shown).toBeUndefined();
    m.frame(9000, 40);
    expect(m.shown).toBe(8);
  });

  it("is there at once when the frame was quicker than the message", () => {
    const m = new SlotMatch();
    m.frame(1000, 0);
    m.assign(7, 1000, 10);
    expect(m.shown).toBe(7);
  });

  it("stays when the same is said again", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    m.frame(1000, 10);
    m.assign(7, 5000, 20);
    expect(m.shown).toBe(7);
  });

  it("is nothing once the slot is empty", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    m.frame(1000, 10);
    m.assign(undefined, 0, 20);
    m.frame(2000, 30);
    expect(m.shown).toBeUndefined();
    expect(m.source).toBeUndefined();
  });

  it("goes by time where frames have no timestamp", () => {
    const m = new SlotMatch();
    m.assign(7, 1000, 0);
    m.frame(undefined, BLIND_MS - 1);
    expect(m.shown).toBeUndefined();
    m.frame(undefined, BLIND_MS);
    expect(m.shown).toBe(7);
  });

  it("goes by time where frames are not reported", () => {
    const m = new SlotMatch();
    m.blind(10_000);
    expect(m.shown).toBeUndefined();
    m.assign(7, 1000, 10_000);
    m.blind(10_000 + BLIND_MS - 1);
    expect(m.shown).toBeUndefined();
    m.blind(10_000 + BLIND_MS);
    expect(m.shown).toBe(7);
  });

  it("is nothing in an encrypted meeting before it is told what was opened", () => {
    const match = new SlotMatch();
    match.assign(7, undefined, 0);
    match.frame(100, 10);
    match.blind(10 + BLIND_MS);
    expect(match.shown).toBeUndefined();
    match.begin(200, 20);
    match.frame(199, 30);
    expect(match.shown).toBeUndefined();
    match.frame(200, 40);
    expect(match.shown).toBe(7);
  });

  it("is there at once when the frame came before the word of it", () => {
    const match = new SlotMatch();
    match.assign(7, undefined, 0);
    match.frame(300, 10);
    match.begin(300, 20);
    expect(match.shown).toBe(7);
  });

  it("is there with the next frame when no timestamp was told", () => {
    const match = new SlotMatch();
    match.assign(7, undefined, 0);
    match.frame(300, 10);
    match.begin(undefined, 20);
    expect(match.shown).toBeUndefined();
    match.frame(301, 30);
    expect(match.shown).toBe(7);
  });
});
