// What stands between a device and the others: that nothing is shown as it is while it is not to be, that
// sound goes on, and the sums behind it. The libraries are the ones that are built in.
import { readFileSync } from "node:fs";

import { beforeEach, describe, expect, it, vi } from "vitest";

import { Blocks, Cushion, WAITING_MAX } from "../src/effects/blocks";
import type { Effect, Look, Told } from "../src/effects/look";
import { BACK_HEIGHT, BACK_WIDTH, Blur, follow, PIXELS, WIDTH } from "../src/effects/mask";
import { HELD_MS, Pace, SLOW_MS } from "../src/effects/pace";
import { BLOCK, rnnoise } from "../src/effects/rnnoise";
import { Devices, type Effects } from "../src/lib/devices.svelte";
import { Filter, type Maker } from "../src/lib/filter.svelte";

const track = (id: string) =>
  ({ id, enabled: true, stop: vi.fn(), getSettings: () => ({ deviceId: `of ${id}` }), applyConstraints: vi.fn(async () => undefined) }) as unknown as MediaStreamTrack;
const settled = () => new Promise((resolve) => setTimeout(resolve));

/** Effects that were made: each as its maker was asked for it. */
interface Made<L> {
  raw: MediaStreamTrack;
  look: L;
  told: Told;
  effect: Effect<L>;
}

function maker<L>(made: Made<L>[]): Maker<L> {
  return async (raw, look, told) => {
    const effect = { track: track(`made of ${raw.id}`), turn: vi.fn(), close: vi.fn() };
    made.push({ raw, look, told, effect });
    return effect;
  };
}

describe("a filter of pictures", () => {
  let made: Made<string>[];
  let filter: Filter<string>;
  const sent: (string | undefined)[] = [];
  beforeEach(() => {
    made = [];
    sent.length = 0;
    filter = new Filter<string>(true, maker(made), () => sent.push(filter.out?.id));
  });

  it("lets through what is to be shown as it is", () => {
    filter.use(track("camera"), undefined);
    expect([filter.out?.id, filter.state, made.length]).toEqual(["camera", "off", 0]);
  });

  it("sends nothing until the effect shows its first picture", async () => {
    filter.use(track("camera"), "blurred");
    await settled();
    expect([filter.out, filter.state]).toEqual([undefined, "loading"]);
    made[0]!.told.shows(true);
    expect([filter.out?.id, filter.state]).toEqual(["made of camera", "on"]);
    expect(sent).not.toContain("camera");
  });

  it("takes the picture away at once when an effect is wanted, and gives it back when not", async () => {
    const camera = track("camera");
    filter.use(camera, undefined);
    filter.use(camera, "blurred");
    expect(filter.out).toBeUndefined();
    await settled();
    made[0]!.told.shows(true);
    filter.use(camera, undefined);
    expect([filter.out?.id, filter.state]).toEqual(["camera", "off"]);
    expect(made[0]!.effect.close).toHaveBeenCalledOnce();
  });

  it("turns to another look without a gap", async () => {
    const camera = track("camera");
    filter.use(camera, "blurred");
    await settled();
    made[0]!.told.shows(true);
    filter.use(camera, "plain");
    expect(filter.out?.id).toBe("made of camera");
    expect(made[0]!.effect.turn).toHaveBeenCalledWith("plain");
    expect(made.length).toBe(1);
  });

  it("shows nothing where the effect fails, early or late, and tries again when asked", async () => {
    const camera = track("camera");
    const broken = new Filter<string>(true, () => Promise.reject(new Error("no")), () => undefined);
    broken.use(camera, "blurred");
    await settled();
    expect([broken.out, broken.state]).toEqual([undefined, "failed"]);
    filter.use(camera, "blurred");
    await settled();
    made[0]!.told.shows(true);
    made[0]!.told.failed();
    expect([filter.out, filter.state]).toEqual([undefined, "failed"]);
    filter.use(camera, "blurred");
    await settled();
    made[1]!.told.shows(true);
    expect([filter.out?.id, filter.state]).toEqual(["made of camera", "on"]);
  });

  it("hears nothing of an effect that is no more", async () => {
    filter.use(track("one"), "blurred");
    filter.use(track("two"), "blurred"); // while the first is being loaded
    await settled();
    expect(made[0]!.effect.close).toHaveBeenCalledOnce();
    made[0]!.told.shows(true);
    expect(filter.out).toBeUndefined();
    made[1]!.told.shows(true);
    made[0]!.told.failed();
    expect(filter.out?.id).toBe("made of two");
    filter.use(undefined, "blurred");
    expect([filter.out, filter.state]).toEqual([undefined, "off"]);
  });

  it("says that the machine is slow, and goes on", async () => {
    filter.use(track("camera"), "blurred");
    await settled();
    made[0]!.told.shows(true);
    made[0]!.told.slow(true);
    expect([filter.out?.id, filter.state]).toEqual(["made of camera", "slow"]);
    made[0]!.told.slow(false);
    expect(filter.state).toBe("on");
  });
});

