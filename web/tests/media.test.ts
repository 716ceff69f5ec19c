// The order in which a peer connection is made of an encrypted meeting: what was attached after
// negotiation would have gone out readable.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Media, type Sealer } from "../src/lib/media";

const CODECS = {
  audio: ["audio/opus", "audio/red"],
  video: ["video/VP8", "video/H264", "video/VP9", "video/AV1", "video/rtx"],
};

const log: string[] = [];
const capabilities = {
  getCapabilities: (media: "audio" | "video") => ({
    codecs: CODECS[media].map((mimeType) => ({
      mimeType,
      sdpFmtpLine: "profile-level-id=42e01f;packetization-mode=1",
    })),
  }),
};

class Connection {
  localDescription = { sdp: "v=0" };
  #made = 0;

  addTransceiver(media: string, { direction }: RTCRtpTransceiverInit) {
    const name = `${media} ${this.#made++}`;
    log.push(`${name} ${direction}`);
    return {
      name,
      sender: {},
      setCodecPreferences: (codecs: RTCRtpCodec[]) =>
        log.push(`codecs of ${name}: ${codecs.map((c) => c.mimeType.split("/")[1]).join(" ")}`),
    };
  }

  async setLocalDescription() {
    log.push("negotiated");
  }

  close() {
    log.push("closed");
  }
}

const sealer: Sealer = {
  attach: (section, sends) => void log.push(`sealed ${(section as unknown as { name: string }).name} ${sends}`),
  describe: (sdp) => void log.push(`described ${sdp}`),
  detach: () => void log.push("detached"),
};

beforeEach(() => {
  log.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", Connection);
  vi.stubGlobal("RTCRtpReceiver", capabilities);
  vi.stubGlobal("RTCRtpSender", capabilities);
  vi.stubGlobal("location", { search: "?codec=h264" });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const nothing = () => undefined;

describe("of an encrypted meeting", () => {
  it("every section is sealed as soon as it is there, and before anything is negotiated", async () => {
    const media = new Media(true, undefined, nothing, nothing, sealer);
    await media.offer();
    const end = log.indexOf("negotiated");
    const made = log.flatMap((line, i) => (/ (sendonly|recvonly)$/.test(line) ? [i] : []));
    expect(made.length).toBe(4 + 7 + 27);
    for (const i of made) {
      expect(i).toBeLessThan(end);
      const [media_, number, direction] = log[i]!.split(" ");
      expect(log[i + 1]).toMatch(new RegExp(`^sealed ${media_} ${number} `));
      expect(log[i + 1]!.endsWith(" undefined")).toBe(direction === "recvonly");
    }
    expect(log.filter((line) => /^sealed .* (microphone|camera|screen|screen_sound)$/.test(line))).toEqual([
      "sealed audio 0 microphone",
      "sealed video 1 camera",
      "sealed video 2 screen",
      "sealed audio 3 screen_sound",
    ]);
    expect(log[end + 1]).toBe("described v=0");
    media.close();
    expect(log.slice(-2)).toEqual(["closed", "detached"]);
  });

  it("nothing is offered that the server would have to read", async () => {
    await new Media(true, undefined, nothing, nothing, sealer).offer();
    expect(log.filter((line) => /red|H264/.test(line))).toEqual([]);
    expect(log).toContain("codecs of video 1: VP8 rtx");
    expect(log).toContain("codecs of video 11: VP8 VP9 AV1 rtx");
  });
});

describe("of another meeting", () => {
  it("nothing is sealed, and everything offered", async () => {
    const media = new Media(true, undefined, nothing, nothing);
    await media.offer();
    media.close();
    expect(log.filter((line) => /sealed|described|detached/.test(line))).toEqual([]);
    expect(log).toContain("codecs of video 1: H264 VP8 rtx");
    expect(log).toContain("codecs of audio 0: opus red");
  });
});
