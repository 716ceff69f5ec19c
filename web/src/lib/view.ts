// What the server is told of the screen: which pictures are shown, how large.
import type { Tile } from "../gen/protocol";
import type { Size } from "./layout";

const TILES_MAX = 64; // messages.json, view.tiles
const SIDE_MAX = 16384;

export interface ShownPicture extends Size {
  source: number;
}

function side(css: number, ratio: number): number {
  return Math.min(SIDE_MAX, Math.max(1, Math.round(css * ratio)));
}

/** In device pixels, most wanted first as given. */
export function viewTiles(pictures: readonly ShownPicture[], pixelRatio: number): Tile[] {
  return pictures.slice(0, TILES_MAX).map((p) => ({
    source: p.source,
    width: side(p.width, pixelRatio),
    height: side(p.height, pixelRatio),
  }));
}

export function sameView(a: readonly Tile[], b: readonly Tile[]): boolean {
  return (
    a.length === b.length &&
    a.every((t, i) => {
      const o = b[i]!;
      return t.source === o.source && t.width === o.width && t.height === o.height;
    })
  );
}
