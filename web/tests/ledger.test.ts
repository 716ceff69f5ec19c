// The record as a person looks for something in it.
import { afterEach, describe, expect, it, vi } from "vitest";

import { type Entry, Finder, plain, Teller } from "../src/lib/ledger";
import { Ledger } from "../src/lib/ledger.svelte";
import { readEvent } from "../src/lib/link";
import { en } from "../src/texts/en";
import list from "../../src/meet/acts.json";
import type { JsonObject } from "../src/record/json";

const seats: Record<string, string> = { NOR: "Norway", CZE: "Česko" };
const names = {
  seat: (id: string) => seats[id] ?? id,
  person: (id: string) => (id === "p2" ? { name: "Åse", seat: "NOR" } : undefined),
};

const record: JsonObject[] = [
  { act: "created", meeting: "M", definition: "x" },
  { act: "put_item", item: "one", title: "Guarantees" },
  { act: "put_item", item: "two", title: "Próxima" },
  { act: "put_decision", decision: "d", item: "two", title: "Mandate", texts: [{ language: "EN", text: "We decide in Łódź." }] },
  { act: "joined", participant: "p9", name: "Jiří", place: "room" },
  { act: "take_item", by: "p1", item: "one" },
  { act: "request_floor", by: "p9", kind: "speak", text: "In writing: žádáme.", participant: "p9", seat: "CZE" },
  { act: "give_floor", by: "p1", entry: 7, participant: "p9", seat: "CZE" },
  { act: "call_decision", by: "p1", decision: "d", version: 1 },
  { act: "vote", by: "p2", decision: "d", version: 1, choice: "join_with_reservation", statement: "But slowly.", seat: "NOR" },
  { act: "close_decision", by: "p1", decision: "d", outcome: "adopted", words: "Adopted." },
  { act: "put_party", by: "p1", party: "ua", name: "Ukraine" },
  { act: "consult", by: "p1", party: "ua", paper: "p", answer: "Yes." },
].map((event, i) => ({ number: i + 1, at: i, salt: "s", ...event }));

const sentence = (entry: Entry) => en.ledger.sentence(entry.told);
const tell = (): Entry[] => {
  const teller = new Teller(names);
  return record.map((event) => teller.tell(event, JSON.stringify(event)));
};

describe("an act", () => {
  const entries = tell();

  it.each([
    [4, "proposed", undefined, "two", "Draft decision “Mandate”"],
    [6, "procedure", "p1", "one", "The meeting takes up “Guarantees”"],
    [7, "said", "Česko", "one", "In writing: “In writing: žádáme.”"],
    [8, "said", "Česko", "one", "Read out, of Česko: “In writing: žádáme.”"],
    [10, "decided", "Norway", "two", "Join with a reservation, on “Mandate”: “But slowly.”"],
    [11, "decided", "p1", "two", "Adopted: “Mandate”"],
    [13, "consulted", "p1", "one", "Consultation of Ukraine: “Yes.”"],
  ])("%i is told with what came before it", (number, kind, who, item, said) => {
    const entry = entries[number - 1]!;
    expect([entry.kind, entry.told.who, entry.item, sentence(entry)]).toEqual([kind, who, item, said]);
  });

  it("of every name has a sentence", () => {
    const some = { number: 1, stance: "object", choice: "yes", outcome: "adopted", session: "open" };
    for (const { name, ...act } of list.acts as { name: string; kept?: boolean }[])
      if (act.kept !== false) expect(en.ledger.sentence({ act: name, event: some }), name).not.toBe(name);
  });
});

