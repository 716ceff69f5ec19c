// An act from a form that stays open until the act is done, so that nothing written is lost when it
// is refused. To be made while a component is set up.
import type { ToServer } from "../gen/protocol";
import { t } from "../texts";
import type { Procedure } from "./procedure.svelte";

/** An act that changes nothing is answered by nothing. */
const SILENCE_MS = 2_000;

export class Sending {
  waiting = $state(false);

  #before: unknown;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `part` is what the act changes, as the procedure has it; `done` closes the form. */
  constructor(
    private readonly procedure: Procedure,
    private readonly type: ToServer["type"],
    private readonly part: () => unknown,
    private readonly done: () => void,
  ) {
    $effect(() => procedure.telling([type]));
    $effect(() => {
      if (!this.waiting) return;
      if (procedure.refusals.has(type)) this.#rest();
      else if (part() !== this.#before) this.#finish();
    });
    $effect(() => () => clearTimeout(this.#timer));
  }

  /** The server's sentence; empty: there is no connection. Undefined: nothing was refused. */
  get refusal(): string | undefined {
    const refusal = this.procedure.refusals.get(this.type);
    return refusal && t.said(refusal.text ?? "");
  }

  send(message: ToServer): void {
    this.#before = this.part();
    this.waiting = this.procedure.act(message);
    clearTimeout(this.#timer);
    if (this.waiting) this.#timer = setTimeout(() => this.#finish(), SILENCE_MS);
  }

  #rest(): void {
    clearTimeout(this.#timer);
    this.waiting = false;
  }

  #finish(): void {
    this.#rest();
    this.done();
  }
}
