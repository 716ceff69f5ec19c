// Captions: what captioners type, and what this browser makes of the sound by itself, for those who read
// along. Lines of the moment: nothing of them is kept when the page goes. Knows no sound and no network.
import type { Participant } from "../gen/protocol";
import { keep, kept } from "./kept";

/** A line as it is told. */
export interface Caption {
  line: number;
  text: string;
  /** False: more of it is to come. */
  done: boolean;
}

export interface CaptionLine extends Caption {
  key: number;
  channel: string;
  /** Who typed it; of the browser's own, who spoke. */
  participant: string | undefined;
}

/** The channel of what this browser makes by itself; no language has this name. */
export const AUTOMATIC = "automatic";

export const SIZES = ["small", "medium", "large"] as const;
export type CaptionSize = (typeof SIZES)[number];

/** To be scrolled back through. */
export const LINES_KEPT = 200;

function sizeOf(text: string | null): CaptionSize {
  return SIZES.find((s) => s === text) ?? "medium";
}

export class Captions {
  on = $state(kept("captions") === "yes");
  size = $state(sizeOf(kept("caption-size")));
  /** As chosen; it may have nobody just now. */
  #chosen = $state(kept("caption-channel") ?? "");
  lines = $state.raw<CaptionLine[]>([]);
  /** This browser makes some by itself, and may be asked to. */
  automatic = $state(false);

  #count = 0;

  constructor(private readonly people: ReadonlyMap<string, Participant>) {}

  /** The languages in which somebody types, or did. */
  get languages(): string[] {
    const typed = this.lines.map(({ channel }) => channel).filter((c) => c !== AUTOMATIC);
    const here = [...this.people.values()].flatMap((p) =>
      p.role === "captioner" && p.place === "room" && p.language !== undefined ? p.language : [],
    );
    return [...new Set([...here, ...typed])].sort();
  }

  get channels(): string[] {
    return this.automatic ? [...this.languages, AUTOMATIC] : this.languages;
  }

  /** The one that is read; undefined: there is none. */
  get channel(): string | undefined {
    const { channels } = this;
    return channels.includes(this.#chosen) ? this.#chosen : channels[0];
  }

  get shown(): CaptionLine[] {
    return this.lines.filter((l) => l.channel === this.channel && l.text !== "");
  }

  /** Somebody types in the channel that is read. */
  get served(): boolean {
    return this.channel !== undefined;
  }

  switch(on: boolean): void {
    this.on = on;
    keep("captions", on ? "yes" : "no");
  }

  choose(channel: string): void {
    this.#chosen = channel;
    keep("caption-channel", channel);
    this.switch(true);
  }

  resize(size: CaptionSize): void {
    this.size = size;
    keep("caption-size", size);
  }

  /** A line came, or came again with another text: then it stays where it was. */
  take(channel: string, participant: string | undefined, { line, text, done }: Caption): void {
    const at = this.lines.findIndex((l) => l.line === line && l.participant === participant && l.channel === channel);
    const before = this.lines[at];
    const now = { key: before?.key ?? this.#count++, channel, participant, line, text, done };
    this.lines = before ? this.lines.with(at, now) : [...this.lines, now].slice(-LINES_KEPT);
  }
}
