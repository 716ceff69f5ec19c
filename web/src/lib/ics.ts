// A calendar file (RFC 5545) with one event: the meeting, and one person's link to it.

export interface CalendarEvent {
  /** The same for the same meeting and person, so that a second file replaces the first. */
  uid: string;
  title: string;
  /** Unix milliseconds. */
  start: number;
  minutes: number;
  url: string;
  description: string;
  /** When the file was made. */
  stamp: number;
}

const LINE_BYTES = 75; // RFC 5545, 3.1

/** 3.3.11: these four have a meaning of their own. */
function escapeText(text: string): string {
  return text.replace(/[\\;,]/g, "\\$&").replace(/\r\n|\r|\n/g, "\\n");
}

/** 3.3.5, form 2. */
function utc(at: number): string {
  return new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, "");
}

/** Lines longer than 75 bytes go on in the next one, behind a space; a character is never cut. */
export function fold(line: string): string {
  const encoder = new TextEncoder();
  const lines: string[] = [];
  let now = "";
  let bytes = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (bytes + size > LINE_BYTES) {
      lines.push(now);
      now = " ";
      bytes = 1;
    }
    now += character;
    bytes += size;
  }
  return [...lines, now].join("\r\n");
}

export function calendar(event: CalendarEvent): string {
  const lines = [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Parley//Parley//EN",
    "METHOD:PUBLISH",
    "BEGIN:VEVENT",
    `UID:${escapeText(event.uid)}`,
    `DTSTAMP:${utc(event.stamp)}`,
    `DTSTART:${utc(event.start)}`,
    `DTEND:${utc(event.start + event.minutes * 60_000)}`,
    `SUMMARY:${escapeText(event.title)}`,
    `LOCATION:${escapeText(event.url)}`,
    `URL:${event.url}`,
    `DESCRIPTION:${escapeText(event.description)}`,
    "CLASS:CONFIDENTIAL",
    "END:VEVENT",
    "END:VCALENDAR",
  ];
  return lines.map((line) => `${fold(line)}\r\n`).join("");
}
