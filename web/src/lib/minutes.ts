// The minutes over HTTP: their lines as the server makes them of the record, and what of it was signed.
import { t } from "../texts";

export type MinutesLanguage = "en" | "fr";
export const MINUTES_LANGUAGES: readonly MinutesLanguage[] = ["en", "fr"];

export interface MinutesLine {
  kind:
    | "marking"
    | "body"
    | "title"
    | "subtitle"
    | "heading"
    | "text"
    | "para"
    | "row"
    | "quote"
    | "note"
    | "fix";
  /** Number of the event that the line is of. */
  event?: number;
  /** Of the paragraph. */
  number?: number;
  label?: string;
  text: string;
  /** Of a quotation. */
  language?: string;
}

export interface MinutesText {
  language: MinutesLanguage;
  /** SHA-256 of the text in English and in French, which the chair adopts. */
  hash: string;
  lines: MinutesLine[];
}

/** The server's sentence, where it gave one. */
export class MinutesError extends Error {
  constructor(readonly sentence?: string) {
    super(sentence ?? "minutes");
  }
}

async function get(meeting: string, token: string, what: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/${what}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
    });
  } catch {
    throw new MinutesError();
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  const message = body?.error?.message;
  throw new MinutesError(message && t.said(message));
}

/** Throws a MinutesError. */
export async function fetchMinutes(meeting: string, token: string, language: MinutesLanguage): Promise<MinutesText> {
  return (await (await get(meeting, token, `minutes?language=${language}`)).json()) as MinutesText;
}

/** As a file to be kept. Throws a MinutesError. */
export async function fetchMinutesFile(
  meeting: string,
  token: string,
  language: MinutesLanguage,
  format: "html" | "text",
): Promise<Blob> {
  return (await get(meeting, token, `minutes?language=${language}&format=${format}`)).blob();
}

/** What a checkpoint says, without its signatures: origin, size, root (C2SP tlog-checkpoint). */
export interface Checkpoint {
  body: string;
  size: number;
}

/** Undefined: that is no checkpoint. */
export function readCheckpoint(note: string): Checkpoint | undefined {
  const [origin, size, root, empty] = note.split("\n");
  if (!origin || !root || empty !== "" || !/^[1-9][0-9]*$/.test(size ?? "")) return undefined;
  return { body: `${origin}\n${size}\n${root}\n`, size: Number(size) };
}

/** The server's, of this record's log, as a verifier key; "": not to be had now. */
export async function fetchKey(meeting: string, token: string): Promise<string> {
  const read = async (answer: Response) => ((await answer.json()) as { key: string }).key;
  return get(meeting, token, "record/key").then(read).catch(() => "");
}

/** The last one of the record, if it covers this event. */
export async function fetchCheckpoint(meeting: string, token: string, event: number): Promise<Checkpoint | undefined> {
  const note = await get(meeting, token, "record/checkpoint").then(
    (answer) => answer.text(),
    () => "",
  );
  const checkpoint = readCheckpoint(note);
  return checkpoint && checkpoint.size >= event ? checkpoint : undefined;
}
