// The one peer connection of a client: one offer with everything it will ever send and receive, one
// answer, nothing after that. Which person fills which receiving section is told over the WebSocket.
import type { IceServer, Kind, OfferedSource, WantedSource } from "../gen/protocol";
import { canBeSealed, codecOf, encoded, type PictureCodec, preferences } from "./codecs";
import { Own } from "./own";
import { Stillness } from "./still";

/** How many people can be heard at once, and seen: a page of tiles and two large ones. */
const AUDIO_SLOTS = 7;
const VIDEO_SLOTS = 27;

/** The camera is sent in three sizes; the server gives everybody the one that fills their tile. */
const CAMERA: RTCRtpEncodingParameters[] = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 150_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 500_000 },
  { rid: "f", scaleResolutionDownBy: 1, maxBitrate: 1_500_000 },
];
const SCREEN: RTCRtpEncodingParameters[] = [{ maxBitrate: 2_500_000 }];
const SCREEN_SOUND: RTCRtpEncodingParameters[] = [{ maxBitrate: 96_000 }]; // music, perhaps

/** `disconnected` often heals by itself; beyond this it is taken for lost. */
const HEAL_MS = 4_000;
/** The same, when the WebSocket too was lost: the network has changed, and what is to heal does. */
const HEAL_SOON_MS = 2_000;
/** How often it is looked whether packets come. */
const LOOK_MS = 250;
/** From the offer to a connection. */
const CONNECT_MS = 12_000;

export type MediaState = "connecting" | "connected" | "lost";

export interface Receiver {
  mid: string;
  track: MediaStreamTrack;
}

/** Seals what every section sends, and opens what it receives (e2ee/sealing.ts). */
export interface Sealer {
  attach(section: RTCRtpTransceiver, sends: Kind | undefined): void;
  describe(sdp: string): void;
  detach(): void;
}

/** What stands in the offer, and what the server must know about it. */
export interface Offer {
  sdp: string;
  sources: OfferedSource[];
}

export class Media {
  readonly pc: RTCPeerConnection;
  readonly #own = new Map<Kind, Own>();
  readonly #audio: RTCRtpTransceiver[] = [];
  readonly #video: RTCRtpTransceiver[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #state: MediaState = "connecting";
  readonly #still = new Stillness();
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(
    publishes: boolean,
    turn: IceServer | undefined,
    private readonly changed: (state: MediaState) => void,
    /** The packets take another way, or none: the network may have changed. */
    private readonly moved: () => void,
    /** Of an encrypted meeting. Never of another one, and never without in one. */
    private readonly sealer?: Sealer,
  ) {
    const iceServers = turn
      ? [{ urls: turn.url, username: turn.username, credential: turn.credential }]
      : [];
    this.pc = new RTCPeerConnection({ iceServers, bundlePolicy: "max-bundle" });
    if (publishes) {
      this.#send("microphone", "audio");
      this.#send("camera", "video", CAMERA);
      this.#send("screen", "video", SCREEN);
      this.#send("screen_sound", "audio", SCREEN_SOUND);
    }
    for (let i = 0; i < AUDIO_SLOTS; i++) this.#audio.push(this.#receive("audio"));
    for (let i = 0; i < VIDEO_SLOTS; i++) this.#video.push(this.#receive("video"));
    this.pc.onconnectionstatechange = () => this.#judge();
    this.pc.oniceconnectionstatechange = () => this.#judge();
  }

