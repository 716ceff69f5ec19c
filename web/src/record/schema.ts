// What a line may hold: names in their order, kinds and bounds; by it a line that was read is written anew and
// must be the same. The acts come from the list that the server is made of.
import list from "../../../src/meet/acts.json";
import { type Json, type JsonObject, quote } from "./json";

export interface Field {
  name: string;
  type: string;
  optional?: boolean;
  array?: number;
  min?: number;
  max?: number;
  /** By the server: not its maker's. */
  added?: boolean;
}

export interface Act {
  name: string;
  fields: Field[];
  kept?: boolean;
  signed?: boolean;
}

/** All but tab and ends of lines. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;
const WORD_MAX = Number.MAX_SAFE_INTEGER;
const SIGNED_TEXT_MAX = 16_000;
const SIGNATURE_MAX = 86;
const MINUTES_MAX = 1300 << 10;

const enums = list.enums as Record<string, string[]>;
const types = list.types as Record<string, { fields: Field[] }>;
/** Of acts that are signed, behind their own. */
const SIGNED: Field[] = [
  { name: "signed_text", type: "string", max: SIGNED_TEXT_MAX, optional: true },
  { name: "signature", type: "string", max: SIGNATURE_MAX, optional: true },
];
const HEAD: Field[] = [
  { name: "number", type: "int", min: 1, max: WORD_MAX },
  { name: "at", type: "time" },
  { name: "by", type: "string", max: 32, optional: true },
  { name: "salt", type: "string", max: 22, optional: true },
  { name: "act", type: "string", max: 32 },
];

export const ACTS: ReadonlyMap<string, Act> = new Map((list.acts as Act[]).map((act) => [act.name, act]));

const text = (name: string, max: number): Field => ({ name, type: "string", max });
const count = (name: string): Field => ({ name, type: "int", min: 1, max: WORD_MAX });
const record = text("record", 16);
const note = text("note", 1 << 20);
/** The lines that are no events, by what they begin with. */
export const LINES: Readonly<Record<string, Field[]>> = {
  head: [record, count("format"), text("meeting", 32), text("origin", 400), text("key", 600)],
  definition: [record, text("text", 3 << 20)],
  manifest: [record, text("manifest", 256 << 10), text("signature", SIGNATURE_MAX), text("key", 43), text("signed_by", 32)],
  minutes: [record, text("en", MINUTES_MAX), text("fr", MINUTES_MAX)],
  rotation: [record, note],
  checkpoint: [record, note],
  end: [record, count("lines"), text("sha256", 64), text("signature", SIGNATURE_MAX)],
};

const bytes = new TextEncoder();

function whole(value: Json, min: number, max: number): string | undefined {
  const fits = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= max;
  return fits && !Object.is(value, -0) ? String(value) : undefined;
}

/** The value written anew; undefined: it is none of this kind. */
function encodeOne(field: Field, value: Json): string | undefined {
  const { type } = field;
  if (type === "string") {
    const fits = typeof value === "string" && bytes.encode(value).length <= (field.max ?? 0) && !CONTROL.test(value);
    return fits ? quote(value) : undefined;
  }
  if (type === "bool") return typeof value === "boolean" ? String(value) : undefined;
  if (type === "int") return whole(value, field.min ?? 0, field.max ?? 0);
  if (type === "id") return whole(value, 1, WORD_MAX);
  if (type === "time") return whole(value, 0, WORD_MAX);
  if (type in enums) return typeof value === "string" && enums[type]!.includes(value) ? quote(value) : undefined;
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? encodeObject(types[type]!.fields, value).text : undefined;
}

function encodeField(field: Field, value: Json): string | undefined {
  if (field.array === undefined) return encodeOne(field, value);
  if (!Array.isArray(value) || value.length > field.array) return undefined;
  const all = value.map((one) => encodeOne(field, one));
  return all.includes(undefined) ? undefined : `[${all.join(",")}]`;
}

/** The object written anew, or the name of the field that is not as it must be. */
export function encodeObject(fields: readonly Field[], object: JsonObject): { text?: string; wrong?: string } {
  const out: string[] = [];
  for (const field of fields) {
    const value = object[field.name];
    if (value === undefined && field.optional) continue;
    const written = value === undefined ? undefined : encodeField(field, value);
    if (written === undefined) return { wrong: field.name };
    out.push(`${quote(field.name)}:${written}`);
  }
  const unknown = Object.keys(object).find((name) => !fields.some((field) => field.name === name));
  return unknown === undefined ? { text: `{${out.join(",")}}` } : { wrong: unknown };
}

export function fieldsOf(act: Act): Field[] {
  return [...HEAD, ...act.fields, ...(act.signed ? SIGNED : [])];
}
