// Plays what is heard: one audio element for each receiving audio slot, each as loud as it is to be.
import type { Slot } from "../gen/protocol";
import type { Receiver } from "./media";
import { mediaCorner } from "./picture.svelte";

/** Whether the loudspeaker can be chosen here. */
export const canChooseSpeaker =
  typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;

/** Below this a sound that cannot be made softer is not played at all. */
const FAINT = 0.5;

/** On iOS the buttons of the phone alone rule the volume: there it is all or nothing. */
export function setLoudness(element: Pick<HTMLMediaElement, "volume" | "muted">, loudness: number): void {
  element.volume = loudness;
  element.muted = element.volume > loudness + 0.01 && loudness < FAINT;
}

export class Sound {
  /** The browser wants a click before it plays. */
  blocked = $state(false);
  /** How loud a participant is to be heard, 0 to 1. */
  loudnessOf: (participant: string | undefined) => number = () => 1;

  /** What comes in, by section. */
  tracks = $state.raw<readonly (readonly [string, MediaStreamTrack])[]>([]);
  /** Is told how loud each section is to be heard. */
  listener: ((mid: string, loudness: number) => void) | undefined;

  #elements: HTMLAudioElement[] = [];
  readonly #filled = new Map<string, string | undefined>(); // participants, by mid
  #speaker = "";

  play(receivers: Receiver[]): void {
    this.close();
    this.tracks = receivers.map(({ mid, track }) => [mid, track]);
    this.#elements = receivers.map(({ mid, track }) => {
      const audio = document.createElement("audio");
      audio.autoplay = true;
      audio.srcObject = new MediaStream([track]);
      audio.dataset["mid"] = mid;
      mediaCorner().append(audio);
      this.#route(audio);
      return audio;
    });
    void this.resume();
  }

  /** Who is heard in a slot from now on. */
  fill(slot: Slot): void {
    this.#filled.set(slot.mid, slot.participant);
    this.mix();
  }

  /** Brings every element to the loudness that it is to have. */
  mix(): void {
    for (const element of this.#elements) {
      const mid = element.dataset["mid"] ?? "";
      const loudness = this.loudnessOf(this.#filled.get(mid));
      setLoudness(element, loudness);
      this.listener?.(mid, loudness);
    }
  }

  /** Tries to play everything: with the first click of the user it works. */
  async resume(): Promise<void> {
    const results = await Promise.allSettled(this.#elements.map((e) => e.play()));
    this.blocked = results.some(
      (r) => r.status === "rejected" && (r.reason as DOMException).name === "NotAllowedError",
    );
  }

  /** "" is the system's choice. */
  setSpeaker(deviceId: string): void {
    this.#speaker = deviceId;
    this.#elements.forEach((e) => this.#route(e));
  }

  close(): void {
    for (const element of this.#elements) {
      element.srcObject = null;
      element.remove();
    }
    this.#elements = [];
    this.tracks = [];
    this.#filled.clear();
    this.blocked = false;
  }

  #route(element: HTMLAudioElement): void {
    if (!canChooseSpeaker || (this.#speaker === "" && element.sinkId === "")) return;
    element.setSinkId(this.#speaker).catch(() => undefined); // unplugged: the system's choice stays
  }
}
