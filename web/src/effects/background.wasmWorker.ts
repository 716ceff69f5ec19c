// The worker that pictures go through, so that the page stays quick, and a tab that nobody looks at is not
// slowed down. It alone may run the library's program (docs/security.md). What it cannot do is not shown.
import { Compositor } from "./compositor";
import type { FromWorker, Look, ToWorker } from "./look";
import { Pace } from "./pace";
import { Segmenter } from "./segmenter";

/** What of the worker's global scope is used. TypeScript's libraries of pages and workers exclude each other. */
interface Scope {
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

const scope = self as unknown as Scope;
/** Between pictures that come as messages. */
const TICK_MS = 1000 / 25;

const pace = new Pace((slow) => scope.postMessage({ type: "slow", slow }));
let compositor: Compositor | undefined;
let look: Look;

function fail(error: unknown): void {
  scope.postMessage({ type: "failed", why: String(error) });
}

function draw(source: VideoFrame | ImageBitmap, width: number, height: number): OffscreenCanvas {
  const began = performance.now();
  compositor!.draw(source, width, height);
  const now = performance.now();
  pace.took(now - began, now);
  return compositor!.canvas;
}

/** One picture after the other; those that come meanwhile the browser drops. */
async function flow(readable: ReadableStream<VideoFrame>, writable: WritableStream<VideoFrame>): Promise<void> {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  for (let first = true; ; first = false) {
    const { value: frame, done } = await reader.read();
    if (done) return;
    let made: VideoFrame;
    try {
      const canvas = draw(frame, frame.displayWidth, frame.displayHeight);
      made = new VideoFrame(canvas, { timestamp: frame.timestamp, alpha: "discard" });
    } finally {
      frame.close();
    }
    await writer.write(made);
    if (first) scope.postMessage({ type: "shows" });
  }
}

async function start(message: ToWorker & { type: "start" }): Promise<void> {
  look = message.look;
  const segmenter = await Segmenter.load(message.program, message.model);
  compositor = new Compositor(segmenter, look); // which may have changed meanwhile
  if (message.streams) return flow(message.streams.readable, message.streams.writable);
  scope.postMessage({ type: "ready" });
  setInterval(() => scope.postMessage({ type: "tick" }), TICK_MS);
}

function answer(picture: ImageBitmap): void {
  draw(picture, picture.width, picture.height);
  picture.close();
  const made = compositor!.canvas.transferToImageBitmap();
  scope.postMessage({ type: "picture", picture: made }, [made]);
}

function turn(to: Look): void {
  look = to;
  if (compositor) compositor.look = to;
}

scope.onmessage = ({ data: message }) => {
  try {
    if (message.type === "start") start(message).catch(fail);
    else if (message.type === "picture") answer(message.picture);
    else turn(message.look);
  } catch (error) {
    fail(error);
  }
};
