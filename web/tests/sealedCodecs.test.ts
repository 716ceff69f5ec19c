import { describe, expect, it } from "vitest";

import { canBeSealed } from "../src/lib/codecs";
import { afterOpening, beforeSealing, join, payloadTypes, sealedCodec, type SealedCodec, split } from "../src/e2ee/codecs";
import { hex, toHex } from "./hex";

const VP8_KEY = "10020" + "09d012a8002e00100aabb";
const SEQUENCE = "0a0b00000042a7bfe4600d0040"; // an OBU with its length
const FRAME = "3204aabbccdd";
const DELIMITER = "1200";
const SEALED = hex("c0ffee");

describe("what stays readable", () => {
  it.each<[SealedCodec, string, string, string]>([
    ["opus", "78aabb", "", "78aabb"],
    ["vp9", "82495342", "", "82495342"],
    ["vp8", VP8_KEY, VP8_KEY.slice(0, 20), VP8_KEY.slice(20)],
    ["vp8", VP8_KEY.slice(0, 20), VP8_KEY.slice(0, 20), ""],
    ["vp8", "31aabbcc", "31", "aabbcc"],
    ["vp8", "31", "31", ""],
    ["av1", SEQUENCE + FRAME, SEQUENCE, SEQUENCE + FRAME],
    ["av1", DELIMITER + SEQUENCE + FRAME, SEQUENCE, DELIMITER + SEQUENCE + FRAME],
    ["av1", FRAME, "", FRAME],
    ["av1", "3600" + "04aabbccdd", "", "360004aabbccdd"], // with an extension
    ["av1", "30aabb", "", "30aabb"], // without a length
    ["av1", "0800000042a7bfe4600d0040", "0a0b00000042a7bfe4600d0040", "0800000042a7bfe4600d0040"],
    ["av1", "0a8b00" + SEQUENCE.slice(4) + FRAME, SEQUENCE, "0a8b00" + SEQUENCE.slice(4) + FRAME], // a long length
    ["av1", SEQUENCE + "0a01ff" + FRAME, SEQUENCE, SEQUENCE + "0a01ff" + FRAME], // the first of two
  ])("of %s %s", (codec, frame, clear, secret) => {
    const parts = beforeSealing(codec, hex(frame))!;
    expect([toHex(parts.clear), toHex(parts.secret)]).toEqual([clear, secret]);
    const back = split(codec, join(codec, parts.clear, SEALED))!;
    expect([toHex(back.clear), toHex(back.sealed)]).toEqual([clear, toHex(SEALED)]);
    expect(toHex(afterOpening(codec, back.clear, parts.secret))).toBe(frame);
  });

  it("is a frame of AV1 like any other to who makes packets of it", () => {
    const sealed = join("av1", hex(SEQUENCE), SEALED);
    expect(toHex(sealed)).toBe(`${SEQUENCE}3203c0ffee`);
    const long = join("av1", hex(""), new Uint8Array(200).fill(7));
    expect(toHex(long.slice(0, 3))).toBe("32c801");
    expect(split("av1", long)!.sealed).toEqual(new Uint8Array(200).fill(7));
  });
});