  async offer(): Promise<Offer> {
    await this.pc.setLocalDescription();
    this.#timer = setTimeout(() => this.#become("lost"), CONNECT_MS);
    const sources = [...this.#own].map(([kind, own]) => ({ mid: own.mid, kind }));
    const sdp = this.pc.localDescription?.sdp ?? "";
    this.sealer?.describe(sdp);
    return { sdp, sources };
  }

  async answer(sdp: string): Promise<void> {
    await this.pc.setRemoteDescription({ type: "answer", sdp });
    for (const own of this.#own.values()) own.begin();
    const ice = this.#audio[0]?.receiver.transport?.iceTransport; // of all sections: max-bundle
    if (ice) ice.onselectedcandidatepairchange = () => this.#state === "connected" && this.moved();
    this.#looking = setInterval(() => this.#look(), LOOK_MS);
  }

  /** After another connection to the server: whether this one can be used on. If it does not flow just
   * now it has a moment left to, or is `lost`. */
  resume(): boolean {
    if (this.#state !== "connected") return false;
    if (this.pc.connectionState !== "connected") this.#heal(HEAL_SOON_MS);
    return true;
  }

  /** The receiving sections. After `offer`, before which they have no mid. */
  receivers(media: "audio" | "video"): Receiver[] {
    const transceivers = media === "audio" ? this.#audio : this.#video;
    return transceivers.map((t) => ({ mid: t.mid ?? "", track: t.receiver.track }));
  }

  /** What the sending sections carry, by mid. */
  kinds(): Map<string, Kind> {
    return new Map([...this.#own].map(([kind, own]) => [own.mid, kind]));
  }

  /** Sends this track from now on, as far as anybody wants it, or nothing. */
  setTrack(kind: Kind, track: MediaStreamTrack | null): void {
    const own = this.#own.get(kind);
    if (!own || this.pc.signalingState === "closed") return;
    own.send(track);
  }

  /** What the server says of the own sources. */
  want(sources: readonly WantedSource[]): void {
    for (const { mid, height } of sources) {
      [...this.#own.values()].find((own) => own.mid === mid)?.want(height);
    }
  }

  /** The shared screen is now text, or moves. */
  reconfigure(kind: Kind): void {
    this.#own.get(kind)?.configure();
  }

  close(): void {
    clearTimeout(this.#timer);
    clearInterval(this.#looking);
    this.pc.onconnectionstatechange = null;
    this.pc.oniceconnectionstatechange = null;
    this.pc.close();
    this.sealer?.detach();
  }

  #send(kind: Kind, media: "audio" | "video", encodings: RTCRtpEncodingParameters[] = []): void {
    const codec = codecOf(kind, location.search);
    const sendEncodings = encoded(encodings, codec);
    const transceiver = this.pc.addTransceiver(media, { direction: "sendonly", sendEncodings });
    this.sealer?.attach(transceiver, kind); // in the same task, before anything is negotiated
    transceiver.setCodecPreferences(this.#preferences(media, codec));
    this.#own.set(kind, new Own(transceiver));
  }

  #receive(media: "audio" | "video"): RTCRtpTransceiver {
    const transceiver = this.pc.addTransceiver(media, { direction: "recvonly" });
    this.sealer?.attach(transceiver, undefined);
    transceiver.setCodecPreferences(this.#preferences(media, undefined));
    return transceiver;
  }

  #preferences(media: "audio" | "video", sends: PictureCodec | undefined): RTCRtpCodec[] {
    const all = preferences(media, sends);
    return this.sealer ? all.filter(canBeSealed) : all;
  }

  #judge(): void {
    const { connectionState, iceConnectionState } = this.pc;
    if (connectionState === "failed" || iceConnectionState === "failed") this.#become("lost");
    else if (iceConnectionState === "disconnected" || connectionState === "disconnected") {
      this.#heal(HEAL_MS);
      this.moved();
    } else if (connectionState === "connected") this.#become("connected");
  }

  /** A browser whose socket has no address of its own does not see that the address changed. */
  #look(): void {
    const times = [...this.#audio, ...this.#video].flatMap(({ receiver }) =>
      receiver.getSynchronizationSources().map((source) => source.timestamp),
    );
    if (this.#still.look(Math.max(0, ...times), performance.now())) this.moved();
  }

  #heal(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#become("lost"), ms);
  }

  #become(state: MediaState): void {
    clearTimeout(this.#timer);
    if (state === this.#state || this.#state === "lost") return;
    this.#state = state;
    this.changed(state);
  }
}
