import { describe, expect, it } from "vitest";

import { mendMls } from "../mlsFix";

describe("the mended library", () => {
  it("is refused when it has other text", () => {
    expect(() => mendMls("")).toThrow(/has not this once/);
  });
});
