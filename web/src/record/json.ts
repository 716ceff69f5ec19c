// JSON as a record has it (docs/record.md): read without repeated names, and written in the one canonical
// encoding, so that what was read can be compared with what stands there.

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

/** Objects and lists within each other. */
const DEPTH_MAX = 8;
const INTEGER = /^-?[0-9]+$/;
const [INTEGER_MIN, INTEGER_MAX] = [-(1n << 63n), (1n << 63n) - 1n];
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS = new Map<string, Json>([["true", true], ["false", false], ["null", null]]);

function deeper(depth: number): number {
  if (depth === DEPTH_MAX) throw new SyntaxError("it is nested too deeply");
  return depth + 1;
}

/** NaN for what is no integer as it is written, as 1.0: no field is of such. */
function readNumber(text: string): number {
  if (!INTEGER.test(text)) {
    if (!Number.isFinite(Number(text))) throw new SyntaxError("a number is too large");
    return NaN;
  }
  const value = BigInt(text);
  if (value < INTEGER_MIN || value > INTEGER_MAX) throw new SyntaxError("a number is too large");
  return Number(text);
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Json {
    const value = this.value(0);
    this.take(SPACE);
    if (this.at < this.text.length) throw new SyntaxError("something stands behind the JSON");
    return value;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private next(character: string): boolean {
    this.take(SPACE);
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private value(depth: number): Json {
    if (this.next("{")) return this.object(deeper(depth));
    if (this.next("[")) return this.array(deeper(depth));
    if (this.text[this.at] === '"') return this.string();
    const number = this.take(NUMBER);
    if (number !== undefined) return readNumber(number);
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    throw new SyntaxError("it is no JSON");
  }

  private string(): string {
    const found = this.take(STRING);
    if (found === undefined) throw new SyntaxError("a string is no string");
    return JSON.parse(found) as string;
  }

  private array(depth: number): Json[] {
    const out: Json[] = [];
    if (this.next("]")) return out;
    do out.push(this.value(depth));
    while (this.next(","));
    if (!this.next("]")) throw new SyntaxError("a list has no end");
    return out;
  }

  private object(depth: number): JsonObject {
    const out = Object.create(null) as JsonObject;
    if (this.next("}")) return out;
    do {
      this.take(SPACE);
      const name = this.string();
      if (name in out) throw new SyntaxError(`the name "${name}" stands there twice`);
      if (!this.next(":")) throw new SyntaxError("a name has no value");
      out[name] = this.value(depth);
    } while (this.next(","));
    if (!this.next("}")) throw new SyntaxError("an object has no end");
    return out;
  }
}

/** Throws SyntaxError, also where a name is repeated. */
export function parse(text: string): Json {
  return new Reader(text).whole();
}

/** Throws SyntaxError, also for what is no object. */
export function parseObject(text: string): JsonObject {
  const value = parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("it is no JSON object");
  return value;
}

/** The canonical encoding of a string. */
export function quote(text: string): string {
  const escaped = text.replace(/[\u0000-\u001f"\\<]/g, (c) =>
    c === '"' || c === "\\" ? `\\${c}` : `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}

/** Equal values, whatever the order of names. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b))
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((v, i) => equal(v, b[i]));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => name in b && equal(a[name], b[name]));
}
