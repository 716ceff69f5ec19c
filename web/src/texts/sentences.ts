// Sentences that come in English from the server, and from what verifies records and encryption, said in
// another language. What identifies one is the sentence itself, as it stands in the source, with its
// placeholders (%s, %zu…): so none can be mistaken for another, and one that a language does not have
// yet is still said, in English.

const PLACEHOLDER = /%(?:\.\*)?(?:z|ll)?[a-z]/g;

/** Matches `format` as printf may have filled it. */
function matcher(format: string): RegExp {
  const literal = format.split(PLACEHOLDER).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join("(.+?)")}$`, "s");
}

/** What is said of a field, "must not be empty", as a sentence of its own. */
export function sentenceOf(words: string): string {
  const sentence = words.charAt(0).toLocaleUpperCase("en") + words.slice(1);
  return /[.!?]$/.test(sentence) || sentence === "" ? sentence : `${sentence}.`;
}

/** `table`: from the server's sentences to this language's, with placeholders in the same order. */
export function sayer(table: Readonly<Record<string, string>>): (sentence: string) => string {
  const formats = Object.keys(table)
    .filter((format) => format.search(PLACEHOLDER) >= 0)
    .map((format) => ({ pattern: matcher(format), said: table[format]! }));
  return (sentence) => {
    if (Object.hasOwn(table, sentence)) return table[sentence]!;
    for (const { pattern, said } of formats) {
      const given = pattern.exec(sentence)?.slice(1);
      if (given) return said.replace(PLACEHOLDER, () => given.shift() ?? "");
    }
    return sentence;
  };
}
