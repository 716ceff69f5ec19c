// Of a long list only the rows in sight are in the page.

/** Rows beyond what is in sight, above and below. */
export const ROWS_BEYOND = 8;

/**
 * The rows [first, end) of `count` that belong into the page. A list that just became shorter is told only with the
 * next frame how far it is scrolled: until then `top` lies behind its end, and its last rows are what will be in sight.
 * @param top, height, row in CSS pixels
 */
export function rowsInSight(top: number, height: number, row: number, count: number): { first: number; end: number } {
  const from = Math.max(0, Math.min(top, count * row - height));
  return {
    first: Math.max(0, Math.floor(from / row) - ROWS_BEYOND),
    end: Math.min(count, Math.ceil((from + height) / row) + ROWS_BEYOND),
  };
}
