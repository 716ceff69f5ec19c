// The texts in the language in use. There is one so far.
import { en } from "./en";

export type Texts = typeof en;

export const t: Texts = en;
