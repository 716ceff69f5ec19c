// What a sealed text of the chat looks like inside.
import { type Bytes, fromUtf8, utf8 } from "./bytes";

export function writeText(text: string): Bytes {
  return utf8(JSON.stringify({ v: 1, type: "chat", text }));
}

/** undefined: it is none. */
export function readText(data: Uint8Array): string | undefined {
  let read: unknown;
  try {
    read = JSON.parse(fromUtf8(data) ?? "");
  } catch {
    return undefined;
  }
  const { v, type, text } = (read ?? {}) as Record<string, unknown>;
  return v === 1 && type === "chat" && typeof text === "string" ? text : undefined;
}
