import { describe, expect, it } from "vitest";

import { activeLayers } from "../src/lib/layers";

describe("activeLayers", () => {
  const scales = [4, 2, 1];
  const rows: [captured: number, wanted: number, sent: string][] = [
    [720, 0, "---"],
    [720, 1, "q--"],
    [720, 225, "q--"],
    [720, 226, "qh-"],
    [720, 450, "qh-"],
    [720, 451, "qhf"],
    [720, 65535, "qhf"],
    [1080, 300, "q--"],
    [0, 100, "qhf"],
    [0, 0, "---"],
  ];
  it.each(rows)("%i lines captured, %i wanted: %s", (captured, wanted, sent) => {
    const active = activeLayers(scales, captured, wanted);
    expect(active.map((a, i) => (a ? "qhf"[i] : "-")).join("")).toBe(sent);
  });

  it("takes one encoding, and sound, for all or nothing", () => {
    expect(activeLayers([1], 1080, 200)).toEqual([true]);
    expect(activeLayers([1], 0, 1)).toEqual([true]);
    expect(activeLayers([1], 0, 0)).toEqual([false]);
  });
});
