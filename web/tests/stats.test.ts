import { describe, expect, it } from "vitest";

import type { Kind } from "../src/gen/protocol";
import { type Entry, measure, type Reading, type Shown } from "../src/lib/stats";
import { en } from "../src/texts/en";

type Fields = Record<string, unknown>;

/** A reading at a time in seconds: the entries, by id, as a browser gives them. */
function reading(seconds: number, entries: Record<string, Fields>): Reading {
  return {
    entries: Object.entries(entries).map(
      ([id, fields]) => ({ id, timestamp: seconds * 1_000, ...fields }) as Entry,
    ),
    sending: new Map<string, Kind>([
      ["0", "microphone"],
      ["1", "camera"],
    ]),
    receiving: new Map<string, Shown>([["10", { participant: "p2", kind: "camera" }]]),
  };
}

const PAIR = {
  type: "candidate-pair",
  nominated: true,
  state: "succeeded",
  localCandidateId: "L",
  remoteCandidateId: "R",
};
const LOCAL = { type: "local-candidate", candidateType: "host", protocol: "udp", address: "x.local" };
const REMOTE = { type: "remote-candidate", candidateType: "host", protocol: "udp", address: "192.0.2.1" };

/** As Chromium tells it: a transport, layers with rid, reports of the other side. */
function chromium(seconds: number): Reading {
  return reading(seconds, {
    T: { type: "transport", selectedCandidatePairId: "P" },
    Q: { ...PAIR, localCandidateId: "none" },
    P: { ...PAIR, currentRoundTripTime: 0.042, availableOutgoingBitrate: 2_100_000 },
    L: LOCAL,
    R: REMOTE,
    C: { type: "codec", mimeType: "video/VP8" },
    A: { type: "outbound-rtp", kind: "audio", mid: "0", bytesSent: 5_000 * seconds, packetsSent: 50 * seconds, remoteId: "RA" },
    Vq: {
      type: "outbound-rtp", kind: "video", mid: "1", rid: "q", codecId: "C",
      bytesSent: 20_000 * seconds, packetsSent: 50 * seconds, remoteId: "RV",
      frameWidth: 320, frameHeight: 180, framesPerSecond: 30,
    },
    Vf: {
      type: "outbound-rtp", kind: "video", mid: "1", rid: "f", codecId: "C",
      bytesSent: 180_000 * seconds, packetsSent: 150 * seconds,
      frameWidth: 1280, frameHeight: 720, framesPerSecond: 30,
    },
    Vh: { type: "outbound-rtp", kind: "video", mid: "1", rid: "h", bytesSent: 0, packetsSent: 0 },
    RA: { type: "remote-inbound-rtp", localId: "A", fractionLost: 0.1, roundTripTime: 0.05 },
    RV: { type: "remote-inbound-rtp", localId: "Vq", fractionLost: 0 },
    IA: { type: "inbound-rtp", kind: "audio", mid: "3", bytesReceived: 4_000 * seconds, packetsReceived: 50 * seconds, packetsLost: 0 },
    IV: {
      type: "inbound-rtp", kind: "video", mid: "10", codecId: "C",
      bytesReceived: 60_000 * seconds, packetsReceived: 95 * seconds, packetsLost: 5 * seconds,
      frameWidth: 640, frameHeight: 360, framesPerSecond: 24,
    },
    hidden: { type: "inbound-rtp", kind: "video", mid: "11", bytesReceived: 9, packetsReceived: 1, packetsLost: 0 },
  });
}

describe("a connection", () => {
  const m = measure(chromium(3), chromium(2));

  it("has a path and a round trip", () => {
    expect(m.path).toEqual({ types: ["host", "host"], protocol: "udp", family: "IPv4" });
    expect(m.roundTripMs).toBeCloseTo(42);
  });

  it("has rates and loss both ways, and an estimate", () => {
    expect(m.up.kbps).toBeCloseTo(8 * 205);
    expect(m.up.loss).toBeCloseTo(5); // a tenth of half of the packets that are reported on
    expect(m.up.estimateKbps).toBe(2_100);
    expect(m.down.kbps).toBeCloseTo(8 * 64);
    expect(m.down.loss).toBeCloseTo(100 * (5 / 150));
  });

  it("sends layers, the largest first, and no line for what was never sent", () => {
    expect(m.sent.map((s) => [s.kind, s.rid, s.codec, s.width, s.fps])).toEqual([
      ["microphone", undefined, undefined, undefined, undefined],
      ["camera", "f", "VP8", 1280, 30],
      ["camera", "q", "VP8", 320, 30],
    ]);
    expect(m.sent[1]?.kbps).toBeCloseTo(1_440);
    expect(m.sent.map((s) => s.loss)).toEqual([10, undefined, 0]);
  });

  it("receives the sound of all and the pictures that are shown", () => {
    expect(m.received.map((r) => [r.of?.participant, r.codec, r.width, r.height])).toEqual([
      [undefined, undefined, undefined, undefined],
      ["p2", "VP8", 640, 360],
    ]);
    expect(m.received[1]?.loss).toBeCloseTo(5);
  });

  it("has no picture of no size, as Firefox says while there is none", () => {
    const video = { type: "outbound-rtp", kind: "video", packetsSent: 1, frameWidth: 0, frameHeight: 0 };
    const line = measure(reading(1, { V: video }), undefined).sent[0];
    expect([line?.width, line?.height]).toEqual([undefined, undefined]);
  });

  it("has no rates at the first reading", () => {
    const first = measure(chromium(2), undefined);
    expect([first.up.kbps, first.down.kbps, first.up.loss, first.down.loss]).toEqual(Array(4).fill(undefined));
    expect(first.sent.length).toBe(3);
    expect(first.path).toBeDefined();
  });

  it("knows nothing of an empty reading", () => {
    const nothing = measure(reading(1, {}), reading(0, {}));
    expect([nothing.path, nothing.roundTripMs, nothing.up.kbps]).toEqual(Array(3).fill(undefined));
    expect([nothing.sent, nothing.received]).toEqual([[], []]);
  });
});

