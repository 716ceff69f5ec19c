import { beforeEach, describe, expect, it, vi } from "vitest";

import { readCaption, type SealedCaption, writeCaption, writeText } from "../src/e2ee/text";
import { utf8 } from "../src/e2ee/bytes";
import { LIMITS, type Participant } from "../src/gen/protocol";
import { AUTOMATIC, Captions, LINES_KEPT } from "../src/lib/captions.svelte";
import { CaptionWriter, firstLine, LIVE_MS } from "../src/lib/captionWriter.svelte";
import type { Caption } from "../src/lib/captions.svelte";

let stored: Map<string, string>;

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (k: string) => stored.get(k) ?? null,
    setItem: (k: string, v: string) => stored.set(k, v),
  });
});

function captioner(id: string, language: string): [string, Participant] {
  return [id, { id, role: "captioner", place: "room", language } as Participant];
}

const line = (n: number, text: string, done = true): Caption => ({ line: n, text, done });

describe("captions", () => {
  it("are off until somebody wants them, and remembered then", () => {
    expect(new Captions(new Map()).on).toBe(false);
    const captions = new Captions(new Map([captioner("a", "EN")]));
    captions.choose("EN");
    captions.resize("large");
    expect(captions.on).toBe(true);
    const again = new Captions(new Map([captioner("a", "EN"), captioner("b", "AR")]));
    expect([again.on, again.size, again.channel]).toEqual([true, "large", "EN"]);
  });

  it("have a channel for each language that somebody types, and one of the browser's own", () => {
    const people = new Map([captioner("a", "FR"), captioner("b", "EN"), captioner("c", "EN")]);
    const captions = new Captions(people);
    expect(captions.channels).toEqual(["EN", "FR"]);
    expect(captions.channel).toBe("EN");
    captions.automatic = true;
    expect(captions.channels).toEqual(["EN", "FR", AUTOMATIC]);
    captions.choose("FR");
    captions.take("FR", "a", line(1, "Bonjour"));
    people.delete("a"); // what was typed stays to be read
    expect(captions.channel).toBe("FR");
  });

  it("have none where nobody types", () => {
    const captions = new Captions(new Map([["o", { id: "o", role: "observer", place: "room" } as Participant]]));
    captions.choose("EN");
    expect([captions.channels, captions.channel, captions.served]).toEqual([[], undefined, false]);
  });

  it("grow in place, are mended in place, and go when they are taken back", () => {
    const captions = new Captions(new Map([captioner("a", "EN"), captioner("b", "EN")]));
    captions.take("EN", "a", line(1, "Good", false));
    captions.take("EN", "b", line(1, "Another"));
    captions.take("EN", "a", line(1, "Good morning."));
    captions.take("EN", "a", line(2, "Wrong"));
    expect(captions.shown.map((l) => l.text)).toEqual(["Good morning.", "Another", "Wrong"]);
    captions.take("EN", "a", line(2, ""));
    expect(captions.shown.map((l) => l.text)).toEqual(["Good morning.", "Another"]);
    expect(new Set(captions.lines.map((l) => l.key)).size).toBe(3);
  });

  it("keep so many lines", () => {
    const captions = new Captions(new Map([captioner("a", "EN")]));
    for (let n = 1; n <= LINES_KEPT + 1; n++) captions.take("EN", "a", line(n, `line ${n}`));
    expect(captions.lines.length).toBe(LINES_KEPT);
    expect(captions.lines[0]!.text).toBe("line 2");
  });
});

