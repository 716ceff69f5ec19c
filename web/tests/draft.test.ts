import { describe, expect, it, vi } from "vitest";

import { BODIES, COUNTRIES, countries, countryName, isCountryName, membersOf } from "../src/lib/countries";
import { chooseLanguage } from "../src/texts";
import { type Draft, fromDefinition, newDraft, newPerson, placeOf, toDefinition } from "../src/lib/draft";
import { checkDraft, stillWrong, tidy } from "../src/lib/draftCheck";
import { PRESET_NAMES, PRESETS, presetOf, withPreset } from "../src/lib/rules";
import { fromLocal } from "../src/lib/times";

/** A meeting with one of everything. */
function council(): Draft {
  return {
    ...newDraft(),
    title: " Council ",
    body: "Council of Two",
    quorum: 1,
    speaking_seconds: 180,
    languages: ["EN", "FR"],
    seats: [
      { id: "NOR", name: "Norway", country: "NO", weight: 1, guest: false },
      { id: "UKR", name: "Ukraine", country: "UA", weight: 3, guest: true },
    ],
    people: [
      { ...newPerson("chair"), name: "A", shared: true, seat: "NOR" },
      { ...newPerson("delegate", "NOR"), name: "B", item: "item1", language: "EN" },
      { ...newPerson("invited"), name: "C", item: "item1", party: "party1" },
      { ...newPerson("interpreter"), name: "D", language: "FR", shared: true },
    ],
    items: [{ item: "item1", title: "Guarantees", minutes: 30, speaking_seconds: null }],
    parties: [
      { party: "party1", name: "Ukraine", country: "UA" },
      { party: "party2", name: "Russia", country: "" },
    ],
    papers: [
      {
        paper: "paper1",
        item: "item1",
        title: "Options",
        questions: [
          { question: "q1", text: "Troops?" },
          { question: "q2", text: "Where?" },
        ],
        options: [
          { option: "o1", title: "Troops", answers: { q1: " yes ", q2: "" }, touches: ["party1", "party2"] },
        ],
      },
    ],
    entries: [
      {
        consulted: true,
        party: "party1",
        paper: "paper1",
        options: ["o1"],
        asked_by: "Chair",
        asked_at: "2026-08-19T10:00",
        channel: "call",
        answer: "Agreed",
        red_line: "",
        source: "left from before",
        crossed_by: ["o1"],
      },
      {
        consulted: false,
        party: "party2",
        paper: "paper1",
        options: [],
        asked_by: "",
        asked_at: "",
        channel: "",
        answer: "",
        red_line: "No troops",
        source: "Press, 18 August",
        crossed_by: ["o1"],
      },
    ],
    decisions: [
      {
        decision: "d1",
        item: "item1",
        title: "Adopt",
        texts: [{ language: "EN", text: "The Council adopts." }],
        paper: "paper1",
        option: "o1",
        rule: { procedure: "silence" },
        excluded: ["UKR"],
      },
    ],
  };
}

function acts(draft: Draft): Record<string, unknown>[] {
  return toDefinition(draft).definition["prepared"] as Record<string, unknown>[];
}

