// The page's sound, block by block through RNNoise: here, or in a worker.
import { Blocks, Cushion } from "./blocks";
import { BLOCK, rnnoise } from "./rnnoise";

export type ToWorklet = { program: WebAssembly.Module } | { port: MessagePort };

/** Of the worklet's global scope, which TypeScript has no library of. */
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

class Noise extends AudioWorkletProcessor {
  #pass: ((from: Float32Array, to: Float32Array) => void) | undefined;

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<ToWorklet>) => void this.#begin(data);
  }

  process([input]: Float32Array[][], [output]: Float32Array[][]): boolean {
    const from = input?.[0];
    const to = output?.[0];
    if (from && to) this.#pass?.(from, to);
    return true;
  }

  async #begin(message: ToWorklet): Promise<void> {
    if ("port" in message) {
      this.#elsewhere(message.port);
    } else {
      const blocks = new Blocks(BLOCK, await rnnoise(message.program));
      this.#pass = (from, to) => blocks.pass(from, to);
    }
    this.port.postMessage("runs");
  }

  #elsewhere(port: MessagePort): void {
    const cushion = new Cushion();
    port.onmessage = ({ data }: MessageEvent<Float32Array>) => cushion.put(data);
    const blocks = new Blocks(BLOCK, (block) => {
      const copy = block.slice();
      port.postMessage(copy, [copy.buffer]);
    });
    this.#pass = (from, to) => {
      blocks.pass(from, to);
      cushion.take(to);
    };
  }
}

registerProcessor("parley-noise", Noise);
