// Acts that are signed by the key of who makes them (docs/record.md, "Signed acts"): over the act itself, the
// meeting, the person, the time, and a hash of the text that this page shows. So nobody else can make one in
// their name, the server included, nor put another text under it.
import { type DecisionToClient, type PaperToClient, SIGNED_ACTS, type ToServer } from "../gen/protocol";
import { toHex } from "../lib/hex";
import { Ungrounded } from "../record/grounds";
import { concat, toBase64url, utf8 } from "./bytes";
import { sha256, sign, type SigningKey } from "./keys";

const SIGNED = "parley act v1\n";
const ZERO = new Uint8Array(1);

/** Who signs. */
export interface Signatory {
  meeting: string;
  person: string;
  key: SigningKey;
}

/** What the page shows of what an act may be on. */
export interface Texts {
  decisions: ReadonlyMap<string, Pick<DecisionToClient, "texts" | "version" | "called">>;
  papers: ReadonlyMap<string, Pick<PaperToClient, "questions" | "options">>;
}

/** What of the record this page had proven to it. */
export interface Proven {
  /** Whether the event of this number is in it, now or in a moment. */
  covers(event: number): Promise<boolean>;
  /** The hash of its leaf, in base64; undefined: it is not proven. */
  leaf(event: number): Promise<string | undefined>;
}

type Signed = Extract<ToServer, { type: keyof typeof SIGNED_ACTS }>;

export function isSigned(message: ToServer): message is Signed {
  return message.type in SIGNED_ACTS;
}

/** In hexadecimal, over the pieces with a zero behind each. */
async function hash(pieces: readonly string[]): Promise<string> {
  const bytes = await sha256(concat(...pieces.flatMap((piece) => [utf8(piece), ZERO])));
  return toHex(bytes);
}

const LANGUAGE = /^[A-Za-z0-9-]{1,8}$/;

/** Texts that are told apart by what stands between them: with that in them, those of one hash could be shown in
 * two ways. No server that keeps to the rules has such. */
function tellApart(lines: readonly string[], texts: readonly string[]): void {
  if (lines.some((line) => /[\n\0]/.test(line)) || texts.some((text) => text.includes("\0")))
    throw new Error("the texts cannot be told apart");
}

/** What an act is on, as docs/record.md has it; undefined: on no text, or the page shows none of it. Rejects
 * what could stand for another text. */
export async function textHash(message: Signed, texts: Texts): Promise<string | undefined> {
  if (message.type === "propose_correction") return undefined;
  if (message.type === "vote") {
    const decision = texts.decisions.get(message.decision);
    if (decision?.version !== message.version) return undefined;
    tellApart([], decision.texts.map(({ text }) => text));
    if (!decision.texts.every(({ language }) => LANGUAGE.test(language))) throw new Error("a language is none");
    return hash(decision.texts.map(({ language, text }) => `${language}\n${text}`));
  }
  const paper = texts.papers.get(message.paper);
  const option = paper?.options.find((o) => o.option === message.option);
  if (!paper || !option) return undefined;
  const asked = new Map(paper.questions.map((q) => [q.question, q.text]));
  tellApart([...asked.values(), option.title], option.answers.map(({ text }) => text));
  return hash([option.title, ...option.answers.map((a) => `${asked.get(a.question) ?? ""}\n${a.text}`)]);
}

/** Since when that stands there: the number of the event that called the decision, or amended the option. What was
 * signed before is no act on it, should the server have kept it back. */
export function standsSince(message: Signed, texts: Texts): number | undefined {
  if (message.type === "vote") return texts.decisions.get(message.decision)?.called;
  if (message.type !== "take_position") return undefined;
  return texts.papers.get(message.paper)?.options.find((o) => o.option === message.option)?.since;
}

/** What an act is on, as it is signed. */
interface On {
  text?: string;
  since?: number;
  leaf?: string;
}

/** Throws Ungrounded where that is not in the record that this page had proven to it, or not on the page. */
async function readOn(message: Signed, texts: Texts, proven: Proven): Promise<On> {
  if (message.type === "propose_correction") {
    const leaf = await proven.leaf(message.event);
    if (leaf === undefined) throw new Ungrounded();
    return { leaf };
  }
  const since = standsSince(message, texts);
  const text = await textHash(message, texts);
  if (since === undefined || text === undefined) throw new Ungrounded();
  if (!(await proven.covers(since))) throw new Ungrounded();
  return { text, since };
}

function signedText(message: Signed, who: Signatory, on: On, now: number): string {
  const said = message as unknown as Record<string, unknown>;
  const names: readonly string[] = SIGNED_ACTS[message.type];
  const own = names.filter((field) => said[field] !== undefined);
  const { meeting, person } = who;
  const fields = Object.fromEntries(own.map((field) => [field, said[field]]));
  return JSON.stringify({ meeting, person, act: message.type, ...fields, ...on, time: now });
}

/** The act, signed; other messages as they are. `now`: Unix milliseconds. Rejects with Ungrounded where nothing is to
 * be signed. */
export async function signAct(message: ToServer, who: Signatory, texts: Texts, proven: Proven, now: number): Promise<ToServer> {
  if (!isSigned(message)) return message;
  const text = signedText(message, who, await readOn(message, texts, proven), now);
  const signature = await sign(who.key, utf8(SIGNED + text));
  const more = { signed_text: text, signature: toBase64url(signature) };
  return { ...message, ...more };
}
