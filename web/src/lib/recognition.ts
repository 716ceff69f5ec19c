// Speech recognition by the browser on this device: the Web Speech API with `processLocally`. Never the one
// that sends sound to a server of the browser's maker: where the browser has no local one, there is none.
// https://webaudio.github.io/web-speech-api/

export type Availability = "available" | "downloadable" | "downloading" | "unavailable";

interface LocalOptions {
  langs: string[];
  processLocally: true;
}

interface RecognitionResult {
  readonly isFinal: boolean;
  readonly [index: number]: { readonly transcript: string } | undefined;
}

export interface RecognitionEvent {
  readonly resultIndex: number;
  readonly results: ArrayLike<RecognitionResult>;
}

export interface Recogniser {
  lang: string;
  continuous: boolean;
  interimResults: boolean;
  processLocally: boolean;
  onresult: ((event: RecognitionEvent) => void) | null;
  onerror: ((event: { readonly error: string }) => void) | null;
  onend: (() => void) | null;
  start(track: MediaStreamTrack): void;
  abort(): void;
}

export interface Recognition {
  new (): Recogniser;
  available(options: LocalOptions): Promise<Availability>;
  install(options: LocalOptions): Promise<boolean>;
}

/** What the browser has, if it can be told to stay on this device. One that knows `processLocally` takes a
 * track, too; one that does not would listen to the microphone, and send it away. */
export function localRecognition(scope: object = globalThis): Recognition | undefined {
  const all = scope as Record<string, unknown>;
  const found = (all["SpeechRecognition"] ?? all["webkitSpeechRecognition"]) as (Partial<Recognition> & { prototype?: object }) | undefined;
  if (typeof found?.available !== "function" || typeof found.install !== "function") return undefined;
  return "processLocally" in (found.prototype ?? {}) ? (found as Recognition) : undefined;
}

const local = (language: string): LocalOptions => ({ langs: [language], processLocally: true });

/** Whether this language can be recognised here; what fails counts as no. */
export async function availability(recognition: Recognition | undefined, language: string): Promise<Availability> {
  return (await recognition?.available(local(language)).catch(() => undefined)) ?? "unavailable";
}

/** Errors after which trying again is of no use. */
const FINAL_ERRORS = ["not-allowed", "service-not-allowed", "language-not-supported", "audio-capture"];

/** One that ends by itself is started again, after so long. */
const AGAIN_MS = 500;

export interface Heard {
  line: number;
  text: string;
  done: boolean;
}

/** Turns a track into lines for as long as it is not stopped. */
export class Listening {
  #recogniser: Recogniser | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  /** Lines of the recognisers before this one. */
  #base = 1;
  #lines = 0;

  constructor(
    private readonly recognition: Recognition,
    private readonly language: string,
    private readonly track: MediaStreamTrack,
    private readonly heard: (line: Heard) => void,
    private readonly failed: () => void,
  ) {
    this.#start();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#again);
    this.#recogniser?.abort();
  }

  #start(): void {
    const r = new this.recognition();
    r.lang = this.language;
    r.continuous = true;
    r.interimResults = true;
    r.processLocally = true;
    r.onresult = (event) => this.#take(event);
    r.onerror = ({ error }) => {
      if (!FINAL_ERRORS.includes(error) || this.#stopped) return;
      this.#stopped = true;
      this.failed();
    };
    r.onend = () => {
      if (this.#stopped) return;
      this.#base += this.#lines;
      this.#lines = 0;
      this.#again = setTimeout(() => this.#start(), AGAIN_MS);
    };
    this.#recogniser = r;
    r.start(this.track);
  }

  #take({ resultIndex, results }: RecognitionEvent): void {
    if (this.#stopped) return;
    for (let i = resultIndex; i < results.length; i++) {
      const result = results[i]!;
      const text = result[0]?.transcript.trim() ?? "";
      this.#lines = Math.max(this.#lines, i + 1);
      this.heard({ line: this.#base + i, text, done: result.isFinal });
    }
  }
}

/** Finds out, installs what is missing, and listens. False: this browser does not do it here. */
export async function prepareLocal(recognition: Recognition | undefined, language: string): Promise<boolean> {
  const now = await availability(recognition, language);
  if (now === "available") return true;
  if (now === "unavailable" || !recognition) return false;
  return recognition.install(local(language)).catch(() => false);
}
