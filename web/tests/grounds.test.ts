// What is signed stands on an event that a checkpoint covers.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { COVER_WAIT_MS, Grounds } from "../src/record/grounds";

describe("the event that something signed stands on", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** What became of it. */
  function wait(grounds: Grounds, event: number, now = 0): { covered?: boolean } {
    const it_: { covered?: boolean } = {};
    void grounds.covers(event, now).then((covered) => (it_.covered = covered));
    return it_;
  }
  const told = (grounds: Grounds, size: number, grown = true) => grounds.checked(size, grounds.tell(), grown);

  it("is there at once, if a checkpoint covers it", async () => {
    const grounds = new Grounds();
    told(grounds, 7, false);
    expect(await grounds.covers(7, 0)).toBe(true);
    expect(grounds.busy).toBe(false);
  });

  it("is there with the checkpoint that covers it", async () => {
    const grounds = new Grounds();
    told(grounds, 7);
    const eight = wait(grounds, 8);
    const nine = wait(grounds, 9);
    expect(told(grounds, 8)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(0);
    expect([eight.covered, nine.covered]).toEqual([true, undefined]);
    expect(told(grounds, 12)).toBeUndefined();
    await vi.advanceTimersByTimeAsync(0);
    expect(nine.covered).toBe(true);
    expect(grounds.busy).toBe(false);
  });

  it("is told not to be there, after a while; and is an alarm later", async () => {
    const grounds = new Grounds();
    const it_ = wait(grounds, 8, 1_000);
    await vi.advanceTimersByTimeAsync(COVER_WAIT_MS - 1);
    expect(it_.covered).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    expect(it_.covered).toBe(false);
    expect(grounds.late(30_999)).toBeUndefined();
    expect(grounds.late(31_000)).toBe(8);
    expect(grounds.late(31_000)).toBeUndefined();
    expect(grounds.busy).toBe(false);
  });

  it("is not waited for without a connection", () => {
    const grounds = new Grounds();
    wait(grounds, 8);
    grounds.lost(20_000);
    expect(grounds.late(49_999)).toBeUndefined();
    expect(grounds.late(50_000)).toBe(8);
  });

  it("is still to come, if the record grows twice and ends before it: a lie", async () => {
    const grounds = new Grounds();
    const before = grounds.tell();
    const it_ = wait(grounds, 1_000);
    expect(grounds.checked(7, before, true)).toBeUndefined(); // told before it was asked for
    expect(told(grounds, 8)).toBeUndefined(); // may have been made while the event was written
    expect(told(grounds, 8, false)).toBeUndefined(); // told again
    expect(grounds.checked(9, 0, true)).toBeUndefined(); // looked at again
    await vi.advanceTimersByTimeAsync(0);
    expect(it_.covered).toBeUndefined();
    expect(told(grounds, 10)).toBe(1_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(it_.covered).toBe(false);
    expect(grounds.busy).toBe(false);
  });

  it("is none, if its number is none", async () => {
    const grounds = new Grounds();
    told(grounds, 9);
    for (const event of [0, -1, 1.5, NaN, Infinity, "7" as unknown as number]) expect(await grounds.covers(event, 0)).toBe(false);
  });
});
