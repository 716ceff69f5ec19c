// A section that sends: which track it carries, and which of its encodings go out.
import { activeLayers } from "./layers";

/** What is used of a transceiver. */
export interface Section {
  readonly mid: string | null;
  readonly sender: Pick<RTCRtpSender, "track" | "getParameters" | "setParameters" | "replaceTrack">;
}

/** What gives way first on a narrow line. Of a camera the browser decides. */
function degradation(track: MediaStreamTrack | null): RTCDegradationPreference | undefined {
  if (track?.contentHint === "detail") return "maintain-resolution";
  return track?.contentHint === "motion" ? "maintain-framerate" : undefined;
}

export class Own {
  #wanted = 0;
  #track: MediaStreamTrack | null = null; // the last one given, which the sender may not have yet
  #begin: () => void = () => undefined;
  /** The end of what is being done. Nothing is before the answer was applied: that makes all encodings
   * of simulcast active in Chromium, whatever they were before. */
  #configured: Promise<void> = new Promise<void>((resolve) => (this.#begin = resolve)).then(() =>
    this.#try(),
  );

  constructor(readonly section: Section) {}

  get mid(): string {
    return this.section.mid ?? "";
  }

  /** The answer was applied. */
  begin(): void {
    this.#begin();
  }

  /** The height at which the others want it; before the first word nobody does. */
  want(height: number): void {
    this.#wanted = height;
    this.configure();
  }

  /** Carries this track from now on, or nothing. */
  send(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.configure();
  }

  /** Encodes what is wanted, and nothing else. One call after the other, as each refers to the
   * parameters that it read. */
  configure(): void {
    this.#configured = this.#configured.then(() => this.#try());
  }

  #try(): Promise<void> {
    return this.#apply().catch(() => undefined); // only a closed connection refuses
  }

  async #apply(): Promise<void> {
    const track = this.#track;
    await this.#encode(track);
    await this.#carry(track);
  }

  async #encode(track: MediaStreamTrack | null): Promise<void> {
    const { sender } = this.section;
    const parameters = sender.getParameters();
    const active = activeLayers(
      parameters.encodings.map((e) => e.scaleResolutionDownBy ?? 1),
      track?.getSettings().height ?? 0,
      this.#wanted,
    );
    const preference = degradation(track);
    if (
      (!preference || parameters.degradationPreference === preference) &&
      parameters.encodings.every((e, i) => e.active === active[i])
    ) {
      return;
    }
    parameters.encodings.forEach((e, i) => (e.active = active[i] ?? true));
    if (preference) parameters.degradationPreference = preference;
    await sender.setParameters(parameters);
  }

  /** A track that nobody has wanted yet is not attached: Firefox may encode a frame of it before it
   * heeds that no encoding is active. */
  async #carry(track: MediaStreamTrack | null): Promise<void> {
    const { sender } = this.section;
    if (sender.track === track || (sender.track === null && this.#wanted === 0)) return;
    await sender.replaceTrack(track);
  }
}
