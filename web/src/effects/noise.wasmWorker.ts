// Compiles RNNoise, which only this worker may; and runs it, where a compiled program cannot be given to the
// page's sound (Firefox).
import { rnnoise } from "./rnnoise";

export type ToCompiler = { type: "compile"; program: string } | { type: "run"; port: MessagePort };
export type FromCompiler =
  | { type: "compiled"; program: WebAssembly.Module }
  | { type: "failed"; why: string };

/** What of the worker's global scope is used. */
interface Scope {
  postMessage(message: FromCompiler): void;
  onmessage: ((event: MessageEvent<ToCompiler>) => void) | null;
}

const scope = self as unknown as Scope;
let compiled: Promise<WebAssembly.Module>;

async function compile(url: string): Promise<WebAssembly.Module> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return WebAssembly.compile(await answer.arrayBuffer());
}

/** Blocks come by the port, and go back. */
async function run(port: MessagePort): Promise<void> {
  const work = await rnnoise(await compiled);
  port.onmessage = ({ data: block }: MessageEvent<Float32Array<ArrayBuffer>>) => {
    work(block);
    port.postMessage(block, [block.buffer]);
  };
}

scope.onmessage = ({ data: message }) => {
  const fail = (error: unknown) => scope.postMessage({ type: "failed", why: String(error) });
  if (message.type === "run") {
    run(message.port).catch(fail);
    return;
  }
  compiled = compile(message.program);
  compiled.then((program) => scope.postMessage({ type: "compiled", program })).catch(fail);
};
