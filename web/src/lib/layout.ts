// Where the tiles stand. Pure geometry in CSS pixels: the largest tiles of one shape that fit.

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  x: number;
  y: number;
}

export interface Arrangement {
  /** Tiles on one page, at most. */
  perPage: number;
  pages: number;
  /** The page that is laid out: the one asked for, or the last there is. */
  page: number;
  /** The large picture, if one was asked for. */
  stage?: Rect;
  /** One for each tile of the page, in order. */
  tiles: Rect[];
}

/** A page holds no more: beyond it faces are too small, and there are no more receiving slots. */
export const TILES_PER_PAGE = 25;

const GAP = 8;
const WIDE = 16 / 9;
const UPRIGHT = 4 / 3; // on a screen held upright: two columns of 16:9 would leave half of it empty
const SMALLEST_TILE = 150; // width; a name can still be read on it
const STRIP_SHARE = 0.2; // of the width, for the tiles beside a stage
const STRIPS_SHARE = 0.3; // at most, where they are so many that they take two columns
const STAGE_SHARE = 0.65; // of the height, at most, for a stage above the tiles

/** The width of `count` tiles in `columns` columns, 0 if they do not fit at all. */
function tileWidth(count: number, columns: number, box: Size, shape: number): number {
  const rows = Math.ceil(count / columns);
  const byWidth = (box.width - GAP * (columns - 1)) / columns;
  const byHeight = ((box.height - GAP * (rows - 1)) / rows) * shape;
  return Math.max(0, Math.min(byWidth, byHeight));
}

/** The number of columns that makes the tiles largest. */
function bestColumns(count: number, box: Size, shape: number): number {
  let best = 1;
  for (let columns = 2; columns <= count; columns++) {
    const gain = tileWidth(count, columns, box, shape) - tileWidth(count, best, box, shape);
    if (gain > 0.01) best = columns;
  }
  return best;
}

/** How many tiles a page of this size can hold: as many as stay large enough, one at the least. */
function capacity(count: number, box: Size, shape: number): number {
  let most = Math.min(count, TILES_PER_PAGE);
  while (most > 1 && tileWidth(most, bestColumns(most, box, shape), box, shape) < SMALLEST_TILE) {
    most--;
  }
  return Math.max(1, most);
}

/** `count` tiles in a box, row by row, the last row centred. */
export function placeGrid(count: number, box: Rect, shape: number): Rect[] {
  if (count === 0) return [];
  const columns = bestColumns(count, box, shape);
  const rows = Math.ceil(count / columns);
  const width = Math.floor(tileWidth(count, columns, box, shape));
  const height = Math.floor(width / shape);
  const top = box.y + (box.height - rows * height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = box.x + (box.width - inRow * width - (inRow - 1) * GAP) / 2;
    return {
      x: Math.round(left + (i % columns) * (width + GAP)),
      y: Math.round(top + row * (height + GAP)),
      width,
      height,
    };
  });
}

function paged(count: number, perPage: number, wanted: number) {
  const pages = Math.max(1, Math.ceil(count / perPage));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { perPage, pages, page, onPage: Math.min(perPage, count - page * perPage) };
}

/** All tiles alike. */
export function arrangeGrid(count: number, box: Size, wantedPage: number): Arrangement {
  const shape = box.height > box.width ? UPRIGHT : WIDE;
  const { onPage, ...rest } = paged(count, capacity(count, box, shape), wantedPage);
  return { ...rest, tiles: placeGrid(onPage, { x: 0, y: 0, ...box }, shape) };
}

/** One large picture with the tiles in a strip at its right; on an upright screen with the tiles
 * below it, where a wide picture leaves room for a grid. */
export function arrangeStage(count: number, box: Size, wantedPage: number): Arrangement {
  if (count === 0) {
    return { perPage: 1, pages: 1, page: 0, stage: { x: 0, y: 0, ...box }, tiles: [] };
  }
  return box.width > box.height * 1.2
    ? stageBeside(count, box, wantedPage)
    : stageAbove(count, box, wantedPage);
}

function stageBeside(count: number, box: Size, wantedPage: number): Arrangement {
  const one = Math.floor(Math.min(260, Math.max(SMALLEST_TILE, box.width * STRIP_SHARE)));
  const inColumn = (width: number) =>
    Math.max(1, Math.floor((box.height + GAP) / (Math.floor(width / WIDE) + GAP)));
  const two = SMALLEST_TILE * 2 + GAP <= box.width * STRIPS_SHARE && count > inColumn(one);
  const width = two ? Math.max(SMALLEST_TILE, Math.floor((one - GAP) / 2)) : one;
  const columns = two ? 2 : 1;
  const fits = Math.min(TILES_PER_PAGE, inColumn(width) * columns);
  const { onPage, ...rest } = paged(count, fits, wantedPage);
  const left = box.width - columns * (width + GAP) + GAP;
  const height = Math.floor(width / WIDE);
  const rows = Math.ceil(onPage / columns);
  const top = (box.height - rows * (height + GAP) + GAP) / 2;
  const tiles = Array.from({ length: onPage }, (_, i) => ({
    x: left + (i % columns) * (width + GAP),
    y: Math.round(top + Math.floor(i / columns) * (height + GAP)),
    width,
    height,
  }));
  const stage = { x: 0, y: 0, width: left - GAP, height: box.height };
  return { ...rest, stage, tiles };
}

/** The largest 16:9 inside, in its middle: a face is not to be cut to the shape of what is left over. */
export function wideWithin(box: Rect): Rect {
  const width = Math.floor(Math.min(box.width, box.height * WIDE));
  const height = Math.floor(width / WIDE);
  return {
    x: Math.round(box.x + (box.width - width) / 2),
    y: Math.round(box.y + (box.height - height) / 2),
    width,
    height,
  };
}

function stageAbove(count: number, box: Size, wantedPage: number): Arrangement {
  const height = Math.floor(Math.min(box.height * STAGE_SHARE, box.width / WIDE));
  const below = { width: box.width, height: box.height - height - GAP };
  const { onPage, ...rest } = paged(count, capacity(count, below, UPRIGHT), wantedPage);
  return {
    ...rest,
    stage: { x: 0, y: 0, width: box.width, height },
    tiles: placeGrid(onPage, { x: 0, y: height + GAP, ...below }, UPRIGHT),
  };
}
