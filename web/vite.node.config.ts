// Builds what of an encrypted meeting needs no browser for Node: ../build/node/keys.js, for participants of
// tests/e2e that are no browsers. The very modules of the client, ts-mls mended and built in as there.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

import { mlsFix } from "./mlsFix";

export default defineConfig({
  plugins: [svelte(), mlsFix()],
  ssr: { noExternal: true },
  build: {
    ssr: "tests/keys.ts",
    outDir: "../build/node",
    emptyOutDir: true,
    target: "node18",
    reportCompressedSize: false,
  },
});
