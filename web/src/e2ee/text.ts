// What a sealed message looks like inside: a text of the chat, a line of captions, or an alarm.
import { LIMITS } from "../gen/protocol";
import type { Caption } from "../lib/captions.svelte";
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

/** A line of captions, with the language that it is in. */
export interface SealedCaption extends Caption {
  language: string;
}

export function writeCaption({ language, line, text, done }: SealedCaption): Bytes {
  return utf8(JSON.stringify({ v: VERSION, type: "caption", language, line, text, done }));
}

/** undefined: it is none. What the server checks of one that is not sealed is checked here. */
export function readCaption(data: Uint8Array): SealedCaption | undefined {
  const { language, line, text, done } = read(data, "caption") ?? {};
  const { caption } = LIMITS;
  const good =
    typeof language === "string" && /^[A-Za-z0-9-]{1,8}$/.test(language) &&
    typeof line === "number" && Number.isSafeInteger(line) && line > 0 &&
    typeof text === "string" && utf8(text).length <= caption.text && !/[\p{Cc}]/u.test(text) &&
    typeof done === "boolean";
  return good ? { language, line, text, done } : undefined;
}

export function writeAlarm(alarm: Alarm): Bytes {
  return utf8(JSON.stringify({ v: VERSION, type: "alarm", ...alarmOf(alarm) }));
}

/** undefined: it is none. */
export function readAlarm(data: Uint8Array): Alarm | undefined {
  const alarm = read(data, "alarm");
  return alarm && isAlarm(alarm) ? alarm : undefined;
}
