// The language of the page: the one that this person chose in this browser, or the first of the
// browser's that there is. English is always here; any other is loaded when it is wanted.
import { keep, kept } from "../lib/kept";
import { en } from "./en";
import type { Said } from "./said";

export type Texts = Said<typeof en>;

const ENGLISH = "en";
const files = import.meta.glob<{ default: Texts }>(["./??.ts", "!./en.ts"]);

/** ISO 639-1, all that there are. */
export const languages: readonly string[] = [
  ENGLISH,
  ...Object.keys(files).map((path) => path.slice("./".length, -".ts".length)),
];

/** Which of `available` is the first of `wanted`: fr serves who wants fr-CA. */
export function firstOf(wanted: readonly string[], available: readonly string[]): string | undefined {
  const primary = wanted.map((tag) => tag.split("-")[0]!.toLowerCase());
  return primary.find((tag) => available.includes(tag));
}

let texts = $state.raw<Texts>(en);
let code = $state(ENGLISH);
let asked = 0;

export const t: Texts = new Proxy(en, { get: (_, name) => Reflect.get(texts, name) });

/** In which the page is. */
export function language(): string {
  return code;
}

/** False: it could not be loaded, and the page stays as it is. */
async function use(wanted: string): Promise<boolean> {
  const mine = ++asked;
  const file = files[`./${wanted}.ts`];
  let loaded: Texts = en;
  try {
    if (file) loaded = (await file()).default;
  } catch {
    return false;
  }
  if (mine !== asked) return false; // another was chosen meanwhile
  texts = loaded;
  code = wanted;
  document.documentElement.lang = wanted;
  return true;
}

/** Before anything is shown. */
export async function beginLanguage(): Promise<void> {
  const chosen = kept("language");
  await use(firstOf([...(chosen ? [chosen] : []), ...navigator.languages], languages) ?? ENGLISH);
}

/** At once, and in this browser from now on. */
export async function chooseLanguage(wanted: string): Promise<void> {
  if (await use(wanted)) keep("language", wanted);
}
