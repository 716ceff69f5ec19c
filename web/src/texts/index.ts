// The texts in the language of the page: `t` is read where something is shown, so that it changes
// with the language. en.ts is the shape; each other file of two letters is a language.
export { beginLanguage, chooseLanguage, language, languages, t, type Texts } from "./language.svelte";
