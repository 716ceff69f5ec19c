// Small matters of names and texts.

/** One or two letters that stand for a name. Titles in brackets and after commas do not count. */
export function initials(name: string): string {
  const words = name
    .replace(/\(.*?\)|,.*$/g, " ")
    .split(/[\s.]+/u)
    .filter((w) => /^[\p{L}\p{N}]/u.test(w));
  const first = words[0];
  if (!first) return "?";
  const last = words.length > 1 ? words[words.length - 1]! : "";
  return (letter(first) + letter(last)).toLocaleUpperCase();
}

function letter(word: string): string {
  return [...word][0] ?? "";
}

export function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}
