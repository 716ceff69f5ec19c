// What a connection does, from two readings of RTCPeerConnection.getStats (webrtc-stats) some time
// apart: path, round trip, loss, rates, and a line for everything that is sent and received. Browsers
// leave out what they do not know; what cannot be told is undefined here. Pure.
import type { Kind } from "../gen/protocol";

/** One entry of a reading. */
export interface Entry {
  id: string;
  type: string;
  /** Milliseconds. */
  timestamp: number;
  [field: string]: unknown;
}

/** What fills a receiving section. */
export interface Shown {
  participant: string;
  kind: Kind;
}

export interface Reading {
  entries: readonly Entry[];
  /** By the section's mid. */
  sending: ReadonlyMap<string, Kind>;
  receiving: ReadonlyMap<string, Shown>;
}

export interface Path {
  /** Candidate types (host, srflx, prflx, relay), ours first. */
  types: string[];
  /** udp, tcp; to a relay also tls. */
  protocol: string;
  family: "IPv4" | "IPv6" | undefined;
}

interface Flow {
  codec: string | undefined;
  kbps: number | undefined;
  /** 0 to 100. */
  loss: number | undefined;
  width: number | undefined;
  height: number | undefined;
  fps: number | undefined;
}
export interface SentLine extends Flow {
  kind: Kind | undefined;
  media: string;
  /** The layer of simulcast. */
  rid: string | undefined;
}
export interface ReceivedLine extends Flow {
  /** Undefined: all sound together. */
  of: Shown | undefined;
  /** Of a picture: the receiving section. */
  mid: string | undefined;
}

export interface Measured {
  path: Path | undefined;
  roundTripMs: number | undefined;
  up: { kbps: number | undefined; loss: number | undefined; estimateKbps: number | undefined };
  down: { kbps: number | undefined; loss: number | undefined };
  sent: SentLine[];
  received: ReceivedLine[];
}

