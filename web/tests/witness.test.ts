// The witness in the page: what it keeps, what it cosigns, and what it cries out at.
import { describe, expect, it } from "vitest";

import { fromBase64 } from "../src/record/digest";
import { isCosigned, readNote } from "../src/record/note";
import { COSIGN_EACH_MS, type Kept, type Told, Witness, type World } from "../src/record/witness";
import { consistencyOf as proof, Key, MEETING, NAME, ORIGIN, root, signNote, vkey } from "./recordMaker";

const server = new Key(1);
const events = Array.from({ length: 40 }, (_, i) => `event ${i}`);
const others = events.map((event, i) => (i === 3 ? "another" : event));

function checkpoint(size: number, leaves = events, key = server, origin = ORIGIN): string {
  return signNote(`${origin}\n${size}\n${root(leaves.slice(0, size)).toString("base64")}\n`, origin, key);
}

function told(size: number, from?: number, leaves = events): Told {
  const hashes = from === undefined ? [] : proof(from, leaves.slice(0, size)).map((hash) => hash.toString("base64"));
  return { size, note: checkpoint(size, leaves), ...(from !== undefined && { from }), proof: hashes };
}

function world(changes: Partial<World> = {}) {
  const saved: Kept[] = [];
  const asked: [number, number][] = [];
  const all: World = {
    meeting: MEETING,
    read: () => saved.at(-1),
    keep: (kept) => void saved.push(kept),
    keys: async () => ({ key: vkey(ORIGIN, server), rotations: [] }),
    proof: async (from, to) => {
      asked.push([from, to]);
      return proof(from, events.slice(0, to)).map((hash) => hash.toString("base64"));
    },
    now: () => 5_999,
    random: () => 0.5,
    ...changes,
  };
  return { all, saved, asked };
}

describe("a record that grows", () => {
  it("is followed by the proofs that come with it, and by fetched ones", async () => {
    const { all, saved, asked } = world();
    const witness = new Witness(all);
    for (const one of [told(3), told(7, 3), told(8, 7), told(8), told(21, 20), told(40, 21)])
      expect(await witness.take(one)).toEqual({});
    expect(saved.map(({ size }) => size)).toEqual([3, 7, 8, 21, 40]);
    expect(asked).toEqual([[8, 21]]);
  });

  it("is compared with what an earlier page kept", async () => {
    const { all, asked } = world();
    await new Witness(all).take(told(5));
    expect(await new Witness(all).take(told(40))).toEqual({});
    expect(asked).toEqual([[5, 40]]);
    // Another tab may have kept more than this one is told first; afterwards less is less.
    const witness = new Witness(all);
    expect(await witness.take(told(39))).toEqual({});
    expect(asked.at(-1)).toEqual([39, 40]);
    expect((await witness.take(told(38))).alarm).toEqual({ why: "rolled_back", ours: checkpoint(40), theirs: checkpoint(38) });
    const late = new Witness({ ...all, proof: async () => undefined }); // the server is not so far any more
    expect((await late.take(told(39))).alarm?.why).toBe("rolled_back");
    expect((await new Witness(all).take(told(39, undefined, others))).alarm?.why).toBe("rolled_back");
  });

  it("is cosigned by who has a key", async () => {
    const key = new Key(9);
    const cosigner = { person: "p2", publicKey: new Uint8Array(key.public), sign: async (data: Uint8Array) => new Uint8Array(key.sign(Buffer.from(data).toString())) };
    const witness = new Witness(world({ cosigner }).all);
    const { cosignature } = await witness.take(told(3));
    const [, name, data] = /^\u2014 (\S+) (\S+)$/.exec(cosignature!)!;
    expect(name).toBe(`${ORIGIN}/person/p2`);
    const { text } = readNote(checkpoint(3))!;
    expect(await isCosigned(text, { name: name!, data: fromBase64(data!)! }, new Uint8Array(key.public))).toBe(true);
    expect(await witness.take(told(3))).toEqual({});
  });
});

describe("cosigning", () => {
  const key = new Key(9);
  const cosigner = { person: "p2", publicKey: new Uint8Array(key.public), sign: async (data: Uint8Array) => new Uint8Array(key.sign(Buffer.from(data).toString())) };

  /** The sizes that are cosigned. */
  async function cosigned(steps: [number, number, "decided"?][], random = 0.5): Promise<number[]> {
    let now = 0;
    const witness = new Witness(world({ cosigner, now: () => now, random: () => random }).all);
    const out: number[] = [];
    let from: number | undefined;
    for (const [at, size, what] of steps) {
      now = at;
      if ((await witness.take(told(size, from))).cosignature !== undefined) out.push(size);
      const seen = what && (await witness.decided());
      if (seen) out.push(seen.size);
      from = size;
    }
    return out;
  }

  it("is done at first, and then only after a while", async () => {
    const each = COSIGN_EACH_MS;
    expect(await cosigned([[0, 3], [5_000, 4], [each - 1, 5], [each, 6], [each + 5_000, 7], [2 * each, 8]])).toEqual([3, 6, 8]);
    expect(await cosigned([[0, 3], [each / 2 - 1, 4], [each / 2, 5]], 0)).toEqual([3, 5]);
    expect(await cosigned([[0, 3], [each, 4], [1.4 * each, 5], [1.5 * each, 6]], 0.999)).toEqual([3, 6]);
  });

  it("is done at once where something was decided", async () => {
    expect(await cosigned([[0, 3], [5_000, 4], [10_000, 5, "decided"], [15_000, 6], [20_000, 7]])).toEqual([3, 5, 6]);
    expect(await cosigned([[0, 3, "decided"], [10_000, 4], [15_000, 5]])).toEqual([3, 4]);
  });
});

