// The own microphone, camera and screen: permission, choice, on and off. Knows no server. What
// cannot be had is noted, never thrown: a person without a camera is still a person.
import type { Look } from "../effects/look";
import { Filter, type Maker } from "./filter.svelte";
import { kept, keep } from "./kept";

export type DeviceKind = "microphone" | "camera";

/** Why a device is not there. */
export type DeviceNote = "blocked" | "missing" | "busy" | "failed" | "insecure";

/** What stands behind the person. */
export const BACKGROUNDS = ["none", "blurred", "plain"] as const;
export type Background = (typeof BACKGROUNDS)[number];
/** Who takes the noise out: the browser, RNNoise, or nobody. */
export const NOISES = ["browser", "strong", "off"] as const;
export type Noise = (typeof NOISES)[number];

/** Makes the effects, which are loaded by this. */
export interface Effects {
  background: Maker<Look>;
  noise: Maker<true>;
}
const EFFECTS: Effects = {
  background: async (...of) => (await import("../effects/background")).background(...of),
  noise: async (raw, _look, told) => (await import("../effects/noise")).noise(raw, told),
};

const MICROPHONE: MediaTrackConstraints = { echoCancellation: true, autoGainControl: true };
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};

/** What matters in a shared screen: every letter of it, or that it moves smoothly. */
export type ScreenUse = "text" | "motion";
const SCREEN_RATE: Record<ScreenUse, number> = { text: 15, motion: 30 };

/** The sound of what is shared, as it is, without what this page itself plays: or everybody would
 * hear themselves. */
const SCREEN_SOUND: MediaTrackConstraints & { restrictOwnAudio: boolean } = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  restrictOwnAudio: true,
};

function noteOf(error: unknown): DeviceNote {
  switch ((error as DOMException).name) {
    case "NotAllowedError":
    case "SecurityError":
      return "blocked";
    case "NotFoundError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "busy";
    default:
      return "failed";
  }
}

async function permission(kind: DeviceKind): Promise<PermissionState | "unknown"> {
  try {
    return (await navigator.permissions.query({ name: kind as PermissionName })).state;
  } catch {
    return "unknown";
  }
}

/** The colour of a plain background: the house's, the same in light and dark. */
const plainColour = () => getComputedStyle(document.documentElement).getPropertyValue("--plain").trim();

function look(background: Background): Look | undefined {
  if (background === "plain") return { kind: "plain", colour: plainColour() };
  return background === "blurred" ? { kind: "blurred" } : undefined;
}

/** One of a few that was kept, or the first. */
function keptOne<T extends string>(name: string, choices: readonly T[]): T {
  const value = kept(name);
  return choices.find((c) => c === value) ?? choices[0]!;
}

/** One of the two devices. */
class Device {
  /** Wished for by its person. */
  on = $state(true);
  note = $state<DeviceNote>();
  list = $state.raw<MediaDeviceInfo[]>([]);
  chosen = $state("");
  /** The browser is being asked. */
  asking = $state(false);
  /** As the browser gives it. What is sent of it is `track`. */
  raw = $state.raw<MediaStreamTrack>();

  constructor(
    readonly kind: DeviceKind,
    readonly filter: Pick<Filter<unknown>, "out" | "state">,
  ) {
    this.chosen = kept(kind) ?? "";
    this.on = kept(`${kind}-on`) !== "no";
  }

  get track(): MediaStreamTrack | undefined {
    return this.filter.out;
  }

  /** Something goes out. */
  get live(): boolean {
    return this.on && this.track !== undefined;
  }

  /** It is in use, whether anything goes out yet or not. */
  get open(): boolean {
    return this.on && this.raw !== undefined;
  }

  /** The device in use: the track knows best, since a wish may not have come true. */
  get used(): string {
    return this.raw?.getSettings().deviceId ?? this.chosen;
  }

  wish(base: MediaTrackConstraints, exact: boolean): MediaTrackConstraints {
    return exact && this.chosen ? { ...base, deviceId: { exact: this.chosen } } : base;
  }
}

export class Devices {
  readonly microphone: Device;
  readonly camera: Device;
  background = $state(keptOne("background", BACKGROUNDS));
  noise = $state(keptOne("noise", NOISES));
  speakers = $state.raw<MediaDeviceInfo[]>([]);
  speaker = $state(kept("speaker") ?? "");
  screen = $state.raw<MediaStreamTrack>();
  screenSound = $state.raw<MediaStreamTrack>();
  screenUse = $state<ScreenUse>("text");

