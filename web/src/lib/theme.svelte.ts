// Light or dark: as the system has it, or as this person wants it in this browser.
import { keep, kept } from "./kept";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

class Chosen {
  now = $state<Theme>(THEMES.find((theme) => theme === kept("theme")) ?? "system");

  choose(theme: Theme): void {
    this.now = theme;
    keep("theme", theme);
    this.apply();
  }

  /** The next one. */
  turn(): void {
    this.choose(THEMES[(THEMES.indexOf(this.now) + 1) % THEMES.length]!);
  }

  apply(): void {
    document.documentElement.dataset["theme"] = this.now;
  }
}

export const theme = new Chosen();