describe("what is no frame", () => {
  it.each<[SealedCodec, string]>([
    ["opus", ""],
    ["vp8", ""],
    ["vp8", VP8_KEY.slice(0, 18)], // nine bytes
    ["vp8", "10020000012a8002e001aa"], // another start code
    ["vp9", ""],
    ["av1", ""],
    ["av1", "b204aabbccdd"], // the forbidden bit
    ["av1", "3304aabbccdd"], // the reserved bit
    ["av1", "3205aabbccdd"], // a length beyond the end
    ["av1", "32"],
    ["av1", "36"],
    ["av1", "3600"],
    ["av1", "32808080"],
    ["av1", "3280808080" + "00"], // a length of five bytes
    ["av1", "32ffffff7f"],
    ["av1", SEQUENCE + "ff"],
  ])("of %s %s is not sealed", (codec, frame) => expect(beforeSealing(codec, hex(frame))).toBeUndefined());

  it.each<[SealedCodec, string]>([
    ["vp8", ""],
    ["vp8", VP8_KEY.slice(0, 18)],
    ["av1", ""],
    ["av1", SEQUENCE], // and nothing after it
    ["av1", DELIMITER + FRAME],
    ["av1", SEQUENCE + SEQUENCE],
    ["av1", SEQUENCE + FRAME + FRAME],
    ["av1", "3205aabbccdd"],
    ["av1", "7a04aabbccdd"],
  ])("of %s %s is not opened", (codec, frame) => expect(split(codec, hex(frame))).toBeUndefined());

  it("does no harm, whatever it is", () => {
    let seed = 55;
    const byte = () => (seed = (seed * 48271) % 0x7fffffff) & 0xff;
    // Of AV1 the random bytes are likely to begin like an OBU.
    const starts = [[], [0x0a], [0x32], [0x0a, 1, 7, 0x32], [0x12, 0], [0x10, 2, 0, 0x9d, 1, 0x2a]];
    let [sealed, opened] = [0, 0];
    for (let round = 0; round < 5_000; round++) {
      const start = starts[byte() % starts.length]!;
      const bytes = Uint8Array.from([...start, ...Array.from({ length: byte() % 24 }, byte)]);
      const before = toHex(bytes);
      const seen: string[] = [];
      for (const codec of ["opus", "vp8", "vp9", "av1"] as const) {
        const parts = beforeSealing(codec, bytes);
        if (parts) {
          sealed++;
          const whole = toHex(parts.secret);
          if ((codec === "av1" ? whole : toHex(parts.clear) + whole) !== before) seen.push(`${codec} loses bytes`);
          const back = split(codec, join(codec, parts.clear, SEALED));
          if (!back || toHex(back.clear) !== toHex(parts.clear) || toHex(back.sealed) !== "c0ffee")
            seen.push(`${codec} comes back otherwise`);
        }
        const came = split(codec, bytes);
        if (!came) continue;
        opened++;
        if (came.clear.length + came.sealed.length > bytes.length) seen.push(`${codec} gains bytes`);
      }
      if (seen.length || toHex(bytes) !== before) expect.fail(`${before}: ${seen}`);
    }
    expect(sealed).toBeGreaterThan(5_000);
    expect(opened).toBeGreaterThan(5_000);
  });
});

describe("which codec it is", () => {
  it("is known by name, if it can be sealed", () => {
    expect(["opus", "VP8", "vp9", "AV1", "H264", "red", "rtx", ""].map(sealedCodec)).toEqual([
      "opus",
      "vp8",
      "vp9",
      "av1",
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it("stands in the offer", () => {
    const sdp = [
      "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
      "a=rtpmap:111 opus/48000/2",
      "a=rtpmap:63 red/48000/2",
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97 45",
      "a=rtpmap:96 VP8/90000",
      "a=rtpmap:97 rtx/90000",
      "a=fmtp:97 apt=96",
      "a=rtpmap:45 AV1/90000",
      "m=video 9 UDP/TLS/RTP/SAVPF 96 98",
      "a=rtpmap:96 VP8/90000",
      "a=rtpmap:98 VP9/90000",
      "",
    ].join("\r\n");
    expect([...payloadTypes(sdp)]).toEqual([
      [111, "opus"],
      [96, "vp8"],
      [45, "av1"],
      [98, "vp9"],
    ]);
  });

  it("is nobody's where two differ", () => {
    expect([...payloadTypes("a=rtpmap:96 VP8/90000\r\na=rtpmap:96 VP9/90000\r\na=rtpmap:96 VP8/90000\r\n")]).toEqual([]);
    expect([...payloadTypes("a=rtpmap:9999 VP8/90000\r\na=rtpmap:x VP9/90000\r\n")]).toEqual([]);
  });

  it("is none that the server would have to read", () => {
    const offered = ["audio/opus", "audio/red", "video/VP8", "video/H264", "video/rtx", "video/AV1"];
    expect(offered.filter((mimeType) => canBeSealed({ mimeType }))).toEqual([
      "audio/opus",
      "video/VP8",
      "video/rtx",
      "video/AV1",
    ]);
  });
});
