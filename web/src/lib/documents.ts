// Documents of an item over HTTP: fetched and sent with the bearer's token, an invitation's or the
// administrator's.
import type { Attachment } from "../gen/protocol";
import { toHex } from "./hex";
import { t } from "../texts";

/** What the server takes and a page shows. */
export const DOCUMENT_TYPES: readonly string[] = ["application/pdf", "image/png", "image/jpeg", "image/webp"];
export const DOCUMENT_BYTES_MAX = 32 << 20;

export type DocumentFault = "kind" | "empty" | "large";

/** Why a file is not worth sending; undefined: it is. */
export function documentFault(file: { type: string; size: number }): DocumentFault | undefined {
  if (!DOCUMENT_TYPES.includes(file.type)) return "kind";
  if (file.size === 0) return "empty";
  return file.size > DOCUMENT_BYTES_MAX ? "large" : undefined;
}

/** The server's sentence, where it gave one. */
export class DocumentError extends Error {
  constructor(readonly sentence?: string) {
    super(sentence ?? "document");
  }
}

function address(meeting: string): string {
  return `/api/meetings/${encodeURIComponent(meeting)}/documents`;
}

function sentenceOf(body: string): string | undefined {
  try {
    const message = (JSON.parse(body) as { error?: { message?: string } }).error?.message;
    return message && t.said(message);
  } catch {
    return undefined;
  }
}

export interface Fetched {
  blob: Blob;
  /** The bytes are those that the record names; undefined: this browser does not say (no https). */
  genuine: boolean | undefined;
}

/** `progress` from 0 to 1. Throws a DocumentError; an AbortError when given up. */
export async function fetchDocument(
  meeting: string,
  token: string,
  about: Attachment,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<Fetched> {
  let response: Response;
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    response = await fetch(`${address(meeting)}/${encodeURIComponent(about.document)}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal,
    });
    if (!response.ok || !response.body) throw new DocumentError(sentenceOf(await response.text()));
    let got = 0;
    const reader = response.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value);
      got += part.value.length;
      progress(Math.min(1, got / about.size));
    }
  } catch (error) {
    if (error instanceof DocumentError || signal.aborted) throw error;
    throw new DocumentError();
  }
  // The type that the record names, not one that the answer claims.
  const blob = new Blob(parts, { type: about.media_type });
  return { blob, genuine: await isGenuine(blob, about.sha256) };
}

async function isGenuine(blob: Blob, sha256: string): Promise<boolean | undefined> {
  if (!("subtle" in crypto)) return undefined;
  const hash = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return toHex(new Uint8Array(hash)) === sha256.toLowerCase();
}

/** Sends a file; `progress` from 0 to 1. Throws a DocumentError. */
export function sendDocument(
  meeting: string,
  token: string,
  item: string,
  file: File,
  progress: (part: number) => void,
): Promise<void> {
  // XMLHttpRequest: fetch does not say how much was sent.
  const request = new XMLHttpRequest();
  const query = new URLSearchParams({ item, name: file.name });
  request.open("POST", `${address(meeting)}?${query}`);
  request.setRequestHeader("Authorization", `Bearer ${token}`);
  request.setRequestHeader("Content-Type", file.type);
  request.upload.onprogress = (e) => {
    if (e.lengthComputable) progress(e.loaded / e.total);
  };
  return new Promise((resolve, reject) => {
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new DocumentError(sentenceOf(request.responseText) ?? ""));
    };
    request.onerror = () => reject(new DocumentError());
    request.send(file);
  });
}
