import { describe, expect, it } from "vitest";

import { sentenceFor } from "../src/lib/admin";
import { sectionOf } from "../src/lib/editor.svelte";
import { fileName, table } from "../src/lib/files";

describe("a file's name", () => {
  const CASES: [string, string][] = [
    ["Military Committee, 20 August", "Military-Committee-20-August.ics"],
    ["../../etc/passwd", "etc-passwd.ics"],
    ["  ", "meeting.ics"],
    ["x".repeat(200), `${"x".repeat(80)}.ics`],
  ];
  for (const [title, wanted] of CASES) {
    it(title.slice(0, 20), () => expect(fileName(title, "ics")).toBe(wanted));
  }
});

describe("a table for a spreadsheet", () => {
  it("quotes every field", () => {
    expect(table([["Name", 'A "B", C'], ["two\nlines", ""]])).toBe('"Name","A ""B"", C"\r\n"two\nlines",""\r\n');
  });

  it("has no formulas", () => {
    for (const text of ["=1+1", "+1", "-1", "@x", "\tx"]) expect(table([[text]])).toBe(`"'${text}"\r\n`);
  });
});

describe("the server's sentence", () => {
  it("is shown at its field without the field's name", () => {
    expect(sentenceFor("prepared[3].title: must not be empty", "prepared[3].title")).toBe("Must not be empty.");
    expect(sentenceFor("There is no such meeting.", undefined)).toBe("There is no such meeting.");
    expect(sentenceFor("title: must be one line", "quorum")).toBe("Title: must be one line.");
    expect(sentenceFor("", undefined)).toBe("");
  });

  it("belongs to a part of the page", () => {
    const places = ["title", "quorum", "seats.3.id", "items.0.title", "entries.1.source", "people", "prepared", ""];
    expect(places.map(sectionOf)).toEqual([
      "meeting",
      "meeting",
      "seats",
      "agenda",
      "register",
      "people",
      "meeting",
      "meeting",
    ]);
  });
});
