// When a peer connection is made anew: not while there is no connection to the server to offer it on.
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import type { Devices } from "../src/lib/devices.svelte";
import { Stream } from "../src/lib/stream.svelte";

// What is heard and seen is another matter.
vi.mock("../src/lib/picture.svelte", () => ({ Picture: class { close() {} } }));
vi.mock("../src/lib/sound.svelte", () => ({
  Sound: class {
    play() {}
    setSpeaker() {}
    close() {}
  },
}));

const made: Connection[] = [];
let offers = 0;
let online = true;

class Connection {
  localDescription = { sdp: "v=0" };
  connectionState = "new";
  iceConnectionState = "new";
  onconnectionstatechange: (() => void) | undefined;

  constructor() {
    made.push(this);
  }

  addTransceiver(kind: string) {
    return { mid: "", sender: {}, receiver: { track: { kind } }, setCodecPreferences: () => undefined };
  }

  async setLocalDescription() {}
  close() {}

  fail() {
    this.connectionState = "failed";
    this.onconnectionstatechange?.();
  }
}

beforeEach(() => {
  made.length = offers = 0;
  online = true;
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [] }) });
  vi.stubGlobal("RTCRtpSender", { getCapabilities: () => ({ codecs: [] }) });
  vi.stubGlobal("location", { search: "" });
  vi.stubGlobal("window", {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const stream = () =>
  new Stream({ speaker: "" } as unknown as Devices, (m) => online && !!(offers += Number(m.type === "offer")), () => undefined, () => online);

it("is offered anew when it is lost", async () => {
  await stream().negotiate(true);
  made[0]!.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([made.length, offers]).toEqual([2, 2]);
});

it("is not made while nothing can be offered: the next welcome asks for it", async () => {
  const one = stream();
  await one.negotiate(true);
  online = false; // the server is replaced, and both are lost at once
  made[0]!.fail();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(made.length).toBe(1);
  online = true;
  await one.negotiate(true);
  expect([made.length, offers]).toEqual([2, 2]);
});
