import { describe, expect, it } from "vitest";

import { readCheckpoint } from "../src/lib/minutes";
import { tabsFor } from "../src/lib/tabs";

describe("a checkpoint", () => {
  const note = "example.org/M\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n— example.org/M Az3grl...\n";

  it("is read without its signatures", () => {
    expect(readCheckpoint(note)).toEqual({
      body: "example.org/M\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
      size: 20852163,
    });
  });

  it.each(["", "a\nb\nc\n\n", "a\n07\nc\n\n", "a\n7\n\n\n", "a\n7\nc\nd\n\n"])("is not %j", (text) => {
    expect(readCheckpoint(text)).toBeUndefined();
  });
});

describe("the tab of the minutes", () => {
  const minutes = { type: "minutes", notes: [], corrections: [] } as const;
  const formal = { items: [{}], seats: [], decisions: new Map(), ownSeat: undefined } as never;

  it("is there for who is told of them, in a meeting with an agenda", () => {
    expect(tabsFor({ ...(formal as object), minutes } as never, undefined, false)).toContain("minutes");
    expect(tabsFor(formal, undefined, false)).not.toContain("minutes");
    const plain = { items: [], seats: [], decisions: new Map(), ownSeat: undefined, minutes };
    expect(tabsFor(plain as never, undefined, false)).not.toContain("minutes");
  });
});
