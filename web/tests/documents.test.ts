import { describe, expect, it } from "vitest";

import { DOCUMENT_BYTES_MAX, documentFault } from "../src/lib/documents";
import { toHex } from "../src/lib/hex";
import { fromLocal, toLocal } from "../src/lib/times";

describe("a file that shall become a document", () => {
  const CASES: [string, number, ReturnType<typeof documentFault>][] = [
    ["application/pdf", 1, undefined],
    ["image/png", DOCUMENT_BYTES_MAX, undefined],
    ["image/webp", DOCUMENT_BYTES_MAX + 1, "large"],
    ["image/jpeg", 0, "empty"],
    ["image/svg+xml", 10, "kind"], // holds scripts
    ["text/html", 10, "kind"],
    ["", 10, "kind"],
  ];
  for (const [type, size, wanted] of CASES) {
    it(`${type || "of no type"}, ${size} bytes`, () => expect(documentFault({ type, size })).toBe(wanted));
  }

  it("has a hash in hexadecimal, zeros kept", () => {
    expect(toHex(new Uint8Array([0, 1, 0xab, 0xff]))).toBe("0001abff");
  });
});

describe("a time in a form", () => {
  it("comes back as it was, to the minute", () => {
    const at = new Date(2026, 7, 20, 14, 30, 59, 999).getTime();
    expect(toLocal(at)).toBe("2026-08-20T14:30");
    expect(fromLocal(toLocal(at))).toBe(new Date(2026, 7, 20, 14, 30).getTime());
  });

  it("is none when it is not whole", () => {
    for (const text of ["", "2026-08-20", "2026-13-20T10:00", "tomorrow"]) expect(fromLocal(text)).toBeUndefined();
  });
});
