// Interpretation: which channel is heard beside the floor, how loud the original stays, and who is at
// the microphone of which. Knows no sound: it says how loud each participant is to be.
import type { ListenToServer, Participant } from "../gen/protocol";
import { keep, kept } from "./kept";

/** Of the original's loudness, beside an interpretation that is heard. */
const ORIGINAL = 0.2;

/** Who speaks into a channel now. */
export function atMicrophone(people: Iterable<Participant>, language: string): Participant | undefined {
  for (const p of people) {
    const speaks = p.booth && p.sources.some((s) => s.kind === "microphone");
    if (p.role === "interpreter" && p.language === language && speaks) return p;
  }
  return undefined;
}

/** The other interpreters of somebody's channel. */
export function boothmates(people: Iterable<Participant>, self: Participant): Participant[] {
  return [...people].filter(
    (p) => p.role === "interpreter" && p.language === self.language && p.id !== self.id && p.place === "room",
  );
}

function fraction(text: string | null): number {
  const n = text ? Number(text) : ORIGINAL;
  return n >= 0 && n <= 1 ? n : ORIGINAL;
}

export class Interpretation {
  /** Of the meeting. */
  languages = $state.raw<string[]>([]);
  /** The channel that is listened to; undefined: the floor alone. */
  language = $state<string>();
  /** How loud the original stays, 0 to 1. */
  original = $state(fraction(kept("original")));
  /** The loudness of what is heard may have changed. */
  changed: () => void = () => undefined;

  #begun = false;

  constructor(
    private readonly people: ReadonlyMap<string, Participant>,
    private readonly send: (message: ListenToServer) => boolean,
  ) {}

  /** Who is at the microphone of the chosen channel. */
  get speaks(): Participant | undefined {
    return this.language === undefined ? undefined : this.speaksInto(this.language);
  }

  speaksInto(language: string): Participant | undefined {
    return atMicrophone(this.people.values(), language);
  }

  /** A connection was made: the server may have forgotten. */
  restart(languages: string[]): void {
    this.languages = languages;
    if (this.language !== undefined && !languages.includes(this.language)) this.language = undefined;
    if (this.language !== undefined) this.#say();
    this.changed();
  }

  /** Somebody came, changed, or went. With the own entry the choice of last time is made again; an
   * interpreter begins with the floor. */
  noted(self: Participant | undefined): void {
    if (self && !this.#begun) {
      this.#begun = true;
      const last = kept("channel");
      if (self.role !== "interpreter" && last && this.languages.includes(last)) this.choose(last);
    }
    this.changed();
  }

  choose(language: string | undefined): void {
    this.language = language;
    keep("channel", language ?? "");
    this.#say();
    this.changed();
  }

  /** An interpreter's choice is of the moment: nothing is remembered. */
  relay(language: string | undefined): void {
    this.language = language;
    this.#say();
    this.changed();
  }

  setOriginal(loudness: number): void {
    this.original = loudness;
    keep("original", String(loudness));
    this.changed();
  }

  /** How loud somebody is to be heard: the original gives way while somebody interprets. */
  loudnessOf(participant: string | undefined): number {
    const role = participant === undefined ? undefined : this.people.get(participant)?.role;
    return role === "interpreter" || !this.speaks ? 1 : this.original;
  }

  #say(): void {
    const { language } = this;
    this.send(language === undefined ? { type: "listen" } : { type: "listen", language });
  }
}
