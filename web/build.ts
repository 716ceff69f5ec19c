// A build step that gives the page its build's name: a hash of what it consists of, in a meta tag of
// index.html. The server reads it there (assets.py) and says in `welcome` which build it has, so that a
// page finds out that there is a newer one (src/lib/renewal.ts).
import { createHash } from "node:crypto";

import type { Plugin } from "vite";

export function build(): Plugin {
  return {
    name: "parley-build",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(html, { bundle }) {
        const hash = createHash("sha256").update(html);
        for (const name of Object.keys(bundle ?? {}).sort()) hash.update(`\n${name}`); // with hashes of what they hold
        return [{ tag: "meta", attrs: { name: "parley-build", content: hash.digest("hex").slice(0, 16) }, injectTo: "head" }];
      },
    },
  };
}
