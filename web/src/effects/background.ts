// A camera's picture with something else behind its person. Loaded when somebody wants that. Nothing of the
// camera is given out that the worker did not make.
import program from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.wasm?url";
import model from "@twilio/video-processors/dist/build/selfie_segmentation_landscape.tflite?url";

import type { Effect, FromWorker, Look, Told, ToWorker } from "./look";

/** Where pictures can be had as streams (Chromium): no canvas of the page's, which stands still in a hidden tab. */
interface Streams {
  MediaStreamTrackProcessor?: new (options: { track: MediaStreamTrack; maxBufferSize: number }) => {
    readable: ReadableStream<VideoFrame>;
  };
  MediaStreamTrackGenerator?: new (options: { kind: "video" }) => MediaStreamTrack & {
    writable: WritableStream<VideoFrame>;
  };
}

const CANVAS_RATE = 25;

export function background(camera: MediaStreamTrack, look: Look, told: Told): Effect<Look> {
  const worker = new Worker(new URL("./background.wasmWorker.ts", import.meta.url), { type: "module" });
  const post = (message: ToWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  worker.onerror = () => told.failed();
  const { MediaStreamTrackProcessor, MediaStreamTrackGenerator } = window as Streams;
  let made: { track: MediaStreamTrack; close(): void };
  if (MediaStreamTrackProcessor && MediaStreamTrackGenerator) {
    const { readable } = new MediaStreamTrackProcessor({ track: camera, maxBufferSize: 1 });
    const track = new MediaStreamTrackGenerator({ kind: "video" });
    const { writable } = track;
    post({ type: "start", look, program, model, streams: { readable, writable } }, [
      readable as unknown as Transferable,
      writable as unknown as Transferable,
    ]);
    made = { track, close: () => undefined };
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => tell(data, told);
  } else {
    const canvas = new Canvas(camera, (picture) => post({ type: "picture", picture }, [picture]));
    post({ type: "start", look, program, model });
    made = canvas;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (canvas.hear(data)) told.shows(true);
      tell(data, told);
    };
  }
  return {
    track: made.track,
    turn: (to) => post({ type: "look", look: to }),
    close: () => {
      worker.terminate();
      made.close();
      made.track.stop();
    },
  };
}

function tell(message: FromWorker, told: Told): void {
  if (message.type === "shows") told.shows(true);
  if (message.type === "slow") told.slow(message.slow);
  if (message.type === "failed") {
    console.warn(`background: ${message.why}`);
    told.failed();
  }
}

/** Elsewhere (Firefox): pictures are taken of a video element, when the worker's timer says so and the last
 * one is done, and those that come back drawn on a canvas. */
class Canvas {
  readonly track: MediaStreamTrack;
  readonly #video = document.createElement("video");
  readonly #canvas = document.createElement("canvas");
  readonly #context = this.#canvas.getContext("2d", { alpha: false })!;
  #busy = true; // until the worker is ready
  #shown = false;

  constructor(
    camera: MediaStreamTrack,
    private readonly give: (picture: ImageBitmap) => void,
  ) {
    this.#video.muted = true;
    this.#video.srcObject = new MediaStream([camera]);
    void this.#video.play().catch(() => undefined);
    this.#fit(camera.getSettings());
    this.track = this.#canvas.captureStream(CANVAS_RATE).getVideoTracks()[0]!;
  }

  /** Whether this message brought the first picture. */
  hear(message: FromWorker): boolean {
    if (message.type === "ready") this.#busy = false;
    if (message.type === "tick") void this.#take();
    if (message.type !== "picture") return false;
    this.#fit(message.picture);
    this.#context.drawImage(message.picture, 0, 0);
    message.picture.close();
    this.#busy = false;
    const first = !this.#shown;
    this.#shown = true;
    return first;
  }

  close(): void {
    this.#busy = true;
    this.#video.srcObject = null;
  }

  #fit({ width = 640, height = 360 }: { width?: number; height?: number }): void {
    if (this.#canvas.width === width && this.#canvas.height === height) return;
    this.#canvas.width = width;
    this.#canvas.height = height;
  }

  async #take(): Promise<void> {
    if (this.#busy || this.#video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.#busy = true;
    try {
      this.give(await createImageBitmap(this.#video));
    } catch {
      this.#busy = false; // between two cameras there is no picture to take
    }
  }
}
