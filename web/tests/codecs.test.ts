import { describe, expect, it } from "vitest";
import { cameraCodec, codecOf, encoded, select } from "../src/lib/codecs";

const codec = (mimeType: string, sdpFmtpLine?: string): RTCRtpCodec => ({
  mimeType,
  clockRate: 90000,
  ...(sdpFmtpLine === undefined ? {} : { sdpFmtpLine }),
});

/** As Chromium 156 lists them, shortened. */
const CHROMIUM = [
  codec("video/VP8"),
  codec("video/rtx"),
  codec("video/VP9", "profile-id=0"),
  codec("video/VP9", "profile-id=2"),
  codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42001f"),
  codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=0;profile-level-id=42e01f"),
  codec("video/H264", "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"),
  codec("video/AV1", "level-idx=5;profile=1;tier=0"),
  codec("video/AV1", "level-idx=5;profile=0;tier=0"),
  codec("video/red"),
  codec("video/ulpfec"),
];

/** And Firefox 153. */
const FIREFOX = [
  codec("video/VP8", "max-fs=12288;max-fr=60"),
  codec("video/VP9", "max-fs=12288;max-fr=60"),
  codec("video/AV1"),
  codec("video/rtx"),
];

describe("the codecs of an offer", () => {
  it("are those that are asked for, in that order, one profile each, with retransmission", () => {
    expect(select(CHROMIUM, ["AV1", "H264", "VP9"])).toEqual([
      CHROMIUM[8],
      CHROMIUM[6],
      CHROMIUM[2],
      CHROMIUM[1],
    ]);
  });
  it("are what the browser has", () => {
    expect(select(FIREFOX, ["H264", "VP9", "VP8"])).toEqual([FIREFOX[1], FIREFOX[0], FIREFOX[3]]);
  });
});

describe("the camera's codec", () => {
  it("is VP8", () => {
    expect(cameraCodec("")).toBe("VP8");
    expect(cameraCodec("?codec=theora")).toBe("VP8");
  });
  it("is the one in the address", () => {
    expect(cameraCodec("?codec=av1")).toBe("AV1");
    expect(cameraCodec("?x=1&codec=H264")).toBe("H264");
  });
  it("is not that of the screen", () => {
    expect(codecOf("camera", "?codec=h264")).toBe("H264");
    expect(codecOf("screen", "?codec=h264")).toBe("AV1");
    expect(codecOf("screen_sound", "?codec=h264")).toBeUndefined();
  });
});

describe("encodings", () => {
  it("say their frame rates where the browser would else send one size alone", () => {
    expect(encoded([{ rid: "q" }, { rid: "h" }], "AV1")).toEqual([
      { rid: "q", scalabilityMode: "L1T3" },
      { rid: "h", scalabilityMode: "L1T3" },
    ]);
    expect(encoded([{ rid: "q" }], "VP8")).toEqual([{ rid: "q" }]);
  });
});
