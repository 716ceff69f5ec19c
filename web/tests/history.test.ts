// What was written, as a tab of an encrypted meeting keeps it.
import { beforeEach, describe, expect, it, vi } from "vitest";

import { SealedHistory } from "../src/e2ee/history";
import { HISTORY_KEY_LIFE_MS } from "../src/e2ee/vault";
import type { Said } from "../src/lib/history";
import { fakeIndexedDb } from "./indexedDb";

const said = (text: string): Said => ({ circle: "meeting", participant: "p2", name: "Astrid", text, at: 1 });
const NOTHING = { entries: [], seen: {} };
const PLACE = "parley:chat:council:p1";

let rows: Map<string, Record<string, unknown>>;
let tab: Map<string, string>;

/** Another page of the tab, or of another one. */
async function read(whose = "council:p1") {
  return new SealedHistory(whose).load();
}

async function write(...texts: string[]) {
  const history = new SealedHistory("council:p1");
  await history.load();
  texts.forEach((_, i) => history.save(texts.slice(0, i + 1).map(said), { meeting: i }));
  await history.written;
  return history;
}

describe("the history of a tab", () => {
  beforeEach(() => {
    rows = fakeIndexedDb();
    tab = new Map();
    vi.stubGlobal("sessionStorage", {
      setItem: (k: string, v: string) => tab.set(k, v),
      getItem: (k: string) => tab.get(k) ?? null,
      removeItem: (k: string) => tab.delete(k),
    });
    return () => vi.unstubAllGlobals();
  });

  it("comes back after a reload, the newest of what was written", async () => {
    await write("A secret word", "Another");
    expect(await read()).toEqual({ entries: [said("A secret word"), said("Another")], seen: { meeting: 1 } });
  });

  it("does not lie there in clear, nor does its key let itself be read", async () => {
    await write("A secret word");
    expect([...tab.keys()]).toEqual([PLACE]);
    expect(tab.get(PLACE)).not.toMatch(/secret|Astrid|meeting/);
    const [{ sealing }] = [...rows.values()] as { sealing: CryptoKey }[] as [{ sealing: CryptoKey }];
    expect([sealing.extractable, sealing.algorithm]).toEqual([false, { name: "AES-GCM", length: 256 }]);
    await expect(crypto.subtle.exportKey("raw", sealing)).rejects.toThrow();
  });

  it("is sealed otherwise each time", async () => {
    const history = await write("One");
    const before = tab.get(PLACE)!;
    history.save([said("One")], { meeting: 0 });
    await history.written;
    const [key, nonce, box] = tab.get(PLACE)!.split(".");
    expect([key, nonce === before.split(".")[1], box === before.split(".")[2]]).toEqual([before.split(".")[0], false, false]);
  });

  it("goes on under the key that there is, in a page of later", async () => {
    await write("One");
    await write("One", "Two");
    expect(rows.size).toBe(1);
    expect((await read()).entries.length).toBe(2);
  });

  it("is nothing under another's name, altered, or without its key", async () => {
    await write("One");
    const kept = tab.get(PLACE)!;
    tab.set("parley:chat:council:p2", kept);
    expect(await read("council:p2")).toEqual(NOTHING);
    tab.set(PLACE, kept.slice(0, -2) + (kept.endsWith("AA") ? "BA" : "AA"));
    expect(await read()).toEqual(NOTHING);
    tab.set(PLACE, kept);
    expect((await read()).entries.length).toBe(1);
    rows.clear();
    expect(await read()).toEqual(NOTHING);
    expect(tab.has(PLACE)).toBe(false);
  });

  it("that a page of before left in clear is taken away", async () => {
    tab.set(PLACE, JSON.stringify({ entries: [said("In clear")], seen: {} }));
    expect(await read()).toEqual(NOTHING);
    expect(tab.size).toBe(0);
  });

  it("cannot be read any more after a day, nor once it is forgotten", async () => {
    await write("One");
    const kept = tab.get(PLACE)!;
    const now = Date.now();
    const clock = vi.spyOn(Date, "now").mockReturnValue(now + HISTORY_KEY_LIFE_MS + 60_000);
    expect(await read()).toEqual(NOTHING);
    clock.mockRestore();
    tab.set(PLACE, kept);
    const history = new SealedHistory("council:p1");
    expect((await history.load()).entries.length).toBe(1);
    await history.forget();
    expect([tab.size, rows.size]).toEqual([0, 0]);
    tab.set(PLACE, kept); // as a browser brings it back
    expect(await read()).toEqual(NOTHING);
  });

  it("is not kept where no key may be", async () => {
    vi.stubGlobal("indexedDB", { open: () => { throw new Error("refused"); } });
    await write("One");
    expect(tab.size).toBe(0);
  });
});
