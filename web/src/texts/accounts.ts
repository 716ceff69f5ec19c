// The texts of signing in and of accounts, in the language of the page. They are apart from all others, so
// that who joins a meeting does not load them.
import { accounts as en } from "./en.accounts";
import { accounts as fr } from "./fr.accounts";
import { language } from "./language.svelte";
import type { Said } from "./said";

const tables: Record<string, Said<typeof en>> = { fr };

export const a: Said<typeof en> = new Proxy(en, {
  get: (_, name) => Reflect.get(tables[language()] ?? en, name) as unknown,
});
