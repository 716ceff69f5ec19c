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
  it("attaches nothing before the answer, and then with no encoding active", async () => {
    const { fake, encodings, log } = section();
    const own = new Own(fake);
    void own.send(track(720));
    await eventually();
    expect(log).toEqual([]);
    encodings.forEach((e) => (e.active = true)); // as Chromium does when it applies the answer
    own.begin();
    await eventually();
    expect(log).toEqual(["720: false,false"]);
    expect(encodings.map((e) => e.active)).toEqual([false, false]);
  });

  it("also if it is given the track right after the answer", async () => {
    const { fake, log } = section();
    const own = new Own(fake);
    own.begin();
    void own.send(track(720));
    await eventually();
    expect(log).toEqual(["720: false,false"]);
  });

  it("encodes what is wanted", async () => {
    const { fake, encodings } = section();
    const own = new Own(fake);
    own.begin();
    void own.send(track(720));
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
    void own.send(track(720));
    void own.send(null);
    own.begin();
    await eventually();
    expect(sender.track).toBe(null);
    expect(log).toEqual(["none: false,false"]);
  });
});