function number(entry: Entry | undefined, field: string): number | undefined {
  const value = entry?.[field];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

function text(entry: Entry | undefined, field: string): string | undefined {
  const value = entry?.[field];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** The sum of what is known; undefined if nothing is. */
function total(values: (number | undefined)[]): number | undefined {
  const known = values.filter((v) => v !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, v) => sum + v, 0);
}

/** Entries by id, and how their counters moved since the reading before. */
class Pair {
  readonly #now: ReadonlyMap<string, Entry>;
  readonly #before: ReadonlyMap<string, Entry>;

  constructor(
    private readonly entries: readonly Entry[],
    before: readonly Entry[],
  ) {
    this.#now = new Map(entries.map((e) => [e.id, e]));
    this.#before = new Map(before.map((e) => [e.id, e]));
  }

  get(id: string | undefined): Entry | undefined {
    return id === undefined ? undefined : this.#now.get(id);
  }

  all(type: string): Entry[] {
    return this.entries.filter((e) => e.type === type);
  }

  /** How much was added; undefined without two values. A counter that fell is another stream's. */
  added(entry: Entry, field: string): number | undefined {
    const now = number(entry, field);
    const before = number(this.#before.get(entry.id), field);
    return now === undefined || before === undefined || now < before ? undefined : now - before;
  }

  kbps(entry: Entry, field: string): number | undefined {
    const bytes = this.added(entry, field);
    const ms = this.added(entry, "timestamp");
    return bytes === undefined || !ms ? undefined : (bytes * 8) / ms;
  }

  codec(entry: Entry): string | undefined {
    return text(this.get(text(entry, "codecId")), "mimeType")?.split("/")[1];
  }

  /** Packets lost and packets there should be, both since the reading before. Packets that came late
   * after all make the loss fall. */
  lost(entry: Entry): [number, number] | undefined {
    const received = this.added(entry, "packetsReceived");
    const now = number(entry, "packetsLost");
    const before = number(this.#before.get(entry.id), "packetsLost");
    if (received === undefined || now === undefined || before === undefined) return undefined;
    const lost = Math.max(0, now - before);
    return [lost, lost + received];
  }

  /** Firefox says 0 × 0 as long as there is none. */
  picture(entry: Entry): Pick<Flow, "width" | "height" | "fps"> {
    return {
      width: number(entry, "frameWidth") || undefined,
      height: number(entry, "frameHeight") || undefined,
      fps: number(entry, "framesPerSecond"),
    };
  }
}

function percent(parts: ([number, number] | undefined)[]): number | undefined {
  const known = parts.filter((p) => p !== undefined);
  const all = known.reduce((sum, [, n]) => sum + n, 0);
  return all === 0 ? undefined : (100 * known.reduce((sum, [lost]) => sum + lost, 0)) / all;
}

/** The candidate pair in use: as the transport says, else as the pairs say (Firefox). */
function selectedPair(stats: Pair): Entry | undefined {
  const transport = stats.all("transport").find((e) => text(e, "selectedCandidatePairId"));
  const told = stats.get(text(transport, "selectedCandidatePairId"));
  const pairs = stats.all("candidate-pair");
  return (
    told ??
    pairs.find((e) => e["selected"] === true) ??
    pairs.find((e) => e["nominated"] === true && e["state"] === "succeeded")
  );
}

function pathOf(stats: Pair, pair: Entry | undefined): Path | undefined {
  const local = stats.get(text(pair, "localCandidateId"));
  const remote = stats.get(text(pair, "remoteCandidateId"));
  if (!local || !remote) return undefined;
  // The server's address is always told; our own may be hidden (mDNS).
  const address = text(remote, "address") ?? text(remote, "ip");
  const types = [local, remote].map((c) => text(c, "candidateType") ?? "?");
  return {
    types,
    protocol: text(local, "relayProtocol") ?? text(local, "protocol") ?? "?",
    family: address === undefined ? undefined : address.includes(":") ? "IPv6" : "IPv4",
  };
}

function roundTrip(stats: Pair, pair: Entry | undefined): number | undefined {
  const reported = stats
    .all("remote-inbound-rtp")
    .map((e) => number(e, "roundTripTime"))
    .filter((s) => s !== undefined);
  const seconds = number(pair, "currentRoundTripTime") ?? (reported.length ? Math.min(...reported) : undefined);
  return seconds === undefined ? undefined : seconds * 1_000;
}

/** What the server reported lost of a stream, and what was sent meanwhile. Its reports come at their
 * own pace, so that the fraction of the last one says more than a difference. */
function lostAfar(stats: Pair, entry: Entry): [number, number] | undefined {
  const report =
    stats.get(text(entry, "remoteId")) ??
    stats.all("remote-inbound-rtp").find((e) => text(e, "localId") === entry.id);
  const fraction = number(report, "fractionLost");
  const sent = stats.added(entry, "packetsSent");
  return fraction === undefined || !sent ? undefined : [fraction * sent, sent];
}

const ORDER: (Kind | undefined)[] = [
  "microphone",
  "camera",
  "screen",
  "screen_sound",
  undefined,
];

function sentLines(stats: Pair, sending: ReadonlyMap<string, Kind>): SentLine[] {
  return stats
    .all("outbound-rtp")
    .filter((e) => (number(e, "packetsSent") ?? 0) > 0)
    .map((e) => ({
      kind: sending.get(text(e, "mid") ?? ""),
      media: text(e, "kind") ?? "",
      rid: text(e, "rid"),
      codec: stats.codec(e),
      kbps: stats.kbps(e, "bytesSent"),
      loss: percent([lostAfar(stats, e)]),
      ...stats.picture(e),
    }))
    .sort(
      (a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind) || (b.width ?? 0) - (a.width ?? 0),
    );
}

/** A line for each picture that is shown, and one for the sound of all. */
function receivedLines(stats: Pair, receiving: ReadonlyMap<string, Shown>): ReceivedLine[] {
  const inbound = stats.all("inbound-rtp").filter((e) => (number(e, "packetsReceived") ?? 0) > 0);
  const sound = inbound.filter((e) => e["kind"] === "audio");
  const lines: ReceivedLine[] = [];
  if (sound.length > 0) {
    lines.push({
      of: undefined,
      mid: undefined,
      codec: sound.map((e) => stats.codec(e)).find((c) => c !== undefined),
      kbps: total(sound.map((e) => stats.kbps(e, "bytesReceived"))),
      loss: percent(sound.map((e) => stats.lost(e))),
      width: undefined,
      height: undefined,
      fps: undefined,
    });
  }
  for (const e of inbound) {
    const mid = text(e, "mid");
    const of = receiving.get(mid ?? "");
    if (e["kind"] !== "video" || !of) continue;
    lines.push({
      of,
      mid,
      codec: stats.codec(e),
      kbps: stats.kbps(e, "bytesReceived"),
      loss: percent([stats.lost(e)]),
      ...stats.picture(e),
    });
  }
  return lines;
}

/** `before` is the last reading of the same connection; without one there are no rates. */
export function measure(now: Reading, before: Reading | undefined): Measured {
  const stats = new Pair(now.entries, before?.entries ?? []);
  const pair = selectedPair(stats);
  const out = stats.all("outbound-rtp");
  const inbound = stats.all("inbound-rtp");
  const estimate = number(pair, "availableOutgoingBitrate");
  return {
    path: pathOf(stats, pair),
    roundTripMs: roundTrip(stats, pair),
    up: {
      kbps: total(out.map((e) => stats.kbps(e, "bytesSent"))),
      loss: percent(out.map((e) => lostAfar(stats, e))),
      estimateKbps: estimate === undefined ? undefined : estimate / 1_000,
    },
    down: {
      kbps: total(inbound.map((e) => stats.kbps(e, "bytesReceived"))),
      loss: percent(inbound.map((e) => stats.lost(e))),
    },
    sent: sentLines(stats, now.sending),
    received: receivedLines(stats, now.receiving),
  };
}
