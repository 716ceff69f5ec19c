import { describe, expect, it } from "vitest";

import { Own, type Section } from "../src/lib/own";

const track = (height: number) => ({ contentHint: "", getSettings: () => ({ height }) }) as MediaStreamTrack;

/** Lets all promises that are settled take effect. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A simulcast sender of two sizes. `log`: what was attached, and which encodings were active then. */
function section() {
  const encodings = [4, 1].map((scaleResolutionDownBy) => ({ scaleResolutionDownBy, active: true }));
  const log: string[] = [];
  const sender = {
    track: null as MediaStreamTrack | null,
    getParameters: () => ({ encodings: encodings.map((e) => ({ ...e })) }) as RTCRtpSendParameters,
    async setParameters(parameters: RTCRtpSendParameters) {
      await settle();
      parameters.encodings.forEach((e, i) => (encodings[i]!.active = e.active!));
    },
    async replaceTrack(next: MediaStreamTrack | null) {
      await settle();
      sender.track = next;
      log.push(`${next?.getSettings().height ?? "none"}: ${encodings.map((e) => e.active)}`);
    },
  };
  return { fake: { mid: "1", sender } as Section, sender, encodings, log };
}

const eventually = async () => {
  for (let i = 0; i < 10; i++) await settle();
};

describe("a section that sends", () => {
  it("attaches nothing before the answer, and then what somebody wants", async () => {
    const { fake, encodings, log } = section();
    const own = new Own(fake);
    own.send(track(720));
    own.want(180);
    await eventually();
    expect(log).toEqual([]);
    encodings.forEach((e) => (e.active = true)); // as Chromium does when it applies the answer
    own.begin();
    await eventually();
    expect(log).toEqual(["720: true,false"]);
    expect(encodings.map((e) => e.active)).toEqual([true, false]);
  });

  it("attaches nothing that nobody has wanted, however early or late it is given", async () => {
    const { fake, encodings, log } = section();
    const own = new Own(fake);
    own.begin();
    own.send(track(720));
    await eventually();
    own.send(track(480));
    await eventually();
    expect(log).toEqual([]);
    expect(encodings.map((e) => e.active)).toEqual([false, false]);
    own.want(480);
    await eventually();
    expect(log).toEqual(["480: true,true"]);
  });

  it("keeps a track that is wanted no longer, with no encoding active", async () => {
    const { fake, encodings, log } = section();
    const own = new Own(fake);
    own.begin();
    own.send(track(720));
    own.want(180);
    await eventually();
    own.want(0);
    await eventually();
    expect(encodings.map((e) => e.active)).toEqual([false, false]);
    own.send(track(480)); // another camera
    await eventually();
    expect(log).toEqual(["720: true,false", "480: false,false"]);
  });

  it("encodes what is wanted", async () => {
    const { fake, encodings } = section();
    const own = new Own(fake);
    own.begin();
    own.send(track(720));
    own.want(180);
    await eventually();
    expect(encodings.map((e) => e.active)).toEqual([true, false]);
    own.want(720);
    await eventually();
    expect(encodings.map((e) => e.active)).toEqual([true, true]);
  });

  it("carries the last track that it was given, even if that is none", async () => {
    const { fake, sender, log } = section();
    const own = new Own(fake);
    own.send(track(720));
    own.send(null);
    own.want(180);
    own.begin();
    await eventually();
    expect(sender.track).toBe(null);
    expect(log).toEqual([]);
    own.send(track(720));
    await eventually();
    own.send(null);
    await eventually();
    expect(log).toEqual(["720: true,false", "none: true,true"]);
    expect(sender.track).toBe(null);
  });
});
