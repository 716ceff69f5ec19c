// The meeting's time zone beside the reader's.
import { afterEach, describe, expect, it, vi } from "vitest";

import { meetingZone, otherZone, setMeetingZone } from "../src/lib/zone.svelte";

const SUMMER = Date.UTC(2026, 6, 1, 12, 0);
const WINTER = Date.UTC(2026, 0, 1, 12, 0);

describe("another zone than the reader's", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("is one whose clocks show another time then", () => {
    vi.stubEnv("TZ", "Europe/London");
    setMeetingZone("Europe/Brussels");
    expect(otherZone(SUMMER)).toBe("Europe/Brussels");
    setMeetingZone("Africa/Lagos"); // UTC+1 all the year
    expect([otherZone(SUMMER), otherZone(WINTER)]).toEqual([undefined, "Africa/Lagos"]);
  });

  it("is none where the meeting names none, or no zone at all", () => {
    setMeetingZone(undefined);
    expect(otherZone(SUMMER)).toBeUndefined();
    setMeetingZone("Atlantis/Poseidonis");
    expect(meetingZone()).toBeUndefined();
  });
});
