// The texts of passkeys, in the language of the page; apart, as those of accounts are (accounts.ts).
import { AdminError } from "../lib/admin";
import { PasskeyError } from "../lib/passkey";
import { passkeys as en } from "./en.passkeys";
import { passkeys as fr } from "./fr.passkeys";
import { t } from "./index";
import { language } from "./language.svelte";
import type { Said } from "./said";

const tables: Record<string, Said<typeof en>> = { fr };

export const p: Said<typeof en> = new Proxy(en, {
  get: (_, name) => Reflect.get(tables[language()] ?? en, name) as unknown,
});

/** Why something with a passkey came to nothing; throws what is nobody's to know. */
export function whyNot(error: unknown): string {
  if (error instanceof PasskeyError) return p.problem[error.kind];
  if (error instanceof AdminError) return error.sentence ? p.said(error.sentence) : t.prepare.error(error.kind);
  throw error;
}
