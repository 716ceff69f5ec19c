// A build step that mends ts-mls 1.6.4, in tests too. RFC 9420, 7.9: a leaf that is unmerged at a parent node
// is to be unmerged at each non-blank node *between* the two. The library asks of all nodes above the leaf that
// their lists be *equal* to the parent's, so that newcomers and who comes back refuse valid trees as soon as
// some have left and others come (tree-validation vector 12 of our suite; tests/group.test.ts); and it takes
// an unmerged leaf that is blank, if only it is a descendant. Mended upstream in 2.0, of which there is no release.
import { readFile } from "node:fs/promises";

import type { Plugin } from "vite";

const LIBRARY = /[\\/]ts-mls[\\/]dist[\\/]src[\\/].*\.js$/;
const MENDED = /[\\/]clientState\.js$/;

const CHANGES: [string, string][] = [
  ['?.nodeType !== "leaf" && !dp.includes(toNodeIndex(i))', '?.nodeType !== "leaf" || !dp.includes(toNodeIndex(i))'],
  ["for (const parentIdx of dp) {", "for (const parentIdx of dp.slice(0, dp.indexOf(i))) {"],
  [
    "!arraysEqual(dpNode.parent.unmergedLeaves, n.parent.unmergedLeaves)",
    "!dpNode.parent.unmergedLeaves.includes(unmergedLeaf)",
  ],
];

/** Fails the build when the library has other text than is known here. */
export function mendMls(source: string): string {
  return CHANGES.reduce((text, [from, to]) => {
    if (text.split(from).length !== 2) throw new Error(`ts-mls has not this once: ${from}`);
    return text.replace(from, to);
  }, source);
}

export function mlsFix(): Plugin {
  return {
    name: "parley-mls-fix",
    enforce: "pre",
    async load(id) {
      const file = id.replace(/\?.*$/, "");
      if (!LIBRARY.test(file)) return null;
      // Its maps point to sources that are not in the package.
      const code = (await readFile(file, "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, "");
      return { code: MENDED.test(file) ? mendMls(code) : code, map: null };
    },
  };
}
