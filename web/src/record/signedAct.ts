// Acts that their maker signed (docs/record.md, "Signed acts"), but for the text that they are on.
import { type Bytes, fromBase64url, signedBy, utf8 } from "./digest";
import { demand, Fault } from "./fault";
import { equal, type JsonObject, parseObject } from "./json";
import { personOf } from "./results";
import { ACTS } from "./schema";

const FIELDS_OF_SIGNED = ["meeting", "person", "act", "text", "since", "time"];
const FIELDS_OF_CORRECTION = ["meeting", "person", "act", "leaf", "time"];

/** The fields of an act that are its maker's own. */
export function ownFields(act: string): string[] {
  return ACTS.get(act)!.fields.filter((field) => !field.added).map(({ name }) => name);
}

export async function isActSigned(key: Bytes, text: string, signature: string): Promise<boolean> {
  const bytes = fromBase64url(signature);
  return bytes !== undefined && signedBy(key, bytes, utf8(`parley act v1\n${text}`));
}

/** What was signed, if that is what stands there; else throws a Fault. */
export function readSigned(event: JsonObject, text: string, meeting: string, person: string): JsonObject {
  let said: JsonObject;
  try {
    said = parseObject(text);
  } catch {
    throw new Fault("What was signed is no JSON object.");
  }
  const own = ownFields(event["act"] as string);
  const fields = event["act"] === "propose_correction" ? FIELDS_OF_CORRECTION : FIELDS_OF_SIGNED;
  const unknown = Object.keys(said).find((name) => !fields.includes(name) && !own.includes(name));
  demand(unknown === undefined, `What was signed says something of "${unknown}", which the act does not have.`);
  demand(said["meeting"] === meeting, "What was signed is of another meeting.");
  demand(said["person"] === person, "What was signed is another person's.");
  for (const name of ["act", ...own])
    demand(equal(said[name], event[name]), `What was signed says something else of "${name}".`);
  return said;
}

/** `none`: it is not signed. `other`: by no key that this browser knows to be the person's. `wrong`: it is not what
 * was signed. */
export type Signed = "good" | "none" | "other" | "wrong";

/** By the keys that the organiser gave. */
export async function checkSigned(event: JsonObject, meeting: string, people: ReadonlyMap<string, { key: Bytes; seat?: string }>): Promise<Signed> {
  const { signed_text: text, signature, by, seat } = event;
  if (typeof text !== "string" || typeof signature !== "string") return "none";
  const person = personOf(typeof by === "string" ? by : "");
  const signer = people.get(person);
  if (!signer || !(await isActSigned(signer.key, text, signature))) return "other";
  try {
    readSigned(event, text, meeting, person);
  } catch {
    return "wrong";
  }
  return seat === undefined || seat === signer.seat ? "good" : "wrong";
}
