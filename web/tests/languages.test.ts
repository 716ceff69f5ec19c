// The texts of each language against the English ones. That none is missing is the type check's to
// say; here is what types do not see.
import { afterEach, describe, expect, it, vi } from "vitest";

import { chooseLanguage, firstOf, language, languages, t, type Texts } from "../src/texts/language.svelte";
import { en } from "../src/texts/en";
import { filesOf, literals, mended } from "./typography";

/** What a language writes as English does, each for a reason: names, and words that are the same. */
const ALIKE: Record<string, readonly string[]> = {
  fr: [
    "Parley",
    "English",
    "Français",
    "Microphone",
    "Consensus",
    "Quorum",
    "Rapporteur",
    "Options",
    "Option",
    "Question",
    "Source",
    "Condition",
    "Consultation",
    "Signature",
    "Note",
    "Invitations",
    "Messages",
    "Abstentions",
    "Place",
    "SHA-256 ",
    "Version ",
    "Page ",
    "Question ",
    "option ",
    "Option ",
    "option",
    "options",
    "objection",
    "objections",
    "absent",
    "cosignature",
    "minute",
    "minutes",
  ],
};

/** Has a word in it, and not units alone. */
function wordy(text: string): boolean {
  const words = text.replace(/\\u[0-9a-f]{4}/g, " ").trim();
  return /\p{L}{2}/u.test(words) && !/^\W*([kM]bit\/s|ms|min|UTC|[A-Z]{2}|PDF, PNG, JPEG.*)\W*$/.test(words);
}

type Tree = Record<string, unknown>;

/** Each text with its place: "written.write.note", and whether it is a function, of how many parameters. */
function places(tree: Tree, at = ""): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const place = at + key;
    if (typeof value === "function") return [`${place}(${value.length})`];
    return value !== null && typeof value === "object" && !Array.isArray(value)
      ? places(value as Tree, `${place}.`)
      : [place];
  });
}

const files = import.meta.glob<{ default: Texts }>(["../src/texts/??.ts", "!../src/texts/en.ts"], { eager: true });
const others = Object.entries(files).map(([path, { default: texts }]) => ({ code: path.slice(-5, -3), texts }));

describe.each(others)("the texts in $code", ({ code, texts }) => {
  it("are those of English, with the same parameters", () => {
    expect(places(texts as unknown as Tree).sort()).toEqual(places(en as unknown as Tree).sort());
  });

  it("are none that was left in English", () => {
    const english = new Set(filesOf("en").flatMap(({ source }) => literals(source).map((l) => l.text)));
    const alike = filesOf(code)
      .flatMap(({ source }) => literals(source).map((l) => l.text))
      .filter((text) => wordy(text) && english.has(text));
    expect([...new Set(alike)].sort()).toEqual([...(ALIKE[code] ?? [])].sort());
  });
});

describe("French typography", () => {
  it("holds in every text (npm run typography mends it)", () => {
    const wrong = filesOf("fr").flatMap(({ name, source }) =>
      literals(source)
        .filter(({ text }) => mended(text) !== text || /\p{L}[;:!?»]|«\P{Z}|"/u.test(text))
        .map(({ text }) => `${name}: ${text}`),
    );
    expect(wrong).toEqual([]);
  });

  it("is mended", () => {
    expect(mended("L'an : « quoi ? » 5 % ! ...")).toBe("L’an\u202f: «\u202fquoi\u202f?\u202f» 5\u202f%\u202f! …");
  });
});

describe("the language of a page", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    [["fr-CA", "en"], "fr"],
    [["de", "FR", "en"], "fr"],
    [["en-GB", "fr"], "en"],
    [["de", "tlh"], undefined],
    [[], undefined],
  ])("of who wants %j is %s", (wanted, expected) => {
    expect(firstOf(wanted, languages)).toBe(expected);
  });

  it("changes all texts at once, and is kept", async () => {
    const store = new Map<string, string>();
    vi.stubGlobal("document", { documentElement: { lang: "en" } });
    vi.stubGlobal("localStorage", { setItem: (k: string, v: string) => store.set(k, v) });
    expect(t.join).toBe("Join");
    await chooseLanguage("fr");
    expect([t.join, t.papers.reason, language(), document.documentElement.lang]).toEqual(["Participer", "Motif", "fr", "fr"]);
    expect(store.get("parley:language")).toBe("fr");
    await chooseLanguage("en");
    expect(t.join).toBe("Join");
  });
});
