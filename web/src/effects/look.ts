// What is to stand behind a person, as it goes from the page to the worker.
export type Look = { kind: "blurred" } | { kind: "plain"; colour: string };

/** What an effect tells of itself, later than it is made. */
export interface Told {
  /** What it gives may be sent, or no longer. */
  shows(on: boolean): void;
  /** The machine does not hold it, or holds it again. */
  slow(slow: boolean): void;
  /** It will give nothing any more. */
  failed(): void;
}

/** What stands between a device and what is sent of it. */
export interface Effect<L> {
  readonly track: MediaStreamTrack;
  turn(look: L): void;
  close(): void;
}

export type ToWorker =
  | {
      type: "start";
      look: Look;
      /** Where the library's program is, and the model. */
      program: string;
      model: string;
      /** Pictures in and out, where the browser gives them as streams; else they come as messages. */
      streams?: { readable: ReadableStream<VideoFrame>; writable: WritableStream<VideoFrame> };
    }
  | { type: "look"; look: Look }
  | { type: "picture"; picture: ImageBitmap };

export type FromWorker =
  | { type: "ready" } // where pictures come as messages: the next one may come
  | { type: "tick" } // the same: a timer that goes on in a tab that nobody looks at
  | { type: "shows" } // the first picture went out
  | { type: "picture"; picture: ImageBitmap }
  | { type: "slow"; slow: boolean }
  | { type: "failed"; why: string };
