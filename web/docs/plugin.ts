// A build step that writes dist/docs: the documentation of the repository as static pages, which the
// server shows at /docs (site.c).
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import type { Plugin, Rollup } from "vite";

import { GROUPS } from "./pages";
import { makeSite } from "./site";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The file that an import of this name became. */
function assetOf(bundle: Rollup.OutputBundle, name: string): string {
  const found = Object.values(bundle).find((o) => o.type === "asset" && o.originalFileNames.some((f) => f.endsWith(name)));
  if (!found) throw new Error(`the documentation needs ${name}, which nothing imports`);
  return `/${found.fileName}`;
}

export function documentation(): Plugin {
  let script = "";
  return {
    name: "parley-documentation",
    apply: "build",
    buildStart() {
      script = this.emitFile({ type: "chunk", id: fileURLToPath(new URL("../src/docs/search.ts", import.meta.url)), name: "docs" });
    },
    generateBundle(_options, bundle) {
      const chunk = bundle[this.getFileName(script)];
      if (chunk?.type !== "chunk") throw new Error("the documentation's script was not built");
      const site = makeSite(
        GROUPS,
        { read: (path) => readFileSync(root + path, "utf8"), exists: (path) => existsSync(root + path) },
        {
          styles: [...(chunk.viteMetadata?.importedCss ?? [])].map((name) => `/${name}`),
          script: `/${chunk.fileName}`,
          emblem: assetOf(bundle, "assets/emblem.svg"),
        },
      );
      for (const [name, source] of site.pages) this.emitFile({ type: "asset", fileName: `docs/${name}`, source });
      this.emitFile({ type: "asset", fileName: "docs/search.json", source: JSON.stringify(site.index) });
    },
  };
}