  /** Called after every change of what goes out. */
  changed: () => void = () => undefined;
  /** A device stopped by itself: unplugged, or taken away by the system. */
  vanished: (kind: DeviceKind) => void = () => undefined;
  /** An effect is too much for this machine, or cannot be had. */
  troubled: (kind: DeviceKind, state: "slow" | "failed") => void = () => undefined;

  readonly #picture: Filter<Look>;
  readonly #voice: Filter<true>;
  readonly #relist = () => void this.#list();
  #stopped = true;
  #hushed = false;

  constructor(effects: Effects = EFFECTS) {
    this.#picture = new Filter(true, effects.background, () => this.#filtered(this.camera));
    this.#voice = new Filter(false, effects.noise, () => this.#filtered(this.microphone));
    this.camera = new Device("camera", this.#picture);
    this.microphone = new Device("microphone", this.#voice);
  }

  /** Asks for both at once, so that the browser asks its person once. */
  async start(): Promise<void> {
    this.#stopped = false;
    if (!navigator.mediaDevices) {
      this.microphone.note = this.camera.note = "insecure";
      return;
    }
    navigator.mediaDevices.addEventListener("devicechange", this.#relist);
    await this.#list();
    const wanted = [this.microphone, this.camera].filter((d) => d.on && !d.raw);
    if (wanted.length === 2) await this.#openBoth();
    else await Promise.all(wanted.map((d) => this.#open(d)));
    await this.#list();
  }

  /** Lets go of everything; the camera's light goes off. */
  stop(): void {
    this.#stopped = true;
    navigator.mediaDevices?.removeEventListener("devicechange", this.#relist);
    this.stopScreen();
    for (const device of [this.microphone, this.camera]) this.#release(device);
  }

  /** The microphone stays open while muted, so that it is there at once; the camera does not. */
  async switch(kind: DeviceKind, on: boolean): Promise<void> {
    const device = this[kind];
    device.on = on;
    if (kind === "microphone") this.#hushed = false;
    keep(`${kind}-on`, on ? "yes" : "no");
    if (!on && kind === "camera") this.#release(device);
    this.#enable(device);
    this.changed();
    if (on && !device.raw && !device.asking) {
      await this.#open(device);
      await this.#list();
    }
  }

  /** The microphone is silent for a moment, as for a cough: nothing is switched, and nobody is told. */
  hush(hushed: boolean): void {
    this.#hushed = hushed;
    this.#enable(this.microphone);
  }

  async choose(kind: DeviceKind, deviceId: string): Promise<void> {
    this[kind].chosen = deviceId;
    keep(kind, deviceId);
    await this.#reopen(this[kind]);
    await this.#list();
  }

  chooseBackground(background: Background): void {
    this.background = background;
    keep("background", background);
    this.#filter(this.camera);
  }

  /** The microphone is asked for anew: browsers change what they do to an open one, or do not. */
  async chooseNoise(noise: Noise): Promise<void> {
    this.noise = noise;
    keep("noise", noise);
    if (this.microphone.raw) await this.#reopen(this.microphone);
  }

  chooseSpeaker(deviceId: string): void {
    this.speaker = deviceId;
    keep("speaker", deviceId);
    this.changed();
  }

  get canShareScreen(): boolean {
    return typeof navigator.mediaDevices?.getDisplayMedia === "function";
  }

  /** Whether something is shared now: the person may also close the browser's picker. */
  async shareScreen(): Promise<boolean> {
    let stream: MediaStream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: this.#screenConstraints(),
        audio: SCREEN_SOUND,
      });
    } catch {
      return false;
    }
    const track = stream.getVideoTracks()[0];
    if (!track) return false;
    const sound = stream.getAudioTracks()[0]; // where the browser gives it, and the person wants it
    track.contentHint = this.#screenHint();
    track.onended = () => this.stopScreen();
    if (sound) sound.onended = () => this.stopScreenSound();
    this.screen?.stop();
    this.screenSound?.stop();
    this.screen = track;
    this.screenSound = sound;
    this.changed();
    return true;
  }

  useScreenFor(use: ScreenUse): void {
    this.screenUse = use;
    if (!this.screen) return;
    this.screen.contentHint = this.#screenHint();
    void this.screen.applyConstraints(this.#screenConstraints()).catch(() => undefined);
    this.changed();
  }

  stopScreen(): void {
    this.stopScreenSound();
    if (!this.screen) return;
    this.screen.onended = null;
    this.screen.stop();
    this.screen = undefined;
    this.changed();
  }

  /** The picture goes on. */
  stopScreenSound(): void {
    if (!this.screenSound) return;
    this.screenSound.onended = null;
    this.screenSound.stop();
    this.screenSound = undefined;
    this.changed();
  }

  #screenHint(): string {
    return this.screenUse === "text" ? "detail" : "motion";
  }

  #screenConstraints(): MediaTrackConstraints {
    const frameRate = { max: SCREEN_RATE[this.screenUse] };
    return { width: { max: 1920 }, height: { max: 1080 }, frameRate };
  }

  async #openBoth(): Promise<void> {
    const { microphone, camera } = this;
    microphone.asking = camera.asking = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        audio: this.#constraints(microphone, true),
        video: this.#constraints(camera, true),
      });
      this.#take(microphone, stream);
      this.#take(camera, stream);
    } catch (error) {
      microphone.asking = camera.asking = false;
      await this.#openEach(noteOf(error));
    } finally {
      microphone.asking = camera.asking = false;
    }
  }

  /** One of the two failed; the error does not say which. After a refusal, nobody is asked again for
   * what they just refused. */
  async #openEach(note: DeviceNote): Promise<void> {
    const states = { microphone: await permission("microphone"), camera: await permission("camera") };
    for (const device of [this.microphone, this.camera]) {
      const own = states[device.kind];
      const other = states[device.kind === "camera" ? "microphone" : "camera"];
      const again = own === "granted" || (own !== "denied" && other === "denied");
      if (note === "blocked" && !again) device.note = "blocked";
      else await this.#open(device);
    }
  }

  async #open(device: Device): Promise<void> {
    if (!navigator.mediaDevices || device.asking) return;
    device.asking = true;
    const ask = (exact: boolean) => {
      const wish = this.#constraints(device, exact);
      return navigator.mediaDevices.getUserMedia(
        device.kind === "microphone" ? { audio: wish } : { video: wish },
      );
    };
    try {
      // A chosen device that is gone gives OverconstrainedError; any other will do then.
      const stream = await ask(true).catch((e: DOMException) => {
        if (e.name === "OverconstrainedError") return ask(false);
        throw e;
      });
      this.#take(device, stream);
    } catch (error) {
      device.note = noteOf(error);
    } finally {
      device.asking = false;
    }
  }

  #take(device: Device, stream: MediaStream): void {
    const track =
      device.kind === "microphone" ? stream.getAudioTracks()[0] : stream.getVideoTracks()[0];
    if (!track) return;
    if (this.#stopped || (!device.on && device.kind === "camera")) {
      track.stop(); // switched off while the browser was still asking
      return;
    }
    track.onended = () => {
      device.note = "missing";
      this.#release(device);
      this.vanished(device.kind);
    };
    device.raw = track;
    device.note = undefined;
    this.#filter(device);
  }

  #release(device: Device): void {
    if (!device.raw) return;
    device.raw.onended = null;
    device.raw.stop();
    device.raw = undefined;
    this.#filter(device);
  }

  /** Some systems give a camera to one user at a time, and phones one camera: it is let go of first. */
  async #reopen(device: Device): Promise<void> {
    this.#release(device);
    if (device.on) await this.#open(device);
  }

  #constraints(device: Device, exact: boolean): MediaTrackConstraints {
    if (device.kind === "camera") return device.wish(CAMERA, exact);
    return device.wish({ ...MICROPHONE, noiseSuppression: this.noise === "browser" }, exact);
  }

  /** What an effect is made of goes on, so that whoever speaks into a microphone that is off is heard here. */
  #enable({ kind, on, raw, track }: Device): void {
    const enabled = on && !(kind === "microphone" && this.#hushed);
    if (track) track.enabled = enabled;
    if (raw) raw.enabled = enabled || raw !== track;
  }

  /** Brings the effect in line with the device and the choice. */
  #filter({ kind, raw }: Device): void {
    if (kind === "microphone") this.#voice.use(raw, this.noise === "strong" || undefined);
    else this.#picture.use(raw, look(this.background));
  }

  /** What goes out of a device is another, or its effect is in another state. */
  #filtered(device: Device): void {
    this.#enable(device);
    this.changed();
    const { state } = device.filter;
    if (device.kind === "microphone" && state === "failed") {
      const browsers = { ...MICROPHONE, noiseSuppression: true };
      void device.raw?.applyConstraints(browsers).catch(() => undefined);
    }
    if (state === "slow" || state === "failed") this.troubled(device.kind, state);
  }

  async #list(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    // Without permission the names are empty, and there is nothing to choose from.
    const named = (kind: MediaDeviceKind) => all.filter((d) => d.kind === kind && d.label !== "");
    this.microphone.list = named("audioinput");
    this.camera.list = named("videoinput");
    this.speakers = named("audiooutput");
  }
}