describe("a filter of sound", () => {
  it("lets the microphone through while there is no effect, or none any more", async () => {
    const made: Made<true>[] = [];
    const filter = new Filter<true>(false, maker(made), () => undefined);
    filter.use(track("microphone"), true);
    await settled();
    expect([filter.out?.id, filter.state]).toEqual(["microphone", "loading"]);
    made[0]!.told.shows(true);
    expect(filter.out?.id).toBe("made of microphone");
    made[0]!.told.shows(false); // the browser has stopped the sound of pages
    expect(filter.out?.id).toBe("microphone");
    made[0]!.told.failed();
    expect([filter.out?.id, filter.state]).toEqual(["microphone", "failed"]);
  });
});

describe("devices", () => {
  let stored: Map<string, string>;
  let asked: MediaStreamConstraints[];
  let pictures: Made<Look>[];
  let voices: Made<true>[];
  let effects: Effects;

  beforeEach(() => {
    stored = new Map();
    asked = [];
    pictures = [];
    voices = [];
    effects = { background: maker(pictures), noise: maker(voices) };
    vi.stubGlobal("localStorage", {
      getItem: (name: string) => stored.get(name) ?? null,
      setItem: (name: string, value: string) => void stored.set(name, value),
    });
    vi.stubGlobal("document", { documentElement: {} });
    vi.stubGlobal("getComputedStyle", () => ({ getPropertyValue: () => " #123456" }));
    const getUserMedia = async (wanted: MediaStreamConstraints) => {
      asked.push(wanted);
      const [audio, video] = [track(`microphone ${asked.length}`), track(`camera ${asked.length}`)];
      return { getAudioTracks: () => [audio], getVideoTracks: () => [video] };
    };
    vi.stubGlobal("navigator", {
      mediaDevices: {
        addEventListener: () => undefined,
        removeEventListener: () => undefined,
        enumerateDevices: async () => [],
        getUserMedia,
      },
    });
    return () => vi.unstubAllGlobals();
  });

  const wantsBrowsers = () => (asked.at(-1)!.audio as MediaTrackConstraints).noiseSuppression;

  it("remember what was chosen, and begin with it", async () => {
    const before = new Devices(effects);
    before.chooseBackground("plain");
    await before.chooseNoise("strong");
    const devices = new Devices(effects);
    await devices.start();
    expect([devices.background, devices.noise]).toEqual(["plain", "strong"]);
    expect([devices.camera.live, devices.camera.open]).toEqual([false, true]);
    expect(pictures[0]!.look).toEqual({ kind: "plain", colour: "#123456" });
    expect(wantsBrowsers()).toBe(false);
    pictures[0]!.told.shows(true);
    expect(devices.camera.track?.id).toBe("made of camera 1");
  });

  it("begin without where something else was kept", () => {
    stored.set("parley:background", "beach");
    expect(new Devices(effects).background).toBe("none");
  });

  it("ask for the browser's suppression, and for none with the strong one", async () => {
    const devices = new Devices(effects);
    await devices.start();
    expect([wantsBrowsers(), voices.length]).toEqual([true, 0]);
    await devices.chooseNoise("off");
    expect([wantsBrowsers(), voices.length]).toEqual([false, 0]);
    await devices.chooseNoise("strong");
    expect([wantsBrowsers(), voices.length]).toEqual([false, 1]);
  });

  it("fall back to the browser's where the strong one fails, and say so", async () => {
    stored.set("parley:noise", "strong");
    const devices = new Devices(effects);
    devices.troubled = vi.fn();
    await devices.start();
    voices[0]!.told.failed();
    expect(devices.troubled).toHaveBeenCalledWith("microphone", "failed");
    expect(devices.microphone.track).toBe(devices.microphone.raw);
    expect(devices.microphone.raw?.applyConstraints).toHaveBeenCalledWith(
      expect.objectContaining({ noiseSuppression: true }),
    );
  });

  it("keep a microphone off that is off, whichever track it is, and still hear its person speak", async () => {
    const devices = new Devices(effects);
    await devices.start();
    await devices.switch("microphone", false);
    await devices.chooseNoise("strong"); // it is asked for again when it is switched on
    expect(devices.microphone.raw).toBeUndefined();
    await devices.switch("microphone", true);
    await devices.switch("microphone", false);
    expect(devices.microphone.track?.enabled).toBe(false);
    await settled();
    voices[0]!.told.shows(true);
    expect([devices.microphone.track?.id, devices.microphone.track?.enabled]).toEqual(["made of microphone 2", false]);
    expect(devices.microphone.raw?.enabled).toBe(true);
    await devices.switch("microphone", true);
    devices.hush(true);
    voices[0]!.told.shows(true);
    expect(devices.microphone.track?.enabled).toBe(false);
    devices.hush(false);
    expect(devices.microphone.track?.enabled).toBe(true);
  });

  it("make the effect anew for another camera, and end it with the camera", async () => {
    stored.set("parley:background", "blurred");
    const devices = new Devices(effects);
    await devices.start();
    pictures[0]!.told.shows(true);
    await devices.choose("camera", "other");
    expect(pictures[0]!.effect.close).toHaveBeenCalledOnce();
    expect(devices.camera.track).toBeUndefined();
    pictures[1]!.told.shows(true);
    expect(devices.camera.track?.id).toBe("made of camera 2");
    expect(devices.camera.used).toBe("of camera 2");
    await devices.switch("camera", false);
    expect(pictures[1]!.effect.close).toHaveBeenCalledOnce();
    expect(devices.camera.open).toBe(false);
  });
});

