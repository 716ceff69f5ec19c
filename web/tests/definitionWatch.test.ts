import { afterEach, describe, expect, it, vi } from "vitest";

import { definitionHash } from "../src/e2ee/organiser";
import { DefinitionWatch } from "../src/lib/definitionWatch";
import type { Alarm } from "../src/record/alarm";

const TEXT = JSON.stringify({ title: "T", quorum: 2, seats: [{ id: "NOR", name: "N" }, { id: "DEN", name: "D", weight: 3 }, { id: "EU", name: "E", guest: true }] });
const TOLD = [
  { seat: "NOR", weight: 1, member: true },
  { seat: "DEN", weight: 3, member: true },
  { seat: "EU", weight: 1, member: false },
];

async function watch(answers: (string | number)[], signed: string | undefined = undefined) {
  const asked = vi.fn(async () => {
    const answer = answers.length > 1 ? answers.shift()! : answers[0]!;
    return typeof answer === "string" ? new Response(answer) : new Response("", { status: answer });
  });
  vi.stubGlobal("fetch", asked);
  const alarms: Alarm[] = [];
  const host = { meeting: "m1", token: "t", signed, raise: (alarm: Alarm) => void alarms.push(alarm) };
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