describe("the path", () => {
  const CASES: [string, Fields, Fields, Fields, unknown][] = [
    ["as Firefox selects it", { selected: true, nominated: false }, {}, {}, { types: ["host", "host"], protocol: "udp", family: "IPv4" }],
    ["over IPv6", {}, {}, { address: "2001:db8::1" }, { types: ["host", "host"], protocol: "udp", family: "IPv6" }],
    ["over TCP", {}, { protocol: "tcp" }, {}, { types: ["host", "host"], protocol: "tcp", family: "IPv4" }],
    ["by a relay over TLS", {}, { candidateType: "relay", relayProtocol: "tls" }, {}, { types: ["relay", "host"], protocol: "tls", family: "IPv4" }],
    ["with the address under its old name", {}, {}, { address: undefined, ip: "192.0.2.1" }, { types: ["host", "host"], protocol: "udp", family: "IPv4" }],
    ["with a hidden address", {}, {}, { address: "" }, { types: ["host", "host"], protocol: "udp", family: undefined }],
    ["not there yet", { nominated: false }, {}, {}, undefined],
  ];
  for (const [what, pair, local, remote, wanted] of CASES) {
    it(what, () => {
      const now = reading(1, {
        P: { ...PAIR, ...pair },
        L: { ...LOCAL, ...local },
        R: { ...REMOTE, ...remote },
      });
      expect(measure(now, undefined).path).toEqual(wanted);
    });
  }
});

describe("counters", () => {
  const inbound = (seconds: number, packetsReceived: number, packetsLost: number, bytesReceived = 0) =>
    reading(seconds, { I: { type: "inbound-rtp", kind: "video", packetsReceived, packetsLost, bytesReceived } });
  const CASES: [string, Reading, Reading, number | undefined, number | undefined][] = [
    ["of which all packets were lost", inbound(1, 5, 0), inbound(2, 5, 3), 100, 0],
    ["of late packets", inbound(1, 5, 3), inbound(2, 9, 1), 0, 0],
    ["of a new connection", inbound(1, 500, 3, 900), inbound(2, 9, 0, 20), undefined, undefined],
    ["at one time", inbound(1, 5, 0, 0), inbound(1, 5, 0, 100), undefined, undefined],
    ["of two seconds", inbound(1, 5, 0, 0), inbound(3, 25, 0, 1_000), 0, 4],
  ];
  for (const [what, before, now, loss, kbps] of CASES) {
    it(what, () => {
      const { down } = measure(now, before);
      expect([down.loss, down.kbps]).toEqual([loss, kbps]);
    });
  }

  it("give the round trip where the pair does not", () => {
    const now = reading(1, { R: { type: "remote-inbound-rtp", roundTripTime: 0.08 }, S: { type: "remote-inbound-rtp" } });
    expect(measure(now, undefined).roundTripMs).toBe(80);
  });
});

describe("texts of a connection", () => {
  it("say what is not known", () => {
    expect([en.pathText(undefined), en.milliseconds(undefined), en.percent(undefined), en.bitRate(undefined)]).toEqual(Array(4).fill("–"));
    expect(en.pictureSize({ width: undefined, height: undefined, fps: 3 })).toBe("–");
  });

  it("have units", () => {
    expect(en.milliseconds(41.6)).toBe("42\u00a0ms");
    expect(en.percent(0.04)).toBe("0.0\u00a0%");
    expect([en.bitRate(999.4), en.bitRate(1_000)]).toEqual(["999\u00a0kbit/s", "1.0\u00a0Mbit/s"]);
    expect(en.pictureSize({ width: 640, height: 360, fps: 29.6 })).toBe("640 × 360, 30/s");
    expect(en.sentName({ kind: "camera", media: "video", rid: "q" })).toBe("Camera (layer q)");
    expect(en.pathText({ types: ["relay", "host"], protocol: "tls", family: "IPv6" })).toBe("through a relay, TLS, IPv6 (relay – host)");
  });
});
