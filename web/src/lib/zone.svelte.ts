// The time zone of the meeting that the page is in, which need not be the reader's. One page is in
// one meeting.
import { isZone, localIn, ownZone } from "./clock";

let current = $state<string>();

/** Absent where the definition names none, or one that this browser does not know. */
export function meetingZone(): string | undefined {
  return current;
}

export function setMeetingZone(zone: string | undefined): void {
  current = zone !== undefined && isZone(zone) ? zone : undefined;
}

/** The meeting's zone, where its clocks show another time than the reader's at that moment. */
export function otherZone(at: number, zone = current): string | undefined {
  return zone === undefined || localIn(zone, at) === localIn(ownZone(), at) ? undefined : zone;
}
