// Plays what is heard: one audio element for each receiving audio slot.
import type { Receiver } from "./media";
import { mediaCorner } from "./picture.svelte";

/** Whether the loudspeaker can be chosen here. */
export const canChooseSpeaker =
  typeof HTMLMediaElement !== "undefined" && "setSinkId" in HTMLMediaElement.prototype;

export class Sound {
  /** The browser wants a click before it plays. */
  blocked = $state(false);

  #elements: HTMLAudioElement[] = [];
  #speaker = "";

  play(receivers: Receiver[]): void {
    this.close();
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
    this.blocked = false;
  }

  #route(element: HTMLAudioElement): void {
    if (!canChooseSpeaker || (this.#speaker === "" && element.sinkId === "")) return;
    element.setSinkId(this.#speaker).catch(() => undefined); // unplugged: the system's choice stays
  }
}