describe("a definition", () => {
  it("says what is there and leaves out what is empty", () => {
    const { definition } = toDefinition(council());
    expect(definition).toMatchObject({
      title: "Council",
      body: "Council of Two",
      floor: "chaired",
      encryption: "required",
      quorum: 1,
      speaking_seconds: 180,
      languages: ["EN", "FR"],
      seats: [
        { id: "NOR", name: "Norway", country: "NO" },
        { id: "UKR", name: "Ukraine", country: "UA", guest: true, weight: 3 },
      ],
    });
    expect(definition).not.toHaveProperty("marking");
    expect(definition["seats"]).not.toContainEqual(expect.objectContaining({ weight: 1 }));
  });

  it("gives a person only what belongs to the role", () => {
    expect(toDefinition(council()).definition["people"]).toEqual([
      { name: "A", role: "chair" },
      { name: "B", role: "delegate", seat: "NOR" },
      { name: "C", role: "invited", item: "item1", party: "party1" },
      { name: "D", role: "interpreter", language: "FR", shared: true },
    ]);
  });

  it("prepares acts in the order in which they refer to each other", () => {
    expect(acts(council()).map((a) => a["act"])).toEqual([
      "put_item",
      "put_party",
      "put_party",
      "put_paper",
      "put_option",
      "consult",
      "state_red_line",
      "put_decision",
    ]);
  });

  it("has the fields of the acts, nothing empty, and no line's source without a line", () => {
    const [item, , russia, , option, consult, line, decision] = acts(council());
    expect(item).toEqual({ act: "put_item", item: "item1", title: "Guarantees", minutes: 30 });
    expect(russia).toEqual({ act: "put_party", party: "party2", name: "Russia" });
    expect(option).toMatchObject({
      answers: [{ question: "q1", text: "yes" }],
      touches: [{ id: "party1" }, { id: "party2" }],
    });
    expect(consult).toEqual({
      act: "consult",
      party: "party1",
      paper: "paper1",
      options: [{ id: "o1" }],
      asked_by: "Chair",
      asked_at: fromLocal("2026-08-19T10:00"),
      channel: "call",
      answer: "Agreed",
      crossed_by: [],
    });
    expect(line).toEqual({
      act: "state_red_line",
      party: "party2",
      paper: "paper1",
      red_line: "No troops",
      source: "Press, 18 August",
      crossed_by: [{ id: "o1" }],
    });
    expect(decision).toMatchObject({ option: "o1", paper: "paper1", excluded: [{ id: "UKR" }] });
  });

  it("comes back as it was", () => {
    const { definition } = toDefinition(council());
    const read = fromDefinition(JSON.parse(JSON.stringify(definition)));
    expect(read).toBeDefined();
    expect(toDefinition(read!).definition).toEqual(definition);
  });

  it("is read as the server gives it, with what became of the meeting", () => {
    const { definition } = toDefinition(council());
    const read = fromDefinition({ id: "x", created: 1, invitations: [], participants: 0, in_session: false, ...definition });
    expect(toDefinition(read!).definition).toEqual(definition);
  });

  it("keeps acts that have no form, and all behind them", () => {
    const prepared = [
      { act: "put_item", item: "a", title: "A" },
      { act: "put_item", item: "b", title: "B", before: "a" },
      { act: "set_floor_list", open: false },
      { act: "put_item", item: "c", title: "C" },
    ];
    const read = fromDefinition({ title: "T", people: [], prepared });
    expect(read?.items.map((i) => i.item)).toEqual(["b", "a"]);
    expect(read?.others).toEqual(prepared.slice(2));
    expect(acts(read!).map((a) => a["item"] ?? a["act"])).toEqual(["b", "a", "set_floor_list", "c"]);
  });

  it("takes an act on the same id for an amendment", () => {
    const prepared = [
      { act: "put_party", party: "p", name: "Before" },
      { act: "put_party", party: "p", name: "After", country: "NO" },
    ];
    expect(fromDefinition({ title: "T", people: [], prepared })?.parties).toEqual([
      { party: "p", name: "After", country: "NO" },
    ]);
  });

  it("is not read from just anything", () => {
    for (const json of [null, 1, "x", [], {}, { title: "T" }, { people: [] }, { title: 1, people: [] }]) {
      expect(fromDefinition(json)).toBeUndefined();
    }
  });
});

describe("a field that the server names", () => {
  const { places } = toDefinition(council());
  const CASES: [string, string][] = [
    ["title", "title"],
    ["seats[1].name", "seats.1.name"],
    ["people[3].language", "people.3.language"],
    ["prepared[0].title", "items.0.title"],
    ["prepared[2].name", "parties.1.name"],
    ["prepared[3].questions[1].text", "papers.0.questions.1.text"],
    ["prepared[4].title", "papers.0.options.0.title"],
    ["prepared[5].asked_by", "entries.0.asked_by"],
    ["prepared[5].red_line_source", "entries.0.source"],
    ["prepared[7].texts[0].text", "decisions.0.texts.0.text"],
    ["prepared[7]", "decisions.0"],
    ["prepared[99].title", "prepared"],
    ["prepared", "prepared"],
  ];
  for (const [field, place] of CASES) {
    it(`${field} is at ${place}`, () => expect(placeOf(field, places)).toBe(place));
  }
});

