import { describe, expect, it } from "vitest";

import { ACTIONS, fit, read, reassigned } from "../src/lib/shortcuts.svelte";

const usual = read(null);

describe("shortcuts", () => {
  it("are one key each", () => {
    expect(new Set(ACTIONS.map((a) => usual[a])).size).toBe(ACTIONS.length);
  });

  it("change places where a key is taken", () => {
    const { keys, lost } = reassigned(usual, "camera", "M");
    expect([keys.camera, keys.microphone, lost]).toEqual(["m", "v", "microphone"]);
    expect(reassigned(usual, "camera", "x")).toEqual({ keys: { ...usual, camera: "x" }, lost: undefined });
    expect(reassigned(usual, "camera", "v")).toEqual({ keys: usual, lost: undefined });
  });

  it("come back as they were kept", () => {
    const { keys } = reassigned(usual, "chat", "é");
    expect(read(JSON.stringify(keys))).toEqual(keys);
  });

  const { chat: _chat, ...short } = usual;
  const SPOILED: [string, string][] = [
    ["no JSON", "{"],
    ["no object", "null"],
    ["one missing", JSON.stringify(short)],
    ["one twice", JSON.stringify({ ...usual, chat: usual.people })],
    ["no key", JSON.stringify({ ...usual, chat: "" })],
    ["another type", JSON.stringify({ ...usual, chat: 5 })],
  ];
  for (const [what, text] of SPOILED) it(`are the usual ones where what was kept is spoiled: ${what}`, () => expect(read(text)).toEqual(usual));

  it("are letters and digits of any script", () => {
    for (const key of ["a", "7", "é", "ж", "א"]) expect(fit(key), key).toBe(true);
    for (const key of [" ", "Tab", "/", "", "Enter", "F5", "-"]) expect(fit(key), key).toBe(false);
  });
});
