import { describe, expect, it } from "vitest";

import { arrangeGrid, arrangeStage, type Rect, TILES_PER_PAGE, wideWithin } from "../src/lib/layout";

const SCREENS = [
  { width: 1420, height: 760 },
  { width: 1004, height: 640 },
  { width: 748, height: 880 },
  { width: 374, height: 700 },
  { width: 700, height: 300 },
];

function inside(r: Rect, box: { width: number; height: number }): boolean {
  return r.x >= 0 && r.y >= 0 && r.x + r.width <= box.width && r.y + r.height <= box.height;
}

function overlap(a: Rect, b: Rect): boolean {
  return (
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
  );
}

describe("grid", () => {
  for (const box of SCREENS) {
    it(`keeps any number apart and inside ${box.width}x${box.height}`, () => {
      for (let count = 1; count <= 60; count++) {
        const { tiles, perPage, pages } = arrangeGrid(count, box, 0);
        expect(tiles.length).toBe(Math.min(count, perPage));
        expect(perPage).toBeLessThanOrEqual(TILES_PER_PAGE);
        expect(pages).toBe(Math.ceil(count / perPage));
        tiles.forEach((a, i) => {
          expect(inside(a, box), `${count}: ${JSON.stringify(a)}`).toBe(true);
          tiles.slice(i + 1).forEach((b) => expect(overlap(a, b)).toBe(false));
        });
      }
    });
  }

  it("shows 25 on one page of a desktop, 26 on two", () => {
    expect(arrangeGrid(25, SCREENS[0]!, 0).pages).toBe(1);
    const two = arrangeGrid(26, SCREENS[0]!, 1);
    expect([two.pages, two.page, two.tiles.length]).toEqual([2, 1, 1]);
  });

  it("fills the box with one tile", () => {
    const [tile] = arrangeGrid(1, { width: 1600, height: 900 }, 0).tiles;
    expect(tile).toEqual({ x: 0, y: 0, width: 1600, height: 900 });
  });

  it("never makes tiles smaller than they must be", () => {
    // Two side by side in a wide box, one above the other in a tall one.
    expect(arrangeGrid(2, { width: 1600, height: 500 }, 0).tiles[1]!.y).toBe(
      arrangeGrid(2, { width: 1600, height: 500 }, 0).tiles[0]!.y,
    );
    const tall = arrangeGrid(2, { width: 400, height: 800 }, 0).tiles;
    expect(tall[1]!.y).toBeGreaterThan(tall[0]!.y);
  });

  it("goes to the last page when people left", () => {
    expect(arrangeGrid(3, SCREENS[0]!, 7).page).toBe(0);
    expect(arrangeGrid(3, SCREENS[0]!, -1).page).toBe(0);
  });

  it("has no tiles for nobody", () => {
    expect(arrangeGrid(0, SCREENS[0]!, 0)).toEqual({ perPage: 1, pages: 1, page: 0, tiles: [] });
  });
});

describe("stage", () => {
  for (const box of SCREENS) {
    it(`keeps stage and strip apart in ${box.width}x${box.height}`, () => {
      for (let count = 0; count <= 40; count++) {
        const { stage, tiles } = arrangeStage(count, box, 0);
        expect(stage && inside(stage, box)).toBe(true);
        for (const tile of tiles) {
          expect(inside(tile, box), `${count}: ${JSON.stringify(tile)}`).toBe(true);
          expect(overlap(tile, stage!)).toBe(false);
        }
      }
    });
  }

  it("gives the stage everything when there is nobody beside it", () => {
    expect(arrangeStage(0, { width: 800, height: 600 }, 0).stage).toEqual({
      x: 0,
      y: 0,
      width: 800,
      height: 600,
    });
  });
});

describe("beside a large picture", () => {
  it("many take two columns where there is room for them", () => {
    const box = { width: 1420, height: 760 };
    const few = arrangeStage(4, box, 0);
    const many = arrangeStage(31, box, 0);
    expect(new Set(few.tiles.map((r) => r.x)).size).toBe(1);
    expect(new Set(many.tiles.map((r) => r.x)).size).toBe(2);
    expect(many.pages).toBe(2);
    expect(many.stage!.width).toBeGreaterThan(0.7 * box.width);
    for (const r of many.tiles) expect(inside(r, box) && !overlap(r, many.stage!)).toBe(true);
  });

  it("a face keeps its shape, in the middle", () => {
    expect(wideWithin({ x: 0, y: 0, width: 800, height: 800 })).toEqual({ x: 0, y: 175, width: 800, height: 450 });
    expect(wideWithin({ x: 10, y: 20, width: 800, height: 90 })).toEqual({ x: 330, y: 20, width: 160, height: 90 });
  });
});
