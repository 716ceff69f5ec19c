import { beforeEach, describe, expect, it, vi } from "vitest";

import type { ListenToServer, Participant } from "../src/gen/protocol";
import { atMicrophone, boothmates, Interpretation } from "../src/lib/interpretation.svelte";
import { setLoudness } from "../src/lib/sound.svelte";

function person(id: string, more: Partial<Participant> = {}): Participant {
  return {
    id,
    person: id,
    name: `Name ${id}`,
    role: "delegate",
    place: "room",
    hand: false,
    floor: true,
    voice: false,
    booth: false,
    muted_by_chair: false,
    sources: [{ id: 1, kind: "microphone" }],
    ...more,
  };
}

const interpreter = (id: string, language: string, booth: boolean, more: Partial<Participant> = {}) =>
  person(id, { role: "interpreter", language, booth, ...more });

let stored: Map<string, string>;
let people: Map<string, Participant>;
let sent: ListenToServer[];
let interpretation: Interpretation;

function come(...all: Participant[]): void {
  for (const p of all) people.set(p.id, p);
  interpretation.noted(people.get("me"));
}

function begin(): void {
  people = new Map();
  sent = [];
  interpretation = new Interpretation(people, (m) => sent.push(m) > 0);
  interpretation.restart(["EN", "FR"]);
}

beforeEach(() => {
  stored = new Map();
  vi.stubGlobal("localStorage", {
    getItem: (k: string) => stored.get(k) ?? null,
    setItem: (k: string, v: string) => stored.set(k, v),
  });
  begin();
});

describe("who interprets", () => {
  it("is whoever has the channel's microphone, and it on", () => {
    const anne = interpreter("a", "FR", true);
    expect(atMicrophone([person("d"), interpreter("b", "FR", false), anne], "FR")).toBe(anne);
    expect(atMicrophone([anne], "EN")).toBeUndefined();
    expect(atMicrophone([{ ...anne, sources: [] }], "FR")).toBeUndefined();
    expect(atMicrophone([{ ...anne, role: "delegate" }], "FR")).toBeUndefined();
  });

  it("has the others of the channel as boothmates, as far as they are in the room", () => {
    const self = interpreter("me", "FR", true);
    const all = [
      self,
      interpreter("b", "FR", false),
      interpreter("c", "EN", false),
      interpreter("d", "FR", false, { place: "lobby" }),
      person("e", { language: "FR" }),
    ];
    expect(boothmates(all, self).map((p) => p.id)).toEqual(["b"]);
  });
});

describe("loudness", () => {
  it("of the original gives way while somebody interprets into the chosen language", () => {
    come(person("me"), person("d"), interpreter("a", "FR", false));
    expect(interpretation.loudnessOf("d")).toBe(1);
    interpretation.choose("FR");
    expect(interpretation.loudnessOf("d")).toBe(1); // nobody interprets
    come(interpreter("a", "FR", true));
    expect(interpretation.loudnessOf("d")).toBe(0.2);
    expect(interpretation.loudnessOf(undefined)).toBe(0.2);
    expect(interpretation.loudnessOf("a")).toBe(1);
    come(interpreter("a", "FR", true, { sources: [] })); // muted
    expect(interpretation.loudnessOf("d")).toBe(1);
    come(interpreter("a", "FR", true));
    interpretation.choose("EN");
    expect(interpretation.loudnessOf("d")).toBe(1);
    interpretation.choose(undefined);
    expect(interpretation.loudnessOf("d")).toBe(1);
  });

  it("of the original is one's own to set", () => {
    come(person("me"), interpreter("a", "FR", true));
    interpretation.choose("FR");
    for (const loudness of [0, 0.55, 1]) {
      interpretation.setOriginal(loudness);
      expect(interpretation.loudnessOf("d")).toBe(loudness);
    }
  });

  it("is said to have changed whenever it may have", () => {
    let times = 0;
    interpretation.changed = () => times++;
    come(person("me"));
    interpretation.choose("FR");
    interpretation.setOriginal(0.4);
    people.delete("a");
    interpretation.noted(people.get("me"));
    expect(times).toBe(4);
  });

  it("is all or nothing where the browser has no say in it", () => {
    const cases: [boolean, number, boolean][] = [
      [true, 0.2, false],
      [true, 1, false],
      [true, 0, false],
      [false, 1, false],
      [false, 0.5, false],
      [false, 0.45, true],
      [false, 0, true],
    ];
    for (const [obeys, loudness, muted] of cases) {
      let volume = 1;
      const element = {
        muted: false,
        get volume() {
          return volume;
        },
        set volume(v: number) {
          if (obeys) volume = v;
        },
      };
      setLoudness(element, loudness);
      expect(element.muted, `${obeys} ${loudness}`).toBe(muted);
      if (obeys) expect(volume).toBe(loudness);
    }
  });
});

describe("the choice", () => {
  it("is said to the server, and again on each connection", () => {
    come(person("me"));
    interpretation.choose("FR");
    interpretation.restart(["EN", "FR"]);
    interpretation.choose(undefined);
    interpretation.restart(["EN", "FR"]);
    expect(sent).toEqual([{ type: "listen", language: "FR" }, { type: "listen", language: "FR" }, { type: "listen" }]);
  });

  it("is remembered, and made again where there is such a channel", () => {
    come(person("me"));
    interpretation.choose("FR");
    interpretation.setOriginal(0.35);
    begin();
    come(person("d"));
    expect(sent).toEqual([]); // before one knows who one is
    come(person("me"));
    expect([interpretation.language, interpretation.original]).toEqual(["FR", 0.35]);
    expect(sent).toEqual([{ type: "listen", language: "FR" }]);
    stored.set("parley:channel", "DE");
    begin();
    come(person("me"));
    expect(interpretation.language).toBeUndefined();
    expect(sent).toEqual([]);
  });

  it("once made is not made again by what was remembered", () => {
    come(person("me"));
    stored.set("parley:channel", "EN");
    interpretation.choose(undefined);
    stored.set("parley:channel", "EN");
    come(person("me"));
    expect(interpretation.language).toBeUndefined();
  });

  it("of an interpreter is of the moment", () => {
    stored.set("parley:channel", "FR");
    come(interpreter("me", "EN", false));
    expect(interpretation.language).toBeUndefined();
    interpretation.relay("FR");
    expect(sent).toEqual([{ type: "listen", language: "FR" }]);
    interpretation.relay(undefined);
    expect(stored.get("parley:channel")).toBe("FR");
    expect(stored.has("parley:language")).toBe(false); // that is the page's
  });

  it("ends where the channel is no longer there", () => {
    come(person("me"));
    interpretation.choose("FR");
    interpretation.restart(["EN"]);
    expect(interpretation.language).toBeUndefined();
  });

  it("stands back from nonsense in the store", () => {
    for (const text of ["", "loud", "-1", "2", "NaN"]) {
      stored.set("parley:original", text);
      begin();
      expect(interpretation.original, text).toBe(0.2);
    }
  });
});
