// Builds the client into dist/: every asset as a file of its own with a hash in its name (nothing
// inlined: the Content-Security-Policy allows files of this server only), the documentation, and the
// licences of what went in.
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

import { build } from "./build";
import { documentation } from "./docs/plugin";
import { licences } from "./licences";
import { mlsFix } from "./mlsFix";

const server = process.env["PARLEY_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte(), mlsFix(), build(), documentation(), licences()],
  optimizeDeps: { exclude: ["ts-mls"] }, // or `vite dev` has it without mlsFix
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    // Comments of others' code that the bundler cannot use, which somebody who builds cannot mend.
    rollupOptions: { onwarn: (warning, tell) => warning.code !== "INVALID_ANNOTATION" && tell(warning) },
  },
  server: {
    proxy: { "/api": server, "/ws": { target: server, ws: true } },
  },
  test: {
    // Large vectors that are not in the repository are another run: script/vectors.
    include: [process.env["PARLEY_VECTORS"] ? "tests/vectors/*.ts" : "tests/**/*.test.ts"],
    environment: "node",
    setupFiles: ["tests/webcrypto.ts"],
    server: { deps: { inline: ["ts-mls"] } }, // so that mlsFix reaches it
  },
});
