import { describe, expect, it } from "vitest";

import type { LineToClient } from "../src/gen/protocol";
import { findings } from "../src/lib/line";
import { en } from "../src/texts/en";

const LINE: LineToClient = { type: "line", pictures: 3, paused: 0, slots: [] };
const SMALL = { mid: "10", height: 180, wanted: 720, smaller: true };

describe("the words for a line", () => {
  const CASES: [string, Partial<LineToClient>, string[]][] = [
    ["nothing is wrong", { protocol: "udp", loss_up: 199, round_trip_ms: 399 }, ["Your line is good."]],
    ["nothing is wrong, and it is known what it carries", { estimate_kbps: 5_000 }, ["Your line is good. It carries 5.0\u00a0Mbit/s."]],
    [
      "pictures are smaller",
      { estimate_kbps: 1_200, slots: [SMALL, { ...SMALL, smaller: false }] },
      ["Your line carries 1.2\u00a0Mbit/s; one picture is smaller for it."],
    ],
    [
      "pictures are not sent: that they are smaller, too, is not worth a word",
      { estimate_kbps: 300, paused: 2, slots: [SMALL] },
      ["Your line carries 300\u00a0kbit/s; 2 pictures are not sent for it."],
    ],
    ["why is not known", { slots: [SMALL, SMALL] }, ["2 pictures are smaller than they are shown."]],
    [
      "everything is wrong",
      { loss_down: 550, loss_up: 200, round_trip_ms: 650, protocol: "tcp" },
      [
        "5.5\u00a0% of what is sent to you is lost on the way.",
        "2.0\u00a0% of what you send is lost on the way.",
        "What you say takes long to arrive, and the answer too: 650\u00a0ms together.",
        "Your network lets picture and sound through by TCP alone: they may stall.",
      ],
    ],
  ];
  for (const [what, line, words] of CASES) {
    it(what, () => expect(findings({ ...LINE, ...line }).map(en.finding)).toEqual(words));
  }
});
