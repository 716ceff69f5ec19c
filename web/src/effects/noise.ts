// A microphone's sound without noise, by RNNoise. Loaded when somebody wants that.
import program from "@jitsi/rnnoise-wasm/dist/rnnoise.wasm?url";

import type { Effect, Told } from "./look";
import type { FromCompiler, ToCompiler } from "./noise.wasmWorker";
import workletUrl from "./noise.worklet.ts?worker&url";
import type { ToWorklet } from "./noise.worklet";

/** RNNoise knows no other. */
const RATE_HZ = 48_000;

/** How the sound's own thread gets RNNoise: compiled, or as a worker that runs it. */
async function prepared(worker: Worker): Promise<{ message: ToWorklet; transfer: Transferable[] }> {
  const answer = await new Promise<FromCompiler | undefined>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<FromCompiler>) => resolve(data);
    worker.onmessageerror = () => resolve(undefined); // this browser gives no compiled program to a page
    worker.onerror = () => reject(new Error("the worker did not load"));
    worker.postMessage({ type: "compile", program } satisfies ToCompiler);
  });
  if (answer?.type === "failed") throw new Error(answer.why);
  if (answer) {
    worker.terminate();
    return { message: { program: answer.program }, transfer: [] };
  }
  const { port1, port2 } = new MessageChannel();
  worker.postMessage({ type: "run", port: port1 } satisfies ToCompiler, [port1]);
  return { message: { port: port2 }, transfer: [port2] };
}

/** Fails where the browser cannot. What it gives may be sent once it runs, which a browser may let it only
 * after its person touched the page. */
export async function noise(microphone: MediaStreamTrack, told: Told): Promise<Effect<unknown>> {
  const worker = new Worker(new URL("./noise.wasmWorker.ts", import.meta.url), { type: "module" });
  const context = new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
  const resume = () => void context.resume();
  const close = () => {
    window.removeEventListener("pointerdown", resume);
    window.removeEventListener("keydown", resume);
    worker.terminate();
    context.onstatechange = null;
    void context.close();
  };
  try {
    const [{ message, transfer }] = await Promise.all([prepared(worker), context.audioWorklet.addModule(workletUrl)]);
    const source = context.createMediaStreamSource(new MediaStream([microphone]));
    const node = new AudioWorkletNode(context, "parley-noise", {
      channelCount: 1,
      channelCountMode: "explicit",
      outputChannelCount: [1],
    });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    source.connect(node).connect(out);
    let runs = false;
    const tell = () => told.shows(runs && context.state === "running");
    node.port.onmessage = () => {
      runs = true;
      tell();
    };
    node.onprocessorerror = () => told.failed();
    worker.onmessage = () => told.failed();
    worker.onerror = () => told.failed();
    context.onstatechange = tell;
    window.addEventListener("pointerdown", resume);
    window.addEventListener("keydown", resume);
    node.port.postMessage(message, transfer);
    const track = out.stream.getAudioTracks()[0]!;
    return { track, turn: () => undefined, close };
  } catch (error) {
    close();
    throw error;
  }
}
