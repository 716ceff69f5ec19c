// Small matters of names and texts.

/** One or two letters that stand for a name. Titles in brackets and after commas do not count. */
export function initials(name: string): string {
  const words = name
    .replace(/[\u2066-\u2069]/g, "")
    .replace(/\(.*?\)|,.*$/g, " ")
    .split(/[\s.]+/u)
    .filter((w) => /^[\p{L}\p{N}]/u.test(w));
  const first = words[0];
  if (!first) return "?";
  const last = words.length > 1 ? words[words.length - 1]! : "";
  return (letter(first) + letter(last)).toLocaleUpperCase();
}

/** Written from right to left, in whole or in part. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** A name for sentences and lines of another direction: it is set by itself, and what stands beside it
 * stays where it is (UAX #9). One from left to right is given back as it is. */
export function isolated(name: string): string {
  if (!RIGHT_TO_LEFT.test(name) || name.startsWith(FIRST_STRONG_ISOLATE)) return name;
  return FIRST_STRONG_ISOLATE + name + POP_ISOLATE;
}

const WITH_NAMES: readonly string[] = ["seats", "floor", "chat"];

export function isolatedPerson<Person extends { name: string; seat_name?: string }>(person: Person): Person {
  const seat = person.seat_name;
  return { ...person, name: isolated(person.name), ...(seat !== undefined && { seat_name: isolated(seat) }) };
}

/** What the server tells, with names of people and seats that can stand anywhere. */
export function withIsolatedNames<Message extends { type: string }>(message: Message): Message {
  if (!WITH_NAMES.includes(message.type) || !RIGHT_TO_LEFT.test(JSON.stringify(message))) return message;
  return JSON.parse(JSON.stringify(message), (key, value: unknown) =>
    typeof value === "string" && (key === "name" || key === "seat_name") ? isolated(value) : value,
  ) as Message;
}

function letter(word: string): string {
  return [...word][0] ?? "";
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
