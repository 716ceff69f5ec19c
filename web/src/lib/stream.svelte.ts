// Picture and sound of a room: makes the peer connection, makes another when it is lost, and ties
// its receiving sections to what the server says fills them.
import { SvelteMap } from "svelte/reactivity";

import type { IceServer, Kind, MediaToServer, Slot, Tile, ToServer, WantedSource } from "../gen/protocol";
import type { Sealing, SealingEvents } from "../e2ee/sealing";
import { backoffMs } from "./backoff";
import type { Devices } from "./devices.svelte";
import { Media } from "./media";
import { Picture } from "./picture.svelte";
import { Sound } from "./sound.svelte";
import type { Entry, Reading, Shown } from "./stats";
import { sameView, type ShownPicture, viewTiles } from "./view";

/** From the frame of this timestamp on it is this one's. */
interface Opened {
  participant: string;
  kind: Kind;
  rtpTimestamp: number | undefined;
}

const VIEW_DEBOUNCE_MS = 120;
/** After so many lost connections in a row the network is told to be at fault. */
const FAILURES_TOLD = 2;

declare global {
  interface Window {
    /** For tests and support: the peer connection in use. */
    __parley?: { readonly pc: RTCPeerConnection | undefined };
  }
}

export class Stream {
  readonly sound = new Sound();
  /** Which picture is on which source, seen or still to come. */
  readonly pictures = new SvelteMap<number, Picture>();
  state = $state<"off" | "connecting" | "connected" | "lost">("off");
  /** Lost again and again: neither UDP nor TCP gets through, most likely. */
  hopeless = $state(false);
  /** The way by TCP, as the welcome told it. */
  turn: IceServer | undefined;
  /** Everything is sealed from the server; set before anything is negotiated. */
  encrypted = false;
  /** Takes the keys of an encrypted meeting, and whom each section is to show. */
  sealing: Sealing | undefined;
  /** What is told of it; `begins`: it is a new one, which has no keys. */
  sealed: Omit<SealingEvents, "broken"> & { begins(sealing: Sealing): void } = {
    begins: () => undefined,
    shows: () => undefined,
    mismatch: () => undefined,
    undecryptable: () => undefined,
  };

