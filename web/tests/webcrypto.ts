// Node 18 has WebCrypto, but not under the name that browsers and later versions give it.
import { webcrypto } from "node:crypto";

if (globalThis.crypto === undefined)
  Object.defineProperty(globalThis, "crypto", { value: webcrypto, configurable: true });
