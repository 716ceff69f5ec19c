// What is used of libraries that bring no types.
declare module "@twilio/video-processors/dist/build/tflite-simd-1-0-0.js" {
  interface TFLite {
    readonly HEAPU8: Uint8Array;
    readonly HEAPF32: Float32Array;
    _getModelBufferMemoryOffset(): number;
    /** 0: done. */
    _loadModel(bytes: number): number;
    _getInputMemoryOffset(): number;
    _getInputWidth(): number;
    _getInputHeight(): number;
    _getOutputMemoryOffset(): number;
    _getOutputWidth(): number;
    _getOutputHeight(): number;
    _getOutputChannelCount(): number;
    /** 0: done. */
    _runInference(): number;
  }
  export default function create(options: { wasmBinary: ArrayBuffer }): Promise<TFLite>;
}

declare module "@jitsi/rnnoise-wasm/dist/rnnoise.js" {
  interface RNNoise {
    readonly HEAPF32: Float32Array;
    _malloc(bytes: number): number;
    /** The built-in model: 0. */
    _rnnoise_create(model: number): number;
    /** 480 samples of 16 bits' scale; how likely somebody speaks. */
    _rnnoise_process_frame(state: number, out: number, from: number): number;
  }
  interface Options {
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): WebAssembly.Exports;
  }
  export default function create(options: Options): Promise<RNNoise>;
}
