// Signed acts: what stands in the signed text, and the hashes of what is shown, as the server's tests have them.
import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { isSigned, type Proven, signAct, standsSince, textHash, type Texts } from "../src/e2ee/acts";
import { fromBase64url, utf8 } from "../src/e2ee/bytes";
import { keyFromSeed, verify } from "../src/e2ee/keys";
import type { VoteToServer } from "../src/gen/protocol";
import { Ungrounded } from "../src/record/grounds";

const texts: Texts = {
  decisions: new Map([
    ["d", { version: 2, called: 7, texts: [{ language: "EN", text: "We decide." }, { language: "FR", text: "Nous décidons." }] }],
  ]),
  papers: new Map([
    [
      "o",
      {
        questions: [{ question: "cost", text: "Cost?" }],
        options: [{ option: "a", title: "Now", answers: [{ question: "cost", text: "Much." }], touches: [], since: 4 }],
      },
    ],
  ]),
};
const vote: VoteToServer = { type: "vote", decision: "d", version: 2, choice: "yes" };
const position = { type: "take_position", paper: "o", option: "a", stance: "support", visibility: "all" } as const;
const LEAF = "A".repeat(43) + "=";
/** A record of so many events. */
const recordOf = (size: number): Proven => ({
  covers: async (event) => event <= size,
  leaf: async (event) => (event <= size ? LEAF : undefined),
});
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("what an act is on", () => {
  it("is the texts of the decision's version", async () => {
    expect(await textHash(vote, texts)).toBe(sha256("EN\nWe decide.\0FR\nNous décidons.\0"));
    expect(await textHash({ ...vote, version: 1 }, texts)).toBeUndefined();
    expect(await textHash({ ...vote, decision: "e" }, texts)).toBeUndefined();
  });

  it("is nothing that one hash could be shown in two ways of", async () => {
    const shown = (language: string, text: string): Texts => ({ ...texts, decisions: new Map([["d", { version: 2, texts: [{ language, text }] }]]) });
    expect(await textHash(vote, shown("EN", "A\nB"))).toBe(sha256("EN\nA\nB\0"));
    for (const [language, text] of [["EN\nA", "B"], ["EN", "A\0FR\nB"], ["", "EN\nA"], ["ENGLISH-X", "A"]] as const)
      await expect(textHash(vote, shown(language, text))).rejects.toThrow();
    const option = (title: string, question: string, answer: string): Texts => ({
      ...texts,
      papers: new Map([["o", { questions: [{ question: "cost", text: question }], options: [{ option: "a", title, answers: [{ question: "cost", text: answer }], touches: [], since: 1 }] }]]),
    });
    expect(await textHash(position, option("Now", "Cost?", "Much.\nReally."))).toBe(sha256("Now\0Cost?\nMuch.\nReally.\0"));
    for (const [title, question, answer] of [["Now", "Cost?\nMuch.", "Really."], ["Now\0Cost?\nMuch.", "x", "y"], ["Now", "Cost?", "Much.\0x"], ["A\nB", "C", "D"]] as const)
      await expect(textHash(position, option(title, question, answer))).rejects.toThrow();
  });

  it("is the option with its questions", async () => {
    expect(await textHash(position, texts)).toBe(sha256("Now\0Cost?\nMuch.\0"));
    expect(await textHash({ ...position, option: "b" }, texts)).toBeUndefined();
  });
});

it("stands since it was called, or amended", () => {
  expect(standsSince(vote, texts)).toBe(7);
  expect(standsSince(position, texts)).toBe(4);
  expect(standsSince({ ...position, option: "b" }, texts)).toBeUndefined();
});

describe("signing", () => {
  it("covers the act's own fields, where, who, on what and when", async () => {
    const key = await keyFromSeed(new Uint8Array(32).fill(7));
    const who = { meeting: "M", person: "p9", key };
    const act = await signAct({ ...vote, statement: 'But "so".' }, who, texts, recordOf(7), 5);
    if (!isSigned(act) || act.type !== "vote") throw new Error("another act");
    expect(act).toMatchObject({ ...vote, statement: 'But "so".' });
    expect(JSON.parse(act.signed_text!)).toEqual({
      meeting: "M",
      person: "p9",
      act: "vote",
      decision: "d",
      version: 2,
      choice: "yes",
      statement: 'But "so".',
      text: await textHash(vote, texts),
      since: 7,
      time: 5,
    });
    const signature = fromBase64url(act.signature!)!;
    const signed = (text: string) => verify(key.publicKey, signature, utf8(text));
    expect(await signed("parley act v1\n" + act.signed_text)).toBe(true);
    expect(await signed("parley act v1\n" + act.signed_text!.replace("yes", "no"))).toBe(false);
  });

  it("is of nothing that is not in the record that the page was shown", async () => {
    const who = { meeting: "M", person: "p9", key: await keyFromSeed(new Uint8Array(32)) };
    const correction = { type: "propose_correction", event: 7, language: "EN", text: "So." } as const;
    for (const [act, needs] of [[vote, 7], [position, 4], [correction, 7]] as const) {
      await expect(signAct(act, who, texts, recordOf(needs - 1), 5)).rejects.toThrow(Ungrounded);
      expect(await signAct(act, who, texts, recordOf(needs), 5)).toHaveProperty("signature");
    }
  });

  it("is of no call that the server does not number, and of no text that is not shown", async () => {
    const who = { meeting: "M", person: "p9", key: await keyFromSeed(new Uint8Array(32)) };
    const uncalled: Texts = { ...texts, decisions: new Map([["d", { version: 2, texts: [{ language: "EN", text: "We decide." }] }]]) };
    await expect(signAct(vote, who, uncalled, recordOf(100), 5)).rejects.toThrow(Ungrounded);
    await expect(signAct({ ...vote, version: 1 }, who, texts, recordOf(100), 5)).rejects.toThrow(Ungrounded);
    await expect(signAct({ ...position, option: "b" }, who, texts, recordOf(100), 5)).rejects.toThrow(Ungrounded);
  });

  it("signs a correction, on the event as it stands in the record", async () => {
    const key = await keyFromSeed(new Uint8Array(32));
    const correction = { type: "propose_correction", event: 3, language: "EN", text: "So." } as const;
    const act = await signAct(correction, { meeting: "M", person: "p9", key }, texts, recordOf(3), 5);
    if (!isSigned(act)) throw new Error("not signed");
    expect(JSON.parse(act.signed_text!)).toEqual({
      meeting: "M",
      person: "p9",
      act: "propose_correction",
      event: 3,
      language: "EN",
      text: "So.",
      leaf: LEAF,
      time: 5,
    });
  });

  it("leaves other messages as they are", async () => {
    const key = await keyFromSeed(new Uint8Array(32));
    const message = { type: "ping" } as const;
    expect(await signAct(message, { meeting: "M", person: "p1", key }, texts, recordOf(0), 5)).toBe(message);
  });
});
