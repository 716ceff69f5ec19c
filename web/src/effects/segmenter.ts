// The model that tells a person from what is behind them (MediaPipe's selfie segmentation, landscape), on
// TensorFlow Lite as Twilio builds it.
import createTFLite from "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js";

import { HEIGHT, PIXELS, WIDTH } from "./mask";

async function fetched(url: string): Promise<ArrayBuffer> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return answer.arrayBuffer();
}

export class Segmenter {
  readonly #input: number;
  readonly #output: number;

  private constructor(private readonly lite: Awaited<ReturnType<typeof createTFLite>>) {
    this.#input = lite._getInputMemoryOffset() / 4;
    this.#output = lite._getOutputMemoryOffset() / 4;
  }

  static async load(program: string, model: string): Promise<Segmenter> {
    const [wasmBinary, bytes] = await Promise.all([fetched(program), fetched(model)]);
    const lite = await createTFLite({ wasmBinary });
    lite.HEAPU8.set(new Uint8Array(bytes), lite._getModelBufferMemoryOffset());
    if (lite._loadModel(bytes.byteLength) !== 0) throw new Error("the model is not one");
    const fits = [lite._getInputWidth(), lite._getOutputWidth()].every((w) => w === WIDTH) &&
      [lite._getInputHeight(), lite._getOutputHeight()].every((h) => h === HEIGHT) &&
      lite._getOutputChannelCount() === 1;
    if (!fits) throw new Error("the model is of another size");
    return new Segmenter(lite);
  }

  /** How sure it is of each pixel of RGBA that it is the person's, 0 to 1. Good until the next call. */
  run(pixels: Uint8ClampedArray): Float32Array {
    const heap = this.lite.HEAPF32;
    for (let i = 0, to = this.#input; i < PIXELS * 4; i += 4) {
      heap[to++] = pixels[i]! / 255;
      heap[to++] = pixels[i + 1]! / 255;
      heap[to++] = pixels[i + 2]! / 255;
    }
    if (this.lite._runInference() !== 0) throw new Error("the model failed");
    return this.lite.HEAPF32.subarray(this.#output, this.#output + PIXELS);
  }
}