describe("what is missing in a draft", () => {
  const faults = (change: (d: Draft) => void) => {
    const draft = council();
    change(draft);
    return [...checkDraft(draft)];
  };

  const CASES: [string, (d: Draft) => void, [string, string][]][] = [
    ["nothing", () => undefined, []],
    ["a title", (d) => (d.title = "  "), [["title", "needed"]]],
    ["a name", (d) => (d.people[1]!.name = ""), [["people.1.name", "needed"]]],
    ["a seat for a delegate", (d) => (d.people[1]!.seat = ""), [["people.1.seat", "needed"]]],
    ["a language", (d) => (d.languages = ["EN"]), [["people.3.language", "language"]]],
    ["a second id", (d) => (d.seats[1]!.id = "NOR"), [["seats.1.id", "double"]]],
    ["a good id", (d) => (d.seats[1]!.id = "U K"), [["seats.1.id", "id"]]],
    ["members enough for the quorum", (d) => (d.quorum = 2), [["quorum", "quorum"]]],
    ["somebody to admit", (d) => (d.people[0]!.role = "observer"), [["people", "chair"]]],
    ["anybody", (d) => ((d.people = []), (d.lobby = false)), [["people", "nobody"]]],
    ["a date", (d) => (d.entries[0]!.asked_at = ""), [["entries.0.asked_at", "date"]]],
    ["a source", (d) => (d.entries[1]!.source = ""), [["entries.1.source", "source"]]],
    ["a text", (d) => (d.decisions[0]!.texts[0]!.text = ""), [["decisions.0.texts.0.text", "needed"]]],
    ["an item", (d) => (d.papers[0]!.item = ""), [["papers.0.item", "needed"]]],
  ];
  for (const [what, change, wanted] of CASES) {
    it(what, () => expect(faults(change)).toEqual(wanted));
  }

  it("is also what was taken away elsewhere", () => {
    const draft = council();
    draft.parties.shift();
    draft.papers[0]!.options = [];
    draft.seats.pop();
    tidy(draft);
    expect(draft.people[2]!.party).toBe("");
    expect(draft.entries[0]).toMatchObject({ party: "", options: [], crossed_by: [] });
    expect(draft.decisions[0]).toMatchObject({ paper: "", option: "", excluded: [] });
    expect([...checkDraft(draft)]).toEqual([["entries.0.party", "needed"]]);
  });
});

describe("rules by name", () => {
  it("are known again", () => {
    for (const name of PRESET_NAMES) expect(presetOf({ ...PRESETS[name], abstentions_count: true })).toBe(name);
    expect(presetOf({ procedure: "qualified", base: "cast", seats_num: 3, seats_den: 5 })).toBeUndefined();
  });

  it("keep what was said of abstentions and quorum", () => {
    const rule = withPreset({ procedure: "simple", abstentions_count: true, quorum: 4 }, "two_thirds");
    expect(rule).toEqual({ ...PRESETS.two_thirds, abstentions_count: true, quorum: 4 });
    expect(withPreset({ ...PRESETS.double }, "consensus")).toEqual({ procedure: "consensus" });
  });
});

describe("bodies", () => {
  it("have as many members as they say, each once, each with a country", () => {
    for (const body of BODIES) {
      const members = membersOf(body);
      expect(`(${members.length})`).toBe(/\(\d+\)/.exec(body.name)?.[0]);
      expect(new Set(members.map((m) => m.short)).size).toBe(body.members.split(" ").length);
    }
  });

  it("consist of countries with two and three letters and a name", () => {
    for (const c of COUNTRIES) expect(`${c.code} ${c.short} ${c.name}`).toMatch(/^[A-Z]{2} [A-Z]{2,3} \p{Lu}.+$/u);
    expect(new Set(COUNTRIES.map((c) => c.code)).size).toBe(COUNTRIES.length);
  });
});

describe("what was found wrong", () => {
  it("goes once it is mended, and nothing else is told meanwhile", () => {
    const draft = newDraft();
    draft.title = "";
    draft.items = [{ ...draft.items[0]!, title: "" }];
    const found = checkDraft(draft);
    expect(stillWrong(found, draft)).toEqual(found);
    draft.title = "Board";
    draft.parties.push({ party: "x", name: "", country: "" });
    const left = stillWrong(found, draft);
    expect([...found.keys()].filter((place) => !left.has(place))).toEqual(["title"]);
    expect([...left.keys()].filter((place) => !found.has(place))).toEqual([]);
  });
});

describe("the names of countries", () => {
  it("are those of the page's language, in its order", async () => {
    expect([countryName("NO"), countryName("TR"), countryName("??")]).toEqual(["Norway", "Türkiye", undefined]);
    vi.stubGlobal("document", { documentElement: {} });
    await chooseLanguage("fr");
    expect([countryName("NO"), countryName("DE"), countryName("EU")]).toEqual(["Norvège", "Allemagne", "Union européenne"]);
    const names = countries().map((c) => c.name);
    expect(names.indexOf("Égypte")).toBeLessThan(names.indexOf("Espagne"));
    expect(names.every(isCountryName) && isCountryName("Norway")).toBe(true);
    expect(membersOf(BODIES[0]!).map((c) => c.name)).toContain("Norvège");
    await chooseLanguage("en");
    vi.unstubAllGlobals();
  });
});
