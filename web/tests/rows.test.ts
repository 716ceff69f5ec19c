import { expect, test } from "vitest";

import { ROWS_BEYOND, rowsInSight } from "../src/lib/rows";

test("what is in sight is in the page, and some rows beyond", () => {
  expect(rowsInSight(0, 300, 60, 100)).toEqual({ first: 0, end: 5 + ROWS_BEYOND });
  expect(rowsInSight(1800, 300, 60, 100)).toEqual({ first: 30 - ROWS_BEYOND, end: 35 + ROWS_BEYOND });
  expect(rowsInSight(5700, 300, 60, 100)).toEqual({ first: 95 - ROWS_BEYOND, end: 100 });
});

test("a list that became shorter shows its last rows before it is told how far it is scrolled", () => {
  expect(rowsInSight(5700, 300, 60, 2)).toEqual({ first: 0, end: 2 });
  expect(rowsInSight(5700, 300, 60, 20)).toEqual({ first: 15 - ROWS_BEYOND, end: 20 });
  expect(rowsInSight(5700, 300, 60, 0)).toEqual({ first: 0, end: 0 });
});