describe("what is looked for", () => {
  const entries = tell();
  const find = (wanted: Partial<Parameters<Finder["find"]>[1]>) =>
    new Finder(sentence).find(entries, { query: "", ...wanted }).map(({ number }) => number);

  it.each([
    ["ZADAME", [7, 8]],
    ["cesko", [7, 8]],
    ["Łódź", [4]],
    ["lodz we", [4]],
    ["norway slowly", [10]],
    ["nowhere", []],
    ["p9", []],
  ])("%s", (query, numbers) => expect(find({ query })).toEqual(numbers));

  it("goes by item, delegation and kind, and by all of them", () => {
    expect(find({})).toHaveLength(record.length);
    expect(find({ seat: "NOR" })).toEqual([10]);
    expect(find({ item: "two" })).toEqual([3, 4, 9, 10, 11]);
    expect(find({ item: "two", kind: "decided" })).toEqual([9, 10, 11]);
    expect(find({ item: "two", kind: "decided", query: "mandate", seat: "NOR" })).toEqual([10]);
  });

  it("is read without marks", () => expect(plain("ŠØÆß İı")).toBe("soaess ii"));
});

describe("a record from the server", () => {
  afterEach(() => vi.unstubAllGlobals());

  function serve(readable: (number: number) => boolean, all: readonly JsonObject[], pageOf = 4) {
    const asked: number[] = [];
    vi.stubGlobal("fetch", async (path: string) => {
      const after = Number(new URL(path, "http://x").searchParams.get("after"));
      asked.push(after);
      const page = all.slice(after, after + pageOf);
      const events = page.flatMap((event, i) => (readable(after + i + 1) ? [{ number: after + i + 1, event: JSON.stringify(event) }] : []));
      const next = after + pageOf < all.length ? { next: after + pageOf } : {};
      return new Response(JSON.stringify({ events, recorded: all.length, ...next }));
    });
    return asked;
  }

  it("is read to its end, and from there on", async () => {
    const asked = serve(() => true, record.slice(0, 10));
    const ledger = new Ledger("M", "t", names);
    await ledger.update();
    expect(asked).toEqual([0, 4, 8]);
    expect(ledger.entries.map(({ number }) => number)).toEqual(record.slice(0, 10).map(({ number }) => number));
    serve(() => true, record);
    await ledger.update();
    expect(ledger.entries).toHaveLength(record.length);
    expect(ledger.titles.get("two")).toBe("Próxima");
  });

  it("shows what became readable", async () => {
    serve((number) => number !== 10 && number !== 7, record.slice(0, 10));
    const ledger = new Ledger("M", "t", names);
    await ledger.update();
    expect(ledger.entries.map(({ number }) => number)).not.toContain(10);
    serve(() => true, record); // the result is declared
    await ledger.update();
    expect(ledger.entries.map(({ number }) => number)).toEqual(record.map(({ number }) => number).filter((n) => n !== 7));
  });

  it("of ten thousand events is there in a moment, and searched in a blink", async () => {
    const many = Array.from({ length: 10_000 }, (_, i) => ({ ...record[i % record.length]!, number: i + 1 }));
    serve(() => true, many, 500);
    const ledger = new Ledger("M", "t", names);
    let began = performance.now();
    await ledger.update();
    expect(ledger.entries).toHaveLength(10_000);
    expect(performance.now() - began).toBeLessThan(5_000);
    const finder = new Finder(sentence);
    finder.find(ledger.entries, { query: "first" });
    began = performance.now();
    expect(finder.find(ledger.entries, { query: "slowly" })).toHaveLength(769);
    expect(performance.now() - began).toBeLessThan(500);
  });

  it("says why it cannot be read", async () => {
    vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ error: { message: "Not now." } }), { status: 403 }));
    const ledger = new Ledger("M", "t", names);
    await ledger.update();
    expect(ledger.problem).toBe("Not now.");
    vi.stubGlobal("fetch", async () => Promise.reject(new Error("silence")));
    await ledger.update();
    expect(ledger.problem).toBe("");
  });
});

describe("a link to an event", () => {
  it.each([["#event-41", 41], ["#event-0", undefined], ["#event-041", undefined], ["#event-", undefined], ["#1.token", undefined], ["#event-1234567890123456", undefined], ["", undefined]])(
    "%s", (hash, event) => expect(readEvent(hash)).toBe(event));
});
