// A build step that writes dist/licences.txt: the licence texts of the packages whose code, icons,
// flags or letters are in the bundle, and notices.txt, of what is inside packages that do not say so. It
// fails on a package without a licence.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Plugin } from "vite";

function packageFolder(file: string): string | undefined {
  if (!file.includes("/node_modules/")) return undefined;
  let folder = dirname(file);
  while (!existsSync(join(folder, "package.json")) || !isNamed(folder)) folder = dirname(folder);
  return folder;
}

/** Some packages hold nameless package.json files in subfolders, which only set the module type. */
function isNamed(folder: string): boolean {
  return "version" in JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function licenceOf(folder: string): string {
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((name) => /^licen[cs]e(\.|$)/i.test(name));
  if (!file) throw new Error(`${about.name} has no licence file`);
  const text = readFileSync(join(folder, file), "utf8").trim();
  const kind = about.license ?? about.licenses.map((l: { type: string }) => l.type).join(", ");
  return `${about.name} ${about.version} (${kind})\n\n${text}\n`;
}

export function licences(): Plugin {
  return {
    name: "parley-licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      const add = (file: string) => {
        const folder = packageFolder(file.replace(/^\0/, "").replace(/\?.*$/, ""));
        if (folder) folders.add(folder);
      };
      for (const output of Object.values(bundle)) {
        if (output.type === "chunk") Object.keys(output.modules).forEach(add);
        else output.originalFileNames.map((name) => join(process.cwd(), name)).forEach(add);
      }
      const texts = [...[...folders].sort().map(licenceOf), readFileSync("notices.txt", "utf8")];
      const line = `\n${"-".repeat(80)}\n\n`;
      this.emitFile({ type: "asset", fileName: "licences.txt", source: texts.join(line) });
    },
  };
}
