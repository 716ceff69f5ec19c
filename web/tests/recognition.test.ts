import { beforeEach, describe, expect, it, vi } from "vitest";

import {
  type Availability,
  availability,
  type Heard,
  Listening,
  localRecognition,
  prepareLocal,
  type Recogniser,
  type Recognition,
  type RecognitionEvent,
} from "../src/lib/recognition";

// A browser's local recogniser, as the Web Speech API has it; none of Debian's browsers has a working one.
let made: Stub[] = [];

class Stub implements Recogniser {
  lang = "";
  continuous = false;
  interimResults = false;
  onresult: Recogniser["onresult"] = null;
  onerror: Recogniser["onerror"] = null;
  onend: Recogniser["onend"] = null;
  track: unknown;
  aborted = false;
  #local = false;
  get processLocally() {
    return this.#local;
  }
  set processLocally(on: boolean) {
    this.#local = on;
  }
  constructor() {
    made.push(this);
  }
  start(track: MediaStreamTrack) {
    this.track = track;
  }
  abort() {
    this.aborted = true;
  }
  say(resultIndex: number, ...texts: [string, boolean][]) {
    const results = texts.map(([transcript, isFinal]) => ({ isFinal, 0: { transcript } }));
    this.onresult?.({ resultIndex, results } satisfies RecognitionEvent);
  }
}

const asked: unknown[] = [];

function browser(state: Availability | Error, installs = true): Recognition {
  return Object.assign(class extends Stub {}, {
    available: (options: unknown) => {
      asked.push(options);
      return state instanceof Error ? Promise.reject(state) : Promise.resolve(state);
    },
    install: () => Promise.resolve(installs),
  }) as unknown as Recognition;
}

const track = { kind: "audio" } as MediaStreamTrack;

beforeEach(() => {
  made = [];
  asked.length = 0;
});

describe("speech recognition", () => {
  it("is used only where it can be told to stay on this device", () => {
    const whole = browser("available");
    expect(localRecognition({ SpeechRecognition: whole })).toBe(whole);
    expect(localRecognition({ webkitSpeechRecognition: whole })).toBe(whole);
    expect(localRecognition({})).toBeUndefined();
    // That of today's Chromium before it: it sends the sound to its maker.
    expect(localRecognition({ webkitSpeechRecognition: class { start() {} } })).toBeUndefined();
    const deaf = Object.assign(class {}, { available: () => {}, install: () => {} });
    expect(localRecognition({ SpeechRecognition: deaf })).toBeUndefined();
  });

  it("is asked for what is local alone", async () => {
    expect(await availability(browser("downloadable"), "fr")).toBe("downloadable");
    expect(asked).toEqual([{ langs: ["fr"], processLocally: true }]);
    expect(await availability(browser(new Error("no")), "fr")).toBe("unavailable");
    expect(await availability(undefined, "fr")).toBe("unavailable");
  });

  it("installs a language that is missing, and says when that fails", async () => {
    expect(await prepareLocal(browser("available"), "fr")).toBe(true);
    expect(await prepareLocal(browser("downloadable"), "fr")).toBe(true);
    expect(await prepareLocal(browser("downloadable", false), "fr")).toBe(false);
    expect(await prepareLocal(browser("unavailable"), "fr")).toBe(false);
    expect(await prepareLocal(undefined, "fr")).toBe(false);
  });
});

describe("listening", () => {
  let heard: Heard[];
  let failures: number;

  function listen(): Listening {
    heard = [];
    failures = 0;
    return new Listening(browser("available"), "fr", track, (l) => heard.push(l), () => failures++);
  }

  it("is to the track, on this device, in this language", () => {
    listen();
    const [r] = made;
    expect([r!.track, r!.processLocally, r!.lang, r!.continuous, r!.interimResults]).toEqual([track, true, "fr", true, true]);
  });

  it("makes a line of each result, which grows until it is final", () => {
    listen();
    made[0]!.say(0, [" Bon", false]);
    made[0]!.say(0, ["Bonjour.", true], ["Merci", false]);
    expect(heard).toEqual([
      { line: 1, text: "Bon", done: false },
      { line: 1, text: "Bonjour.", done: true },
      { line: 2, text: "Merci", done: false },
    ]);
  });

  it("goes on when the recogniser ends by itself, behind its lines", () => {
    vi.useFakeTimers();
    listen();
    made[0]!.say(0, ["One.", true], ["Two.", true]);
    made[0]!.onend?.();
    vi.runAllTimers();
    expect(made.length).toBe(2);
    made[1]!.say(0, ["Three.", true]);
    expect(heard.at(-1)).toEqual({ line: 3, text: "Three.", done: true });
    vi.useRealTimers();
  });

  it("ends with what cannot be mended, and says so once", () => {
    vi.useFakeTimers();
    listen();
    made[0]!.onerror?.({ error: "no-speech" });
    expect(failures).toBe(0);
    made[0]!.onerror?.({ error: "language-not-supported" });
    made[0]!.onend?.();
    vi.runAllTimers();
    expect([failures, made.length]).toEqual([1, 1]);
    vi.useRealTimers();
  });

  it("hears nothing more once it is stopped", () => {
    vi.useFakeTimers();
    listen().stop();
    made[0]!.say(0, ["late", true]);
    made[0]!.onend?.();
    vi.runAllTimers();
    expect([made[0]!.aborted, heard.length, made.length, failures]).toEqual([true, 0, 1, 0]);
    vi.useRealTimers();
  });
});