describe("a captioner", () => {
  let sent: Caption[];
  let online: boolean;
  let writer: CaptionWriter;
  const MAX = 20;
  const FIRST = 1_000;

  beforeEach(() => {
    vi.useFakeTimers();
    sent = [];
    online = true;
    writer = new CaptionWriter((c) => online && sent.push(c) > 0, MAX, Date.UTC(2026, 0, 1) + FIRST * 1000);
    return () => vi.useRealTimers();
  });

  it("is read as the line grows, at most so often", () => {
    writer.type("G");
    writer.type("Go");
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(LIVE_MS);
    writer.type("Goo");
    vi.advanceTimersByTime(LIVE_MS);
    vi.advanceTimersByTime(10 * LIVE_MS);
    expect(sent).toEqual([line(FIRST, "Go", false), line(FIRST, "Goo", false)]);
  });

  it("ends a line with Enter, and goes on with the next", () => {
    writer.type("One ");
    expect(writer.enter()).toBe(true);
    expect(writer.text).toBe("");
    writer.type("Two");
    writer.enter();
    vi.advanceTimersByTime(LIVE_MS);
    expect(sent).toEqual([line(FIRST, "One"), line(FIRST + 1, "Two")]);
    expect(writer.enter()).toBe(true); // nothing
    expect(sent.length).toBe(2);
  });

  it("mends the last line, and goes on where they were", () => {
    writer.type("Nroway");
    writer.enter();
    writer.type("and");
    writer.mend();
    expect([writer.text, writer.mending]).toEqual(["Nroway", true]);
    writer.type("Norway");
    vi.advanceTimersByTime(LIVE_MS);
    expect(sent.length).toBe(1); // shown once it is right
    writer.enter();
    expect([writer.text, writer.mending]).toEqual(["and", false]);
    expect(sent.at(-1)).toEqual(line(FIRST, "Norway"));
    writer.mend();
    writer.type("");
    writer.enter();
    expect(sent.at(-1)).toEqual(line(FIRST, ""));
    expect(writer.last).toBeUndefined();
  });

  it("may leave the last line as it was", () => {
    writer.type("One");
    writer.enter();
    writer.mend();
    writer.type("Other");
    writer.keepLast();
    expect([writer.text, writer.mending, writer.last?.text, sent.length]).toEqual(["", false, "One", 1]);
  });

  it("has room for so many bytes", () => {
    expect(writer.type("é".repeat(MAX / 2))).toBe(true);
    expect(writer.type("é".repeat(MAX / 2) + "a")).toBe(false);
    expect(writer.text).toBe("é".repeat(MAX / 2));
  });

  it("keeps a line that did not go out", () => {
    online = false;
    writer.type("One");
    expect(writer.enter()).toBe(false);
    expect(writer.text).toBe("One");
    online = true;
    expect(writer.enter()).toBe(true);
    expect(sent).toEqual([line(FIRST, "One")]);
  });

  it("who comes again counts on from the time, within what a line's number may be", () => {
    expect(firstLine(Date.UTC(2026, 0, 1, 0, 1))).toBe(60);
    expect(firstLine(0)).toBe(1);
    expect(firstLine(Date.UTC(2056, 0, 1))).toBeLessThan(1e9);
  });
});

describe("a sealed line", () => {
  const caption: SealedCaption = { language: "FR", line: 7, text: "Bonjour", done: false };

  it("comes back as it was", () => {
    expect(readCaption(writeCaption(caption))).toEqual(caption);
    expect(readCaption(writeText("Bonjour"))).toBeUndefined();
  });

  it("is none with another shape, or longer than a line may be", () => {
    const { text: max } = LIMITS.caption;
    expect(readCaption(writeCaption({ ...caption, text: "x".repeat(max) }))?.text.length).toBe(max);
    const wrong: object[] = [
      { ...caption, text: "x".repeat(max + 1) },
      { ...caption, text: "two\nlines" },
      { ...caption, line: 0 },
      { ...caption, line: 1.5 },
      { ...caption, language: "" },
      { ...caption, language: "automatic" },
      { ...caption, done: "yes" },
    ];
    for (const fields of wrong)
      expect(readCaption(utf8(JSON.stringify({ v: 1, type: "caption", ...fields })))).toBeUndefined();
  });
});
