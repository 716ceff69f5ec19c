// The picture that stays over other windows (picture-in-picture), where a browser has it for pages.
import { mediaCorner, silentVideo } from "./picture.svelte";

export class Floating {
  /** Firefox has it for its person alone. */
  readonly possible = document.pictureInPictureEnabled === true;
  shown = $state(false);
  #video: HTMLVideoElement | undefined;
  #track: MediaStreamTrack | undefined;

  /** What it is to show from now on; undefined: the last picture stays. */
  follow(track: MediaStreamTrack | undefined): void {
    if (!track || track === this.#track) return;
    this.#track = track;
    if (this.#video) this.#video.srcObject = new MediaStream([track]);
  }

  /** To be called from a click: a browser gives no window otherwise. */
  async open(): Promise<void> {
    if (!this.#track || this.#video) return;
    const video = silentVideo(new MediaStream([this.#track]));
    video.disablePictureInPicture = false;
    this.#video = video;
    mediaCorner().append(video);
    video.onleavepictureinpicture = () => this.close();
    try {
      await video.play();
      await video.requestPictureInPicture();
      this.shown = this.#video === video;
    } catch {
      this.close();
    }
  }

  close(): void {
    const video = this.#video;
    if (!video) return;
    this.#video = undefined;
    this.shown = false;
    video.onleavepictureinpicture = null;
    if (document.pictureInPictureElement === video)
      void document.exitPictureInPicture().catch(() => undefined);
    video.srcObject = null;
    video.remove();
  }
}
