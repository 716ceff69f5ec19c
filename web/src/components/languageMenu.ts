// The language of the page as a group of a menu.
import { chooseLanguage, language, languages, t } from "../texts";
import type { MenuGroup } from "./Menu.svelte";

export function languageMenu(): MenuGroup {
  return {
    title: t.pageLanguage,
    items: languages.map((code) => ({
      label: t.pageLanguageName(code),
      chosen: code === language(),
      run: () => void chooseLanguage(code),
      testid: `language-${code}`,
    })),
  };
}
