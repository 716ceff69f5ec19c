// A receiving video slot of the peer connection: one video element that lives as long as the slot,
// and what it shows. Tiles borrow the element while the slot shows their source. Between tiles it
// stands in a corner that nobody sees and goes on counting frames.
import type { Kind, Slot } from "../gen/protocol";
import { SlotMatch } from "./slots";

const BLIND_POLL_MS = 100;

let corner: HTMLElement | undefined;

/** Where media elements stand that are on no tile: in the document, or they would pause. */
export function mediaCorner(): HTMLElement {
  if (!corner) {
    corner = document.createElement("div");
    corner.className = "media-corner";
    corner.setAttribute("aria-hidden", "true");
    document.body.append(corner);
  }
  return corner;
}

export function silentVideo(stream: MediaStream): HTMLVideoElement {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.disablePictureInPicture = true;
  video.tabIndex = -1;
  video.srcObject = stream;
  return video;
}

/** The rtpTimestamp of remote frames is not in TypeScript's list yet. */
type FrameMetadata = VideoFrameCallbackMetadata & { rtpTimestamp?: number };

export class Picture {
  readonly element: HTMLVideoElement;
  /** The source that is seen for certain. */
  shown = $state<number>();
  participant = $state<string>();
  kind = $state<Kind>();
  /** The picture's own shape, once known. */
  aspect = $state<number>();

  readonly #match = new SlotMatch();
  #poll: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  constructor(
    readonly mid: string,
    readonly track: MediaStreamTrack,
  ) {
    this.element = silentVideo(new MediaStream([track]));
    this.element.dataset["mid"] = mid;
    this.element.onresize = () => {
      const { videoWidth, videoHeight } = this.element;
      if (videoHeight > 0) this.aspect = videoWidth / videoHeight;
    };
    mediaCorner().append(this.element);
    if ("requestVideoFrameCallback" in this.element) this.#watch();
    else this.#poll = setInterval(() => this.#blind(), BLIND_POLL_MS);
  }

  /** The source it is to show, seen yet or not. */
  get source(): number | undefined {
    return this.#match.source;
  }

  /** `sealed`: it is not shown before `begin`. */
  assign(slot: Slot, sealed: boolean): void {
    this.#match.assign(slot.source, sealed ? undefined : slot.rtp_timestamp, performance.now());
    this.participant = slot.participant;
    this.kind = slot.kind;
    this.shown = this.#match.shown;
  }

  /** From the frame of this timestamp on it shows what it is to show. */
  begin(rtpTimestamp: number | undefined): void {
    this.#match.begin(rtpTimestamp, performance.now());
    this.shown = this.#match.shown;
  }

  /** For `{@attach}`: puts the element into a tile for as long as the tile wants it. */
  readonly place = (tile: Element): (() => void) => {
    tile.append(this.element);
    void this.element.play().catch(() => undefined); // autoplay tries again with the next frame
    return () => {
      if (this.element.parentNode === tile && !this.#closed) mediaCorner().append(this.element);
    };
  };

  close(): void {
    this.#closed = true;
    clearInterval(this.#poll);
    this.element.srcObject = null;
    this.element.remove();
  }

  #watch(): void {
    this.element.requestVideoFrameCallback((now, metadata: FrameMetadata) => {
      if (this.#closed) return;
      this.#match.frame(metadata.rtpTimestamp, now);
      this.shown = this.#match.shown;
      this.#watch();
    });
  }

  #blind(): void {
    this.#match.blind(performance.now());
    this.shown = this.#match.shown;
  }
}