  /** Of an encrypted meeting: what was opened last in each section. */
  readonly #opened = new Map<string, Opened>();
  #media: Media | undefined;
  #attempt = 0;
  #publishes = false;
  #slots: Picture[] = [];
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #answered = false;
  #sentMedia = "";
  #view: Tile[] = [];
  #sentView: Tile[] | undefined; // undefined: nothing yet
  #viewTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly devices: Devices,
    private readonly send: (message: ToServer) => boolean,
    /** The network may have changed. */
    private readonly moved: () => void,
    /** Is there a connection to the server, on which to offer? Else the next welcome asks for an offer. */
    private readonly online: () => boolean,
  ) {
    const self = this;
    window.__parley = {
      get pc() {
        return self.#media?.pc;
      },
    };
  }

  /** Makes the transport anew, and offers it. */
  async negotiate(publishes: boolean): Promise<void> {
    this.#drop();
    this.#publishes = publishes;
    this.state = "connecting";
    const attempt = this.#attempt;
    let sealing: Sealing | undefined;
    try {
      if (this.encrypted) sealing = await this.#seal();
    } catch {
      if (attempt === this.#attempt) this.#lose(publishes); // it could not be loaded
      return;
    }
    if (attempt !== this.#attempt) return;
    const media = new Media(
      publishes,
      this.turn,
      (state) => this.#become(media, publishes, state),
      this.moved,
      sealing,
    );
    this.#media = media;
    const offer = await media.offer();
    if (media !== this.#media) return;
    this.#slots = media.receivers("video").map((r) => new Picture(r.mid, r.track));
    this.sound.play(media.receivers("audio"));
    this.sound.setSpeaker(this.devices.speaker);
    if (!this.send({ type: "offer", ...offer })) {
      this.#drop(); // the next welcome asks for another
      this.state = "lost";
    }
  }

  async answer(sdp: string): Promise<void> {
    const media = this.#media;
    if (!media) return;
    await media.answer(sdp);
    if (media !== this.#media) return;
    this.#answered = true;
    this.sync();
    this.#sendView();
  }

  /** Another connection to the server, which kept its end of the transport: goes on with this end if
   * that is alive too, and says again what the old connection may not have carried. */
  resume(): boolean {
    if (!this.#answered || !this.#media?.resume()) return false;
    this.#sentMedia = "";
    this.#sentView = undefined;
    this.sync();
    this.#sendView();
    return true;
  }

  /** The server refused the offer: tried again later, as after a lost connection. */
  refused(publishes: boolean): void {
    if (this.#media) this.#become(this.#media, publishes, "lost");
  }

  fill(slots: Slot[]): void {
    for (const slot of slots) {
      const picture = this.#slots.find((p) => p.mid === slot.mid);
      if (!picture) {
        this.sound.fill(slot);
        continue;
      }
      const before = picture.source;
      if (before !== undefined && this.pictures.get(before) === picture) {
        this.pictures.delete(before);
      }
      picture.assign(slot, this.encrypted);
      this.#begin(picture);
      if (slot.source !== undefined) this.pictures.set(slot.source, picture);
    }
  }

  /** In an encrypted meeting it is not the server that says whose a picture is, but what it was opened with. */
  opened(mid: string, what: Opened): void {
    this.#opened.set(mid, what);
    const picture = this.#slots.find((p) => p.mid === mid);
    if (picture) this.#begin(picture);
  }

  #begin(picture: Picture): void {
    const opened = this.#opened.get(picture.mid);
    if (opened && opened.participant === picture.participant && opened.kind === picture.kind)
      picture.begin(opened.rtpTimestamp);
  }

  /** How the others want what is sent from here. */
  want(sources: WantedSource[]): void {
    this.#media?.want(sources);
  }

  /** Brings senders, server and loudspeaker in line with the devices. */
  sync(): void {
    const { microphone, camera, screen, screenSound, speaker } = this.devices;
    this.sound.setSpeaker(speaker);
    if (!this.#answered) return;
    this.#media?.setTrack("microphone", microphone.track ?? null);
    this.#media?.setTrack("camera", camera.track ?? null);
    this.#media?.setTrack("screen", screen ?? null);
    this.#media?.setTrack("screen_sound", screenSound ?? null);
    this.#media?.reconfigure("screen");
    const on: Record<Kind, boolean> = {
      microphone: microphone.live,
      camera: camera.live,
      screen: screen !== undefined,
      screen_sound: screenSound !== undefined,
    };
    const message: MediaToServer = { type: "media", ...on };
    const text = JSON.stringify(message);
    if (text !== this.#sentMedia && this.send(message)) this.#sentMedia = text;
  }

  /** What the screen shows now; told to the server once it rests. */
  show(pictures: ShownPicture[]): void {
    this.#view = viewTiles(pictures, window.devicePixelRatio);
    clearTimeout(this.#viewTimer);
    this.#viewTimer = setTimeout(() => this.#sendView(), VIEW_DEBOUNCE_MS);
  }

  /** What the connection counted until now; undefined while there is none. */
  async read(): Promise<Reading | undefined> {
    const media = this.#media;
    if (!media) return undefined;
    const entries: Entry[] = [];
    (await media.pc.getStats()).forEach((entry: Entry) => entries.push(entry));
    const receiving = new Map<string, Shown>();
    for (const { mid, source, participant, kind } of this.#slots) {
      if (source !== undefined && participant && kind) receiving.set(mid, { participant, kind });
    }
    return media === this.#media ? { entries, sending: media.kinds(), receiving } : undefined;
  }

  close(): void {
    this.#drop();
    this.sealing?.close();
    this.sealing = undefined;
    clearTimeout(this.#viewTimer);
    this.state = "off";
  }

  /** Loaded for encrypted meetings alone. */
  async #seal(): Promise<Sealing> {
    const { Sealing } = await import("../e2ee/sealing");
    if (this.sealing) return this.sealing;
    this.sealing = new Sealing({
      shows: (...what) => this.sealed.shows(...what),
      mismatch: (...what) => this.sealed.mismatch(...what),
      undecryptable: (...what) => this.sealed.undecryptable(...what),
      broken: () => this.unseal(),
    });
    this.sealed.begins(this.sealing);
    return this.sealing;
  }

  /** The keys hold no more, or the worker died: picture and sound are made anew. */
  unseal(): void {
    this.sealing?.close();
    this.sealing = undefined;
    if (this.#media) this.#become(this.#media, this.#publishes, "lost");
  }

  #sendView(): void {
    if (!this.#answered || (this.#sentView && sameView(this.#view, this.#sentView))) return;
    if (this.send({ type: "view", tiles: this.#view })) this.#sentView = this.#view;
  }

  #become(media: Media, publishes: boolean, state: "connecting" | "connected" | "lost"): void {
    if (media !== this.#media) return;
    this.state = state;
    if (state === "connected") {
      this.#failures = 0;
      this.hopeless = false;
    }
    if (state === "lost") this.#lose(publishes);
  }

  #lose(publishes: boolean): void {
    this.state = "lost";
    this.hopeless = this.#failures >= FAILURES_TOLD;
    clearTimeout(this.#retry);
    const wait = backoffMs(this.#failures++, Math.random());
    this.#retry = setTimeout(() => {
      if (this.online()) void this.negotiate(publishes);
    }, wait);
  }

  #drop(): void {
    this.#attempt++;
    clearTimeout(this.#retry);
    this.#media?.close();
    this.#media = undefined;
    this.#answered = false;
    this.#sentMedia = "";
    this.#sentView = undefined;
    this.pictures.clear();
    this.#slots.forEach((p) => p.close());
    this.#slots = [];
    this.#opened.clear();
    this.sound.close();
  }
}