describe("the person in the picture", () => {
  it("is followed at once away, and slowly there", () => {
    const alpha = new Uint8ClampedArray(3);
    follow([1, 1, 0], alpha);
    expect([...alpha]).toEqual([136, 136, 0]);
    follow([1, 0, 0.4], alpha);
    expect(alpha[0]).toBeGreaterThan(180);
    expect([alpha[1], alpha[2]]).toEqual([0, 0]);
    for (let i = 0; i < 8; i++) follow([1, 0, 0], alpha);
    expect(alpha[0]).toBe(255);
  });
});

describe("the blurred background", () => {
  /** Of a picture whose grey is `grey` at each column, with a person from one column to another. */
  function blurred(grey: (x: number) => number, from = 0, to = 0): Uint8ClampedArray {
    const pixels = new Uint8ClampedArray(4 * PIXELS);
    for (let i = 0; i < PIXELS; i++) pixels.fill(grey(i % WIDTH), 4 * i, 4 * i + 3);
    const person = (i: number) => i % WIDTH >= from && i % WIDTH < to;
    const alpha = Uint8ClampedArray.from({ length: PIXELS }, (_, i) => (person(i) ? 255 : 0));
    const back = new Uint8ClampedArray(4 * BACK_WIDTH * BACK_HEIGHT);
    new Blur().run(pixels, alpha, back);
    return back;
  }
  const at = (back: Uint8ClampedArray, x: number, y = BACK_HEIGHT / 2) => back[4 * (y * BACK_WIDTH + x)]!;

  it("is of one colour where all is, to the last pixel", () => {
    const back = blurred(() => 100);
    const all = back.filter((_, i) => i % 4 < 3);
    expect([Math.min(...all), Math.max(...all), back[3]]).toEqual([100, 100, 255]);
  });

  it("has no line of what was written on the wall", () => {
    const back = blurred((x) => (x % 16 < 8 ? 0 : 255));
    for (let x = 8; x < BACK_WIDTH - 8; x++) expect(Math.abs(at(back, x) - at(back, x + 1))).toBeLessThan(8);
  });

  it("is light where the light was", () => {
    const back = blurred((x) => (x < WIDTH / 2 ? 0 : 255));
    expect([at(back, 20), at(back, BACK_WIDTH - 20)]).toEqual([0, 255]);
    expect(at(back, BACK_WIDTH / 2)).toBeGreaterThan(100);
  });

  it("has nothing of the person's colour beside them", () => {
    expect(at(blurred((x) => (x >= 100 && x < 160 ? 255 : 20), 100, 160), 49)).toBeLessThan(25);
  });
});

