// What a sealed message looks like inside: a text of the chat, or an alarm.
import { type Alarm, alarmOf, isAlarm } from "../record/alarm";
import { type Bytes, fromUtf8, utf8 } from "./bytes";

const VERSION = 1;

/** Its fields; undefined: it is no message of this kind. */
function read(data: Uint8Array, kind: string): Record<string, unknown> | undefined {
  let message: unknown;
  try {
    message = JSON.parse(fromUtf8(data) ?? "");
  } catch {
    return undefined;
  }
  const { v, type, ...fields } = (message ?? {}) as Record<string, unknown>;
  return v === VERSION && type === kind ? fields : undefined;
}

export function writeText(text: string): Bytes {
  return utf8(JSON.stringify({ v: VERSION, type: "chat", text }));
}

/** undefined: it is none. */
export function readText(data: Uint8Array): string | undefined {
  const text = read(data, "chat")?.["text"];
  return typeof text === "string" ? text : undefined;
}

export function writeAlarm(alarm: Alarm): Bytes {
  return utf8(JSON.stringify({ v: VERSION, type: "alarm", ...alarmOf(alarm) }));
}

/** undefined: it is none. */
export function readAlarm(data: Uint8Array): Alarm | undefined {
  const alarm = read(data, "alarm");
  return alarm && isAlarm(alarm) ? alarm : undefined;
}
