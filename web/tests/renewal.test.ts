import { describe, expect, it } from "vitest";

import { readGoing, type Standing, stepOf } from "../src/lib/renewal";

describe("another build of the server", () => {
  const waiting: Standing = { own: "a", told: "b", inRoom: false, live: false, renewed: false };

  it.each<[string, Partial<Standing>, string]>([
    ["the same build", { told: "a" }, "nothing"],
    ["a server that does not say", { told: undefined }, "nothing"],
    ["a server without a page", { told: "" }, "nothing"],
    ["a page in development", { own: "" }, "nothing"],
    ["who waits, with nothing open", {}, "renew"],
    ["in a meeting", { inRoom: true }, "say"],
    ["camera or microphone open", { live: true }, "say"],
    ["the fresh page is not loaded a third time", { renewed: true }, "say"],
  ])("%s", (_name, change, step) => {
    expect(stepOf({ ...waiting, ...change })).toBe(step);
  });

  it.each([
    [null, undefined],
    ["{", undefined],
    ["7", undefined],
    ['{"on":"else"}', undefined],
    ['{"on":"left","name":"x"}', { on: "left" }],
    ['{"on":"waiting"}', { on: "waiting" }],
    ['{"on":"waiting","name":"Ann"}', { on: "waiting", name: "Ann" }],
    ['{"on":"waiting","name":7}', { on: "waiting" }],
  ])("what is kept for the reload: %s", (text, going) => {
    expect(readGoing(text)).toEqual(going);
  });
});