describe("the pace", () => {
  const run = (pace: Pace, ms: number, from: number) => {
    for (let now = from; now < from + 5_000; now += 100) pace.took(ms, now);
  };

  it("is too slow above a limit, and held again below another, each said once", () => {
    const told: boolean[] = [];
    const pace = new Pace((slow) => told.push(slow));
    run(pace, SLOW_MS, 0);
    expect(told).toEqual([]);
    run(pace, SLOW_MS + 1, 10_000);
    run(pace, SLOW_MS + 1, 20_000);
    expect(told).toEqual([true]);
    run(pace, HELD_MS + 1, 30_000);
    expect(told).toEqual([true]);
    run(pace, HELD_MS, 40_000);
    run(pace, HELD_MS, 50_000);
    expect(told).toEqual([true, false]);
  });
});

describe("blocks", () => {
  it("pass everything once, a block later, whatever the pieces", () => {
    const blocks = new Blocks(480, (block) => block.forEach((v, i) => (block[i] = -v)));
    const heard: number[] = [];
    let n = 1;
    for (const length of [128, 128, 1, 480, 300, 128, 128, 128]) {
      const from = Float32Array.from({ length }, () => n++);
      const to = new Float32Array(length);
      blocks.pass(from, to);
      heard.push(...to);
    }
    expect(heard.slice(0, 480).every((v) => v === 0)).toBe(true);
    expect(heard.slice(480)).toEqual(heard.slice(480).map((_, i) => -(i + 1)));
  });

  it("wait for each other, and not too long", () => {
    const cushion = new Cushion();
    const out = new Float32Array(4);
    const put = (v: number) => cushion.put(new Float32Array(4).fill(v));
    const take = () => {
      cushion.take(out);
      return [...out];
    };
    put(1);
    expect(take()).toEqual([0, 0, 0, 0]);
    put(2);
    expect(take()).toEqual([1, 1, 1, 1]);
    expect(take()).toEqual([2, 2, 2, 2]);
    expect(take()).toEqual([0, 0, 0, 0]);
    for (let v = 1; v <= WAITING_MAX; v++) put(v);
    expect(take()).toEqual([1, 1, 1, 1]);
    put(WAITING_MAX + 1);
    put(WAITING_MAX + 2); // more than may wait: the oldest are left out
    expect(take()).toEqual(new Array(4).fill(WAITING_MAX + 1));
  });
});

describe("RNNoise", () => {
  const HZ = 48_000;
  const program = new WebAssembly.Module(readFileSync("node_modules/@jitsi/rnnoise-wasm/dist/rnnoise.wasm"));
  const power = (samples: Float32Array) => samples.reduce((sum, v) => sum + v * v, 0) / samples.length;

  /** The last second of three, before and after, in decibels. */
  async function change(sample: (i: number) => number): Promise<number> {
    const work = await rnnoise(program);
    const sound = Float32Array.from({ length: 3 * HZ }, (_, i) => sample(i));
    const clean = sound.slice();
    for (let i = 0; i < clean.length; i += BLOCK) work(clean.subarray(i, i + BLOCK));
    return 10 * Math.log10(power(clean.subarray(2 * HZ)) / power(sound.subarray(2 * HZ)));
  }

  let n = 1;
  const hiss = () => ((n = (n * 48271) % 0x7fffffff) / 0x7fffffff - 0.5) * 0.1;
  /** Like a vowel: a pitch that wanders, its harmonics about two formants, in syllables. */
  const voice = (i: number) => {
    const t = i / HZ;
    const phase = 2 * Math.PI * (130 * t + 3 * Math.sin(5 * t));
    let sum = 0;
    for (let h = 1; h < 25; h++) {
      const f = 130 * h;
      sum += Math.sin(h * phase) * (Math.exp(-(((f - 600) / 250) ** 2)) + 0.6 * Math.exp(-(((f - 1300) / 300) ** 2)));
    }
    return 0.08 * sum * Math.max(0, Math.sin(2 * Math.PI * 2 * t)) ** 0.5;
  };

  it("takes noise out", async () => {
    expect(await change(hiss)).toBeLessThan(-10);
  });

  it("leaves a voice", async () => {
    expect(Math.abs(await change(voice))).toBeLessThan(3);
  });
});
