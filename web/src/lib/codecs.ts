// Which codecs stand in the offer, and how each is encoded. A section that sends names one codec (and
// VP9 and VP8, should it not be had); a section that receives names all that the server knows,
// since every person chooses what they send.
import type { Kind } from "../gen/protocol";

const PICTURES = ["VP8", "VP9", "AV1", "H264"] as const;
export type PictureCodec = (typeof PICTURES)[number];

/** The camera's codec for tests and for people who know what they want: `?codec=av1` in the address
 * of the meeting, before the `#`. VP8 unless one of ours is named: every browser encodes three sizes
 * of it at little cost. */
export function cameraCodec(search: string): PictureCodec {
  const name = new URLSearchParams(search).get("codec")?.toUpperCase();
  return PICTURES.find((codec) => codec === name) ?? "VP8";
}

/** Text is sharpest in AV1, at the lowest rate and cost: web/README.md has the figures. */
const SCREEN: PictureCodec = "AV1";

/** Undefined: it is sound. */
export function codecOf(kind: Kind, search: string): PictureCodec | undefined {
  if (kind === "camera") return cameraCodec(search);
  return kind === "screen" ? SCREEN : undefined;
}

function parameter(codec: RTCRtpCodec, name: string): string | undefined {
  const all = (codec.sdpFmtpLine ?? "").split(";").map((p) => p.trim().split("="));
  return all.find(([key]) => key === name)?.[1];
}

/** Of a codec's many profiles the one that the server takes. */
function isOurs(codec: RTCRtpCodec): boolean {
  const name = codec.mimeType.split("/")[1]?.toUpperCase();
  if (name === "VP9") return (parameter(codec, "profile-id") ?? "0") === "0";
  if (name === "AV1") return (parameter(codec, "profile") ?? "0") === "0";
  if (name !== "H264") return true;
  return (
    parameter(codec, "packetization-mode") === "1" &&
    /^42e0/i.test(parameter(codec, "profile-level-id") ?? "")
  );
}

/** Those of the browser's codecs that have these names, in their order, then what goes with all of
 * them: retransmission of pictures. */
export function select<C extends RTCRtpCodec>(all: readonly C[], names: readonly string[]): C[] {
  const named = (name: string): C[] =>
    all.filter((c) => c.mimeType.split("/")[1]?.toUpperCase() === name && isOurs(c)).slice(0, 1);
  return [...names.flatMap(named), ...named("RTX")];
}

/** Everything else would make the offer three times as large. */
export function preferences(media: "audio" | "video", sends: PictureCodec | undefined): RTCRtpCodec[] {
  const all = RTCRtpReceiver.getCapabilities(media)?.codecs ?? [];
  if (media === "audio") return select(all, ["OPUS", "RED"]);
  if (!sends) return select(all, PICTURES);
  const sent = new Set(RTCRtpSender.getCapabilities(media)?.codecs.map((c) => c.mimeType));
  const names = new Set([sends, ...(sends === SCREEN ? ["VP9"] : []), "VP8"]);
  return select(all.filter((c) => sent.has(c.mimeType)), [...names]);
}

/** In an encrypted meeting nobody sends or takes what the server would have to read: redundant sound is split
 * and joined there, and packets of H.264 are made by what is inside a frame. */
export function canBeSealed({ mimeType }: Pick<RTCRtpCodec, "mimeType">): boolean {
  return !/\/(red|h264)$/i.test(mimeType);
}

/** Three frame rates in each size. Chromium does so for VP8 by itself; of VP9 and AV1 it would send
 * but the first size if it were not told. Firefox does not look at it. */
export function encoded(
  encodings: readonly RTCRtpEncodingParameters[],
  codec: PictureCodec | undefined,
): RTCRtpEncodingParameters[] {
  const layered = codec === "VP9" || codec === "AV1";
  return encodings.map((e) => (layered ? { ...e, scalabilityMode: "L1T3" } : { ...e }));
}