describe("alarm is raised", () => {
  const rows: [string, Told, string][] = [
    ["at another past", told(9, 6, others), "rewritten"],
    ["at another past of the same size", told(6, undefined, others), "rewritten"],
    ["at a proof of something else", { ...told(9, 6), proof: told(10, 6).proof }, "rewritten"],
    ["at no proof", { ...told(9, 6), proof: [] }, "rewritten"],
    ["at hashes that are none", { ...told(9, 6), proof: ["x"] }, "rewritten"],
    ["at a smaller one", told(5), "rolled_back"],
    ["at another signer", { ...told(9, 6), note: checkpoint(9, events, new Key(2)) }, "unsigned"],
    ["at another log", { ...told(9, 6), note: checkpoint(9, events, server, "parley.example/M2") }, "unsigned"],
    ["at another size than it says", { ...told(9, 6), size: 8 }, "unsigned"],
    ["at no note", { ...told(9, 6), note: "" }, "unsigned"],
  ];
  it.each(rows)("%s", async (_what, one, why) => {
    const { all, saved } = world();
    const witness = new Witness(all);
    await witness.take(told(6));
    expect(await witness.take(one)).toEqual({ alarm: { why, ours: checkpoint(6), theirs: one.note } });
    expect(saved).toHaveLength(1);
    expect(await witness.take(told(9, 6))).toEqual({});
  });

  it("at another key of the server than the one met first, unless that one signed it", async () => {
    const [next, last] = [new Key(2), new Key(3)];
    const rotation = (from: Key, to: Key) => signNote(`parley key rotation v1\n${NAME}\n${vkey(NAME, to)}\n`, NAME, from);
    const chain = [rotation(new Key(7), server), rotation(server, next), rotation(next, last)];
    let told_: readonly string[] = [];
    const { all, saved } = world({ keys: async () => ({ key: vkey(ORIGIN, saved.length ? last : server), rotations: told_ }) });
    const witness = new Witness(all);
    await witness.take(told(6));
    const one = { ...told(9, 6), note: checkpoint(9, events, last) };
    for (told_ of [[], chain.slice(0, 2), chain.slice(2), [rotation(last, last)]])
      expect((await witness.take(one)).alarm?.why).toBe("other_key");
    told_ = chain;
    expect(await witness.take(one)).toEqual({});
    expect(saved.at(-1)?.key).toBe(vkey(ORIGIN, last));
    expect(await witness.take({ ...told(12, 9), note: checkpoint(12, events, last) })).toEqual({});
  });

  it("and not at a key from before, where none was met yet", async () => {
    const [next, last] = [new Key(2), new Key(3)];
    const rotation = (from: Key, to: Key) => signNote(`parley key rotation v1\n${NAME}\n${vkey(NAME, to)}\n`, NAME, from);
    const keys = async () => ({ key: vkey(ORIGIN, last), rotations: [rotation(server, next), rotation(next, last)] });
    const { all, saved } = world({ keys });
    const witness = new Witness(all);
    expect(await witness.take(told(6))).toEqual({}); // by the first, which is named nowhere
    expect(saved).toHaveLength(0);
    expect(await witness.take({ ...told(6), note: checkpoint(6, events, next) })).toEqual({});
    expect(saved.at(-1)?.key).toBe(vkey(ORIGIN, next));
    expect(await witness.take({ ...told(9, 6), note: checkpoint(9, events, last) })).toEqual({});
    expect((await witness.take({ ...told(12, 9), note: checkpoint(12, events, new Key(9)) })).alarm?.why).toBe("unsigned");
  });

  it("at the first, if it is another's", async () => {
    const keys = async () => ({ key: vkey("parley.example/M2", server), rotations: [] });
    const witness = new Witness(world({ keys }).all);
    expect((await witness.take(told(6))).alarm).toEqual({ why: "unsigned", ours: "", theirs: checkpoint(6) });
  });

  it("and not where the server only does not answer", async () => {
    let away = true;
    const { all } = world({ proof: (from, to) => (away ? Promise.reject(new Error("away")) : world().all.proof(from, to)) });
    const witness = new Witness(all);
    await witness.take(told(6));
    await expect(witness.take(told(9))).rejects.toThrow("away");
    away = false;
    expect(await witness.take(told(12, 9))).toEqual({});
  });
});
