import { describe, expect, it } from "vitest";

import { calendar, fold } from "../src/lib/ics";

const EVENT = {
  uid: "bcdfgh2345-p1@parley.example",
  title: "Council; special, in \\ camera",
  start: Date.UTC(2026, 7, 20, 12, 30),
  minutes: 90,
  url: "https://parley.example/m/bcdfgh2345#1.AbC-_9",
  description: "You join as Chair.\nThis link is yours alone.",
  stamp: Date.UTC(2026, 7, 1, 9, 0, 5, 250),
};

/** As a reader of the file does (RFC 5545, 3.1). */
function unfold(file: string): string[] {
  return file.replace(/\r\n[ \t]/g, "").split("\r\n");
}

describe("a calendar file", () => {
  const file = calendar(EVENT);

  it("has times in UTC", () => {
    expect(unfold(file)).toEqual(
      expect.arrayContaining([
        "DTSTAMP:20260801T090005Z",
        "DTSTART:20260820T123000Z",
        "DTEND:20260820T140000Z",
      ]),
    );
  });

  it("escapes what has a meaning", () => {
    expect(unfold(file)).toContain("SUMMARY:Council\\; special\\, in \\\\ camera");
    expect(unfold(file)).toContain("DESCRIPTION:You join as Chair.\\nThis link is yours alone.");
    expect(unfold(file)).toContain(`URL:${EVENT.url}`);
  });

  it("ends every line as the standard says, and has one event", () => {
    expect(file.endsWith("END:VCALENDAR\r\n")).toBe(true);
    expect(file.replace(/\r\n/g, "")).not.toMatch(/[\r\n]/);
    expect(unfold(file).filter((l) => l === "BEGIN:VEVENT")).toHaveLength(1);
  });

  it("takes a line break of any kind in a text, and no line of its own out of it", () => {
    const sly = calendar({ ...EVENT, title: "A\r\nATTENDEE:x\rB\nC" });
    expect(unfold(sly)).toContain("SUMMARY:A\\nATTENDEE:x\\nB\\nC");
  });
});

describe("folding", () => {
  const bytes = (text: string) => new TextEncoder().encode(text).length;

  it("leaves 75 bytes alone and folds 76", () => {
    expect(fold("x".repeat(75))).toBe("x".repeat(75));
    expect(fold("x".repeat(76))).toBe(`${"x".repeat(75)}\r\n x`);
  });

  it("cuts no character, and loses none", () => {
    for (const text of ["é".repeat(200), "🏛️".repeat(60), `${"a".repeat(74)}é${"b".repeat(90)}`]) {
      const lines = fold(text).split("\r\n");
      expect(lines.every((l) => bytes(l) <= 75)).toBe(true);
      expect(lines.map((l, i) => (i === 0 ? l : l.slice(1))).join("")).toBe(text);
    }
  });
});
