import { describe, expect, it } from "vitest";

import { hearkener } from "../src/lib/muted";

function times(levels: (number | undefined)[]): number {
  let heard = 0;
  const listen = hearkener(() => heard++);
  levels.forEach(listen);
  return heard;
}

const of = (level: number | undefined, n: number) => Array.from({ length: n }, () => level);

describe("whoever speaks while muted", () => {
  it("is told once, however long", () => expect(times(of(0.7, 100))).toBe(1));
  it("is not for a knock on the table", () => expect(times([...of(0.9, 5), ...of(0.1, 20)])).toBe(0));
  it("is told at six of ten", () => {
    expect(times([...of(0.9, 5), ...of(0.1, 4), 0.9])).toBe(1);
    expect(times([...of(0.9, 5), ...of(0.1, 5), 0.9])).toBe(0);
  });
  it("is told again after silence", () => expect(times([...of(0.7, 20), ...of(0.1, 10), ...of(0.7, 20)])).toBe(2));
  it("is not while nothing can be heard", () => expect(times(of(undefined, 50))).toBe(0));
});
