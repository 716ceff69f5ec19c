// Numbers, lists and times as a language writes them: what the texts of all languages do alike.

import { isZone } from "../lib/clock";

export interface Forms {
  one: string;
  other: string;
}

/** Europe/Brussels is read as Brussels; what is no zone, as UTC. */
export function zoneName(zone: string): string {
  return isZone(zone) ? (zone.split("/").at(-1) ?? zone).replaceAll("_", " ") : "UTC";
}

/** Of a language, in itself, as a title: Français. */
export function pageLanguageName(code: string): string {
  const name = new Intl.DisplayNames(code, { type: "language" }).of(code) ?? code;
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1);
}

export type Formatting = ReturnType<typeof make>;

const made = new Map<string, Formatting>();

/** `locale`: a BCP 47 tag, as in en-GB. */
export function formatting(locale: string): Formatting {
  const format = made.get(locale) ?? make(locale);
  made.set(locale, format);
  return format;
}

function make(locale: string) {
  const plurals = new Intl.PluralRules(locale);
  const whole = new Intl.NumberFormat(locale);
  const tenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const lists = new Intl.ListFormat(locale, { type: "conjunction" });
  const languages = new Intl.DisplayNames(locale, { type: "language" });
  const regions = new Intl.DisplayNames(locale, { type: "region", fallback: "none" });
  const clocks = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const seconds = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const instants = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "medium" });
  const days = new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
  });

  /** The form that goes with `n`. */
  const form = (n: number, forms: Forms) => (plurals.select(n) === "one" ? forms.one : forms.other);

  return {
    form,
    /** "3 members" */
    count: (n: number, one: string, other: string) => `${whole.format(n)} ${form(n, { one, other })}`,
    whole: (n: number) => whole.format(n),
    /** With one decimal place. */
    tenth: (n: number) => tenth.format(n),
    list: (words: readonly string[]) => lists.format(words),
    /** Of a tag as in BCP 47; what is none stays as it is. */
    languageName: (tag: string) => {
      try {
        return languages.of(tag) ?? tag;
      } catch {
        return tag;
      }
    },
    /** Of a country's code; undefined: the language has none for it. */
    regionName: (code: string) => regions.of(code),
    /** 15:04 where the reader is, */
    clock: (at: number | Date) => clocks.format(at),
    /** and in another zone. */
    clockIn: (at: number, timeZone: string) =>
      new Intl.DateTimeFormat(locale, { timeZone, hour: "2-digit", minute: "2-digit" }).format(at),
    /** 15:04:05; and with its day. */
    second: (at: number | Date) => seconds.format(at),
    instant: (at: number | Date) => instants.format(at),
    /** 15:04, with its day if that is not today's. */
    soon: (at: number) => (new Date(at).toDateString() === new Date().toDateString() ? clocks : days).format(at),
    /** With its day, short, where the reader is; */
    day: (at: number | Date) => days.format(at),
    /** and in full, or in another zone. */
    moment: (at: number | Date, timeZone?: string) =>
      new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short", timeZone }).format(at),
    /** In a zone that exists; with seconds where there are some. */
    inZone: (at: number, timeZone: string) =>
      new Intl.DateTimeFormat(locale, {
        timeZone,
        weekday: "short",
        day: "numeric",
        month: "long",
        hour: "2-digit",
        minute: "2-digit",
        ...(at % 60_000 === 0 ? {} : { second: "2-digit" }),
      }).format(at),
  };
}
