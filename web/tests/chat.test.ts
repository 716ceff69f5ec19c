import { describe, expect, it } from "vitest";

import type { Participant, Seat } from "../src/gen/protocol";
import { Chat } from "../src/lib/chat.svelte";
import { conversation, isAlone, offered } from "../src/lib/conversations";
import { HISTORY_CHARS_MAX, HISTORY_MAX, type HistoryPlace, readHistory, writeHistory } from "../src/lib/history";
import { chat as texts } from "../src/texts/en.chat";

const entry = (participant: string, at: number, text = "x") => ({ participant, name: participant, text, at });

class FakePlace implements HistoryPlace {
  text: string | null = null;
  load = async () => readHistory(this.text);
  save: HistoryPlace["save"] = (entries, seen) => void (this.text = writeHistory(entries, seen));
}

describe("the chat", () => {
  it("counts what was not read, in each circle by itself", () => {
    const chat = new Chat();
    chat.add("meeting", entry("a", 1));
    chat.add("seat:NOR", entry("a", 2));
    chat.add("seat:NOR", entry("me", 3));
    expect([chat.unread("me"), chat.unread("me", "meeting"), chat.unread("me", "seat:NOR")]).toEqual([2, 1, 1]);
    chat.markRead("seat:NOR");
    expect([chat.unread("me"), chat.unread("me", "meeting"), chat.unread("me", "seat:NOR")]).toEqual([1, 1, 0]);
    chat.add("seat:NOR", entry("a", 4));
    expect(chat.unread("me", "seat:NOR")).toBe(1);
    expect(chat.of("meeting").map(({ at }) => at)).toEqual([1]);
  });

  it("is kept for a reload, with what was read", async () => {
    const place = new FakePlace();
    const before = new Chat();
    await before.keep(place);
    before.add("seat:NOR", entry("a", 2, "ours"));
    before.add("meeting", entry("a", 3, "all"));
    before.markRead("seat:NOR");
    const after = new Chat();
    await after.keep(place);
    expect(after.entries.map(({ circle, text }) => [circle, text])).toEqual([["seat:NOR", "ours"], ["meeting", "all"]]);
    expect([after.unread("me", "seat:NOR"), after.unread("me", "meeting")]).toEqual([0, 1]);
  });

  it("does not lose what comes before what was kept is there", async () => {
    const place = new FakePlace();
    const before = new Chat();
    await before.keep(place);
    before.add("meeting", entry("a", 1, "one"));
    const after = new Chat();
    const loaded = after.keep(place);
    after.add("meeting", entry("a", 2, "two"));
    after.markRead("meeting");
    await loaded;
    for (const entries of [after.entries, (await place.load()).entries]) expect(entries.map(({ text }) => text)).toEqual(["one", "two"]);
    expect(after.unread("me")).toBe(0);
  });

  it("keeps the latest, to a bound", () => {
    const said = (i: number, text: string) => ({ circle: "meeting", ...entry("a", i, text), name: "" });
    const many = Array.from({ length: HISTORY_MAX + 1 }, (_, i) => said(i, "x"));
    const kept = (entries: typeof many) => readHistory(writeHistory(entries, {})).entries.map(({ at }) => at);
    expect(kept(many.slice(1)).length).toBe(HISTORY_MAX);
    expect(kept(many)).toEqual(many.slice(1).map(({ at }) => at));
    const large = "x".repeat(HISTORY_CHARS_MAX / 2);
    expect(kept([said(0, large), said(1, large)])).toEqual([0, 1]);
    expect(kept([said(0, `${large}x`), said(1, large)])).toEqual([1]);
  });

  it.each([null, "", "x", "null", "[]", '{"entries":3,"seen":4}', '{"entries":[{"circle":"a"},null]}'])(
    "takes nothing from what is not its own: %s",
    (text) => expect(readHistory(text)).toEqual({ entries: [], seen: {} }),
  );
});

const seats = [
  { seat: "NOR", name: "Norway" },
  { seat: "SWE", name: "Sweden" },
] as Seat[];
const person = (role: string, seat?: string) => ({ role, ...(seat && { seat }) }) as Participant;

describe("conversations", () => {
  it("are called what they are to the reader", () => {
    expect(conversation("meeting", false, seats).kind).toBe("everyone");
    expect(conversation("seat:NOR", false, seats)).toEqual({ circle: "seat:NOR", kind: "delegation", seat: "Norway" });
    expect(conversation("note:NOR", false, seats).kind).toBe("chair");
    expect(conversation("note:SWE", true, seats)).toEqual({ circle: "note:SWE", kind: "note", seat: "Sweden" });
  });

  const rows: [circle: string, presides: boolean, readers: Participant[], alone: boolean][] = [
    ["meeting", false, [], false],
    ["seat:NOR", false, [], true],
    ["seat:NOR", false, [person("adviser", "NOR")], false],
    ["note:NOR", false, [person("adviser", "NOR")], true], // nobody presides
    ["note:NOR", false, [person("secretary")], false],
    ["note:NOR", true, [person("secretary")], true], // nobody of Norway
    ["note:NOR", true, [person("delegate", "NOR")], false],
  ];
  it.each(rows)("%s, presiding %s: is anybody there?", (circle, presides, readers, alone) => {
    expect(isAlone(conversation(circle, presides, seats), readers)).toBe(alone);
  });

  it("are buttons for a delegation, and a list for who presides", () => {
    const own = ["seat:NOR", "note:NOR"];
    expect(offered(own, false, [], "meeting")).toEqual({ buttons: ["meeting", ...own], more: [] });
    expect(offered([], false, [], "meeting")).toEqual({ buttons: [], more: [] });
    const notes = ["note:NOR", "note:SWE", "note:DEN"];
    const said = [{ ...entry("a", 1), circle: "note:SWE", key: 0 }];
    expect(offered(notes, true, said, "note:DEN")).toEqual({
      buttons: ["meeting", "note:SWE", "note:DEN"],
      more: ["note:NOR"],
    });
  });

  it("say who reads them", () => {
    expect(texts.reads(["Ann"])).toBe("Read by Ann, and nobody else.");
    expect(texts.reads(["A", "B", "C", "D", "E"])).toBe("Read by A, B, C, D and E, and nobody else.");
    expect(texts.reads(["A", "B", "C", "D", "E", "F"])).toBe("Read by A, B, C, D and 2 more, and nobody else.");
  });
});
