// What the server says, in the languages that are not its own: against the server's source, so that
// a sentence that was added or changed there is missed here.
import { readdirSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { sayer } from "../src/texts/sentences";
import { resultWords, ruleWords } from "../src/texts/fr.results";
import { fields } from "../src/texts/fr.fields";
import { said } from "../src/texts/fr.sentences";
import { sentences as passkeys } from "../src/texts/fr.passkeys";
import { server } from "../src/texts/fr.server";
import { encryption, record } from "../src/texts/fr.verified";
import { sentencesIn } from "./typography";

const ROOT = new URL("../../", import.meta.url);

/** Every string of C source, adjacent ones joined. */
function strings(source: string): string[] {
  const code = source.replace(/\/\*.*?\*\//gs, "");
  return [...code.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*"(?:[^"\\]|\\.)*")*/g)].map((m) =>
    [...m[0].matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((part) => part[1]).join(""),
  );
}

function sourceOf(folder: string): Map<string, string[]> {
  const at = new URL(folder, ROOT);
  const files = readdirSync(at).filter((name) => name.endsWith(".c"));
  return new Map(files.map((name) => [name, strings(readFileSync(new URL(name, at), "utf8"))]));
}

const sentence = (text: string) => /^[A-Z][^%]* .*\.$/.test(text);
const meet = sourceOf("src/meet/");
const everywhere = new Set([meet, sourceOf("src/server/"), sourceOf("src/signal/"), sourceOf("src/identity/")].flatMap((m) => [...m.values()].flat()));

describe("the server's sentences in French", () => {
  it("are all those of the meeting", () => {
    const words = (name: string) => name === "tally.c"; // rules and results, below
    const said = [...meet].filter(([name]) => !words(name)).flatMap(([, texts]) => texts.filter(sentence));
    expect(said.filter((text) => !Object.hasOwn(server, text))).toEqual([]);
    expect(said.length).toBeGreaterThan(100);
  });

  it("are none that the server no longer says", () => {
    expect(Object.keys(server).filter((text) => !everywhere.has(text))).toEqual([]);
  });

  it("are all those of passkeys, which their pages know by themselves", () => {
    const elsewhere = /^This must be one line|^There is no such account/;
    const inPages = ["passkeys_api.c", "passkey.c"].flatMap((name) =>
      [...sourceOf("src/server/"), ...sourceOf("src/identity/")].filter(([file]) => file === name).flatMap(([, texts]) => texts.filter(sentence)),
    );
    expect(inPages.filter((text) => !elsewhere.test(text)).sort()).toEqual(Object.keys(passkeys).sort());
    expect(inPages.length).toBeGreaterThan(20);
  });

  it("keep what is filled in", () => {
    expect(said("It is the turn of the seat NOR.")).toBe("C’est au tour du siège NOR.");
    expect(said("There is no quorum: 3 of 32 seats are present, 17 must be.")).toMatch(/ 3 des 32 .* 17\.$/);
    for (const [english, french] of Object.entries({ ...server, ...record, ...encryption }))
      expect(french.match(/%[a-z]+/g) ?? []).toEqual(english.match(/%[a-z]+/g) ?? []);
  });

  it("are in English where there is none yet", () => {
    expect(said("A sentence of tomorrow.")).toBe("A sentence of tomorrow.");
    expect(sayer({ "No %s (%u).": "Pas de %s (%u)." })("No thing (3).")).toBe("Pas de thing (3).");
  });
});

/** What is said of the fields of a definition: of all that refuses one, what is no sentence. */
describe("what the server says of fields, in French", () => {
  const plain = (text: string) => text.replace(/\\"/g, '"');
  const source = (file: string) => readFileSync(new URL(`src/${file}`, ROOT), "utf8");
  const REFUSAL = /pl_decode_fail\([^,]+,[^,]+,[^,]+,\s*((?:"(?:[^"\\]|\\.)*"\s*)+)/g;
  const refusals = ["signal/decode.c", "signal/definition.c", "server/api.c"]
    .flatMap((file) => [...source(file).matchAll(REFUSAL)].map((m) => strings(m[1]!)[0]!))
    .map(plain)
    .filter((words) => words !== "no memory" && words !== "%s");

  it("is all of it", () => {
    expect(refusals.filter((words) => !Object.hasOwn(fields, words))).toEqual([]);
    expect(refusals.length).toBeGreaterThan(30);
  });

  it("is nothing else", () => {
    const known = new Set([...refusals, ...everywhere].map(plain));
    expect(Object.keys(fields).filter((words) => !known.has(words))).toEqual([]);
  });

  it("keeps what is filled in", () => {
    expect(said("Must be from 0 to 3600.")).toBe("Il faut ici un nombre de 0 à 3600.");
    expect(said('No such seat "NOR".')).toMatch(/siège «\sNOR\s»\.$/);
    expect(said("Missing.")).toBe("Ce champ manque.");
    for (const [english, french] of Object.entries(fields))
      expect(french.match(/%(?:\.\*)?[a-z]+/g) ?? []).toEqual(english.match(/%(?:\.\*)?[a-z]+/g) ?? []);
  });
});

describe.each([
  ["records", "web/src/record/", record],
  ["encryption", "web/src/e2ee/", encryption],
])("what the verification of %s finds, in French", (_, folder, table) => {
  const at = new URL(folder, ROOT);
  const files = readdirSync(at).filter((name) => name.endsWith(".ts"));
  const found = new Set(files.flatMap((name) => sentencesIn(readFileSync(new URL(name, at), "utf8"))));

  it("is all of it", () => expect([...found].filter((text) => !Object.hasOwn(table, text))).toEqual([]));
  it("is nothing else", () => expect(Object.keys(table).filter((text) => !found.has(text))).toEqual([]));
});

describe("rules and results in French", () => {
  const tests = ["test_tally.c", "test_silence.c"].flatMap((name) =>
    strings(readFileSync(new URL(`tests/unit/${name}`, ROOT), "utf8")),
  );
  const seats = ["France", "Bosnia and Herzegovina"];
  const ENGLISH = /\b(yes|seats?|the|by|needed|majority|voted|least|half|and)\b/;

  it("are said for every rule of the server's own tests", () => {
    const rules = tests.filter((text) => /^(Consensus|Silence|Unanimity|Roll call|\w+ majority): .*\.$/.test(text));
    expect(rules.length).toBeGreaterThan(15);
    expect(rules.map((text) => ruleWords(text, seats)).filter((text) => ENGLISH.test(text))).toEqual([]);
  });

  it("are said for every result of the server's own tests, with all of its numbers", () => {
    const results = tests.filter((text) => /^(Adopted|Not adopted|No quorum)\b.*(: ).*\.$/.test(text));
    expect(results.length).toBeGreaterThan(20);
    for (const text of results) {
      const said = resultWords(text, seats);
      expect(said.replace(/Motif invoqué.*/, "")).not.toMatch(ENGLISH);
      const numbers = (words: string) => (words.match(/\d+/g) ?? []).sort();
      expect(new Set(numbers(said))).toEqual(new Set(numbers(text)));
    }
  });

  it.each([
    [
      "Not adopted by consensus: of 6 seats that take part, 2 joined; blocked by Spain and Bosnia and Herzegovina; 2 were absent, which does not hinder. Took no part: A, B and 3 others.",
      "Non adoptée par consensus\u202f: membres se joignant au consensus\u202f: 2 sur 6\u202f; s’opposent au consensus\u202f: Spain et Bosnia and Herzegovina\u202f; 2 absents, ce qui n’y fait pas obstacle. Ne participent pas\u202f: A, B et 3 autres.",
    ],
    ["Not adopted by silence: Norway broke it. The reason: X broke it.", "Non adoptée par accord tacite\u202f: le silence est rompu par Norway. Motif invoqué\u202f: X broke it."],
    ["Overtaken by events.", "Overtaken by events."],
  ])("%s", (words, said) => expect(resultWords(words, seats)).toBe(said));
});
