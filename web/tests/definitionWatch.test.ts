import { afterEach, describe, expect, it, vi } from "vitest";

import type { Seat as SignedSeat } from "../src/e2ee/identity";
import { definitionHash } from "../src/e2ee/organiser";
import { DefinitionWatch } from "../src/lib/definitionWatch";
import type { Alarm } from "../src/record/alarm";

const TEXT = JSON.stringify({ title: "T", quorum: 2, seats: [{ id: "NOR", name: "N" }, { id: "DEN", name: "D", weight: 3 }, { id: "EU", name: "E", guest: true }] });
const TOLD = [
  { seat: "NOR", weight: 1, member: true },
  { seat: "DEN", weight: 3, member: true },
  { seat: "EU", weight: 1, member: false },
];

type SignedSeats = ReadonlyMap<string, SignedSeat>;

async function watch(answers: (string | number)[], signed: string | undefined = undefined, listed: () => Promise<SignedSeats> = async () => new Map()) {
  const asked = vi.fn(async () => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    return typeof answer === "string" ? new Response(answer) : new Response("", { status: answer });
  });
  vi.stubGlobal("fetch", asked);
  const alarms: Alarm[] = [];
  const host = { meeting: "m1", token: "t", signed, listed, raise: (alarm: Alarm) => void alarms.push(alarm) };
  return { watch: new DefinitionWatch(host), alarms, asked };
}

afterEach(() => vi.unstubAllGlobals());

describe("what a meeting is, as the organiser signed it", () => {
  it("is what the server has and tells: nothing is said", async () => {
    const w = await watch([TEXT], await definitionHash(TEXT));
    w.watch.session({ quorum: 2 });
    await w.watch.seats(TOLD);
    await w.watch.seats(TOLD);
    expect(w.alarms).toEqual([]);
    expect(w.asked).toHaveBeenCalledTimes(1);
  });

  it("is another: an alarm that names both", async () => {
    const signed = await definitionHash(TEXT);
    const other = TEXT.replace('"quorum":2', '"quorum":1');
    const w = await watch([other], signed);
    await w.watch.seats(TOLD);
    expect(w.alarms).toEqual([{ why: "redefined", ours: signed, theirs: await definitionHash(other) }]);
  });

  it.each([
    ["a weight", TOLD.with(1, { seat: "DEN", weight: 4, member: true }), 2, "DEN: weight 3", "DEN: weight 4"],
    ["a guest that counts", TOLD.with(2, { seat: "EU", weight: 1, member: true }), 2, "EU: a guest", "EU: weight 1"],
    ["a seat that is not there", [...TOLD, { seat: "X", weight: 1, member: true }], 2, "", "X: weight 1"],
    ["the quorum", TOLD, 1, "quorum: 2", "quorum: 1"],
  ])("is told otherwise (%s): an alarm", async (_, seats, quorum, ours, theirs) => {
    const w = await watch([TEXT], await definitionHash(TEXT));
    w.watch.session({ quorum });
    await w.watch.seats(seats);
    expect(w.alarms).toEqual([{ why: "redefined", ours, theirs }]);
  });

  const SWE = { id: "SWE", name: "Sweden", weight: 2, guest: false };
  const list = (seat?: SignedSeat) => new Map([["NOR", { id: "NOR", name: "N" }], ...(seat ? [[seat.id, seat] as const] : [])]);
  const TOLD_SWE = { seat: "SWE", weight: 2, member: true };

  it.each([
    ["as it was signed", list(SWE), TOLD_SWE, undefined],
    ["as a guest's, as it was signed", list({ ...SWE, guest: true }), { ...TOLD_SWE, member: false }, undefined],
    ["that nobody signed", list(), TOLD_SWE, ["", "SWE: weight 2"]],
    ["of another weight", list({ ...SWE, weight: 1 }), TOLD_SWE, ["SWE: weight 1", "SWE: weight 2"]],
    ["that was signed as a guest's", list({ ...SWE, guest: true }), TOLD_SWE, ["SWE: a guest", "SWE: weight 2"]],
    ["that is on the list without a weight", list({ id: "SWE", name: "Sweden" }), TOLD_SWE, ["", "SWE: weight 2"]],
  ])("has a seat more, %s", async (_, signed, told, alarm) => {
    const w = await watch([TEXT], await definitionHash(TEXT), async () => signed);
    await w.watch.seats([...TOLD, told]);
    expect(w.alarms).toEqual(alarm ? [{ why: "redefined", ours: alarm[0], theirs: alarm[1] }] : []);
  });

  it("is compared with the lists that came before what is told", async () => {
    let listed = list();
    let looked!: () => void;
    const looking = new Promise<void>((resolve) => (looked = resolve));
    const w = await watch([TEXT], await definitionHash(TEXT), async () => (await looking, listed));
    const before = w.watch.seats(TOLD);
    const after = w.watch.seats([...TOLD, TOLD_SWE]); // its list is still being verified
    listed = list(SWE);
    looked();
    await Promise.all([before, after]);
    expect(w.alarms).toEqual([]);
    listed = list({ ...SWE, weight: 1 }); // and with each later one
    w.watch.list();
    await vi.waitFor(() => expect(w.alarms.length).toBe(1));
  });

  it("compares what was told with no list of before it", async () => {
    const lists = [list(), list(SWE)];
    let first!: () => void;
    const looking = new Promise<void>((resolve) => (first = resolve));
    const w = await watch([TEXT], await definitionHash(TEXT), async () => {
      const [now] = lists;
      if (lists.length > 1) await looking;
      return now!;
    });
    const before = w.watch.seats(TOLD);
    await vi.waitFor(() => expect(w.asked).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve)); // it looks at the first list
    lists.shift();
    const after = w.watch.seats([...TOLD, TOLD_SWE]);
    first();
    await Promise.all([before, after]);
    expect(w.alarms).toEqual([]);
  });

  it("is asked again where there was no answer, and not where it may not be read or was not signed", async () => {
    const again = await watch([500, TEXT.replace("T", "U")], await definitionHash(TEXT));
    await again.watch.seats(TOLD);
    expect(again.alarms).toEqual([]);
    await again.watch.seats(TOLD);
    expect(again.alarms.length).toBe(1);
    const guest = await watch([403], await definitionHash(TEXT));
    await guest.watch.seats([]);
    await guest.watch.seats([]);
    expect([guest.alarms, guest.asked.mock.calls.length]).toEqual([[], 1]);
    const before = await watch([TEXT]);
    await before.watch.seats([]);
    expect(before.asked).not.toHaveBeenCalled();
  });
});
