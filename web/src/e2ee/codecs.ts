// What of a frame stays readable, so that packets can be made of it and the server finds key frames: a
// clear prefix before what is sealed. It is read from the frame itself; nothing is signalled.
//
//   Opus, VP9    nothing: packets have a descriptor of their own
//   VP8          1 byte, of key frames 10 (RFC 6386, 9.1: their start code and size)
//   AV1          of key frames the sequence header; what is sealed stands in one OBU_FRAME, since packets
//                are made of OBUs (AV1 bitstream, 5.3)
import { type Bytes, concat } from "./bytes";

export type SealedCodec = "opus" | "vp8" | "vp9" | "av1";

const CODECS: ReadonlyMap<string, SealedCodec> = new Map([
  ["opus", "opus"],
  ["vp8", "vp8"],
  ["vp9", "vp9"],
  ["av1", "av1"],
]);

/** Of a name as SDP has it. Undefined: it cannot be sealed, so nothing of it may be sent. */
export function sealedCodec(name: string): SealedCodec | undefined {
  return CODECS.get(name.toLowerCase());
}

/** Payload types of a session description, of codecs that can be sealed (a=rtpmap, RFC 8866, 6.6). One that
 * two sections use for different codecs is nobody's. */
export function payloadTypes(sdp: string): Map<number, SealedCodec> {
  const found = new Map<number, string>();
  for (const [, pt, name] of sdp.matchAll(/^a=rtpmap:(\d{1,3}) ([^/\s]+)\//gm)) {
    const type = Number(pt);
    const known = found.get(type);
    found.set(type, known === undefined || known === name!.toLowerCase() ? name!.toLowerCase() : "");
  }
  return new Map(
    [...found].flatMap(([type, name]) => {
      const codec = sealedCodec(name);
      return codec ? [[type, codec] as const] : [];
    }),
  );
}

const VP8_KEY_BYTES = 10;
const VP8_START_CODE = [0x9d, 0x01, 0x2a];

/** Bytes of the prefix. Undefined: no frame of VP8. */
function vp8Prefix(frame: Uint8Array): number | undefined {
  if (frame.length === 0) return undefined;
  if (frame[0]! & 1) return 1;
  const key = frame.length >= VP8_KEY_BYTES && VP8_START_CODE.every((byte, i) => frame[3 + i] === byte);
  return key ? VP8_KEY_BYTES : undefined;
}

const OBU_SEQUENCE_HEADER = 1;
const OBU_FRAME = 6;
const OBU_HAS_EXTENSION = 0x04;
const OBU_HAS_SIZE = 0x02;
const OBU_RESERVED = 0x81; // the forbidden bit, too
/** What a length of four bytes can say is more than any frame. */
const LEB128_BYTES_MAX = 4;

interface Obu {
  type: number;
  /** Header and length aside. */
  payload: Uint8Array;
  /** The first byte after it. */
  end: number;
}

/** leb128(), [value, bytes]. */
function readLeb128(bytes: Uint8Array, at: number): [number, number] | undefined {
  let value = 0;
  for (let i = 0; i < LEB128_BYTES_MAX; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) return undefined;
    value |= (byte & 0x7f) << (7 * i);
    if (byte < 0x80) return [value, i + 1];
  }
  return undefined;
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7) {
    if (rest < 0x80) return [...bytes, rest];
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** The OBU at `at`; without a length it goes to the end. Undefined: there is none. */
function readObu(bytes: Uint8Array, at: number): Obu | undefined {
  const header = bytes[at];
  if (header === undefined || header & OBU_RESERVED) return undefined;
  let start = at + 1 + (header & OBU_HAS_EXTENSION ? 1 : 0);
  let end = bytes.length;
  if (header & OBU_HAS_SIZE) {
    const size = readLeb128(bytes, start);
    if (!size) return undefined;
    start += size[1];
    end = start + size[0];
  }
  if (start > bytes.length || end > bytes.length) return undefined;
  return { type: (header >> 3) & 15, payload: bytes.subarray(start, end), end };
}

/** In the one form that packets keep: no extension, a length in as few bytes as it takes. */
function writeObu(type: number, payload: Uint8Array): Bytes {
  return concat(Uint8Array.from([(type << 3) | OBU_HAS_SIZE, ...leb128(payload.length)]), payload);
}

/** The sequence header of a frame, empty where it has none. Undefined: these are no OBUs. */
function sequenceHeader(frame: Uint8Array): Bytes | undefined {
  if (frame.length === 0) return undefined;
  let found: Bytes = new Uint8Array();
  for (let at = 0; at < frame.length; ) {
    const obu = readObu(frame, at);
    if (!obu) return undefined;
    if (obu.type === OBU_SEQUENCE_HEADER && !found.length) found = writeObu(obu.type, obu.payload);
    at = obu.end;
  }
  return found;
}

/** What is authenticated in clear before a frame that is to be sealed, and what of it is sealed. Undefined:
 * this is no frame of that codec, and it must not be sent. */
export function beforeSealing(codec: SealedCodec, frame: Bytes): { clear: Bytes; secret: Bytes } | undefined {
  if (frame.length === 0) return undefined; // Firefox gives such of sound, rarely
  if (codec === "av1") {
    const clear = sequenceHeader(frame);
    return clear && { clear, secret: frame };
  }
  const n = codec === "vp8" ? vp8Prefix(frame) : 0;
  return n === undefined ? undefined : { clear: frame.slice(0, n), secret: frame.subarray(n) };
}

/** The frame that is sent. */
export function join(codec: SealedCodec, clear: Bytes, sealed: Bytes): Bytes {
  return concat(clear, codec === "av1" ? writeObu(OBU_FRAME, sealed) : sealed);
}

function splitAv1(frame: Bytes): { clear: Bytes; sealed: Bytes } | undefined {
  const first = readObu(frame, 0);
  const header = first?.type === OBU_SEQUENCE_HEADER ? first : undefined;
  const wrapper = header ? readObu(frame, header.end) : first;
  if (wrapper?.type !== OBU_FRAME || wrapper.end !== frame.length) return undefined;
  const clear = header ? writeObu(header.type, header.payload) : new Uint8Array();
  return { clear, sealed: wrapper.payload.slice() };
}

/** A frame that came, taken apart. Undefined: it cannot be a sealed frame of that codec. */
export function split(codec: SealedCodec, frame: Bytes): { clear: Bytes; sealed: Bytes } | undefined {
  if (codec === "av1") return splitAv1(frame);
  const n = codec === "vp8" ? vp8Prefix(frame) : 0;
  return n === undefined ? undefined : { clear: frame.slice(0, n), sealed: frame.subarray(n) };
}

/** The frame as it was before it was sealed. In AV1 all of it was. */
export function afterOpening(codec: SealedCodec, clear: Bytes, secret: Bytes): Bytes {
  return codec === "av1" ? secret : concat(clear, secret);
}
