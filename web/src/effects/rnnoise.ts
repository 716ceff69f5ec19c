// RNNoise, as Jitsi builds it, out of its program compiled before: whoever compiles needs another right than
// whoever runs (docs/security.md).
import createRNNoise from "@jitsi/rnnoise-wasm/dist/rnnoise.js";

/** Samples of 48,000 a second. */
export const BLOCK = 480;
const FULL_SCALE = 32768; // it works on 16 bits

/** What changes a block in place. */
export async function rnnoise(program: WebAssembly.Module): Promise<(block: Float32Array) => void> {
  const library = await createRNNoise({
    instantiateWasm: (imports, done) => {
      const instance = new WebAssembly.Instance(program, imports);
      done(instance);
      return instance.exports;
    },
  });
  const state = library._rnnoise_create(0);
  const at = library._malloc(BLOCK * Float32Array.BYTES_PER_ELEMENT);
  return (block) => {
    const samples = library.HEAPF32.subarray(at / 4, at / 4 + BLOCK);
    for (let i = 0; i < BLOCK; i++) samples[i] = block[i]! * FULL_SCALE;
    library._rnnoise_process_frame(state, at, at);
    for (let i = 0; i < BLOCK; i++) block[i] = samples[i]! / FULL_SCALE;
  };
}
