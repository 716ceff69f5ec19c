import { describe, expect, it } from "vitest";

import { instantIn, isZone, localIn, minutesText, remaining, speakingClock } from "../src/lib/clock";

describe("the speaking clock", () => {
  const CASES: [string, number | undefined, number, ReturnType<typeof speakingClock>][] = [
    ["no limit", undefined, 500_000, { state: "unlimited", spokenMs: 500_000 }],
    ["no limit, said as 0", 0, 500_000, { state: "unlimited", spokenMs: 500_000 }],
    ["time is left", 120, 89_999, { state: "running", spokenMs: 89_999, leftMs: 30_001 }],
    ["the last half minute", 120, 90_000, { state: "warning", spokenMs: 90_000, leftMs: 30_000 }],
    ["the last moment", 120, 120_000, { state: "warning", spokenMs: 120_000, leftMs: 0 }],
    ["overtime", 120, 120_001, { state: "over", spokenMs: 120_001, leftMs: -1 }],
    ["the page's clock is behind", 120, -400, { state: "running", spokenMs: 0, leftMs: 120_000 }],
  ];
  for (const [what, seconds, spoken, wanted] of CASES) {
    it(what, () => expect(speakingClock(1_000_000, seconds, 1_000_000 + spoken)).toEqual(wanted));
  }
});

describe("minutes", () => {
  const CASES: [number, string][] = [
    [0, "0:00"],
    [999, "0:00"],
    [7_000, "0:07"],
    [59_999, "0:59"],
    [750_000, "12:30"],
    [3_723_000, "1:02:03"],
    [-65_000, "1:05"],
  ];
  for (const [ms, wanted] of CASES) it(`${ms} ms`, () => expect(minutesText(ms)).toBe(wanted));
});

describe("the time until a deadline", () => {
  it("is told in days, hours, minutes and the second that has begun", () => {
    const left = ((2 * 24 + 3) * 60 + 4) * 60_000 + 5_001;
    expect(remaining(left, 0)).toEqual({ days: 2, hours: 3, minutes: 4, seconds: 6 });
    expect(remaining(1, 0)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 1 });
  });

  it("is none once it has passed", () => {
    expect(remaining(5, 5)).toBeUndefined();
    expect(remaining(5, 6)).toBeUndefined();
  });
});

describe("a time on the clocks of a zone", () => {
  const CASES: [string, string, string][] = [
    ["Europe/Brussels", "2026-01-15T18:00", "2026-01-15T17:00:00Z"],
    ["Europe/Brussels", "2026-07-15T18:00", "2026-07-15T16:00:00Z"],
    ["America/New_York", "2026-07-15T18:00", "2026-07-15T22:00:00Z"],
    ["Asia/Kathmandu", "2026-07-15T18:00", "2026-07-15T12:15:00Z"],
    ["UTC", "2026-07-15T18:00", "2026-07-15T18:00:00Z"],
    // Hours before and after the clocks go forward, and back.
    ["Europe/Brussels", "2026-03-29T01:30", "2026-03-29T00:30:00Z"],
    ["Europe/Brussels", "2026-03-29T03:30", "2026-03-29T01:30:00Z"],
    ["Europe/Brussels", "2026-10-25T04:00", "2026-10-25T03:00:00Z"],
  ];
  for (const [zone, local, instant] of CASES) {
    it(`${local} in ${zone}`, () => {
      expect(new Date(instantIn(zone, local)!).toISOString()).toBe(new Date(instant).toISOString());
      expect(localIn(zone, Date.parse(instant))).toBe(local);
    });
  }

  it("is none for a text that is none, or a zone that is none", () => {
    expect(instantIn("Europe/Brussels", "")).toBeUndefined();
    expect(instantIn("Europe/Nowhere", "2026-07-15T18:00")).toBeUndefined();
    expect(isZone("Europe/Nowhere")).toBe(false);
    expect(isZone("")).toBe(false);
    expect(isZone("Europe/Brussels")).toBe(true);
  });
});
