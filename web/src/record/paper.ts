// What the QR code on minutes tells the page that verifies, behind the #, which no server sees: the log, how many
// events it had, their root, and the server's key.
import { base64url, fromBase64url, KEY_BYTES } from "./digest";
import { readCheckpoint, readKey, writeKey } from "./note";
import type { Paper } from "./verify";

const ORIGIN_MAX = 320;
const ROOT_BYTES = 32;

/** undefined: it says nothing of a paper, or nothing that can be understood. */
export async function readPaper(fragment: string): Promise<Paper | undefined> {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const origin = fields.get("origin") ?? "";
  const size = fields.get("size") ?? "";
  const root = fromBase64url(fields.get("root") ?? "");
  const key = fromBase64url(fields.get("key") ?? "");
  if (!/^[!-*,-~]+$/.test(origin) || origin.length > ORIGIN_MAX || !/^[1-9][0-9]{0,15}$/.test(size)) return undefined;
  if (root?.length !== ROOT_BYTES || !Number.isSafeInteger(Number(size))) return undefined;
  const paper = { origin, size: Number(size), root };
  return key?.length === KEY_BYTES ? { ...paper, key: await writeKey({ name: origin, key }) } : paper;
}

/** The link of a checkpoint's text, as the QR code has it; `vkey` is the server's, of this log. */
export async function paperLink(page: string, checkpoint: string, vkey: string): Promise<string | undefined> {
  const read = readCheckpoint(checkpoint);
  const key = await readKey(vkey);
  if (!read || !key) return undefined;
  return `${page}#origin=${read.origin}&size=${read.size}&root=${base64url(read.root)}&key=${base64url(key.key)}`;
}
