// The record of the meeting as far as one may read it, page after page from the server; new events as they come,
// and those that became readable since.
import type { JsonObject } from "../record/json";
import { type Entry, type Names, Teller } from "./ledger";

const ANSWER_MS = 20_000;

/** The server's sentence, where it gave one. */
export class LedgerError extends Error {}

interface Page {
  events: { number: number; event: string }[];
  recorded: number;
  next?: number;
}

async function get(meeting: string, token: string, what: string): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(`/api/meetings/${encodeURIComponent(meeting)}/record/${what}`, {
      headers: { Authorization: `Bearer ${token}` },
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch {
    throw new LedgerError();
  }
  if (response.ok) return response;
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  throw new LedgerError(body?.error?.message);
}

export class Ledger {
  /** In their order. */
  entries = $state.raw<readonly Entry[]>([]);
  titles = $state.raw<ReadonlyMap<string, string>>(new Map());
  /** How many events there are, readable or not. */
  recorded = $state(0);
  loading = $state(false);
  /** Why it cannot be read; empty: no answer. */
  problem = $state<string>();

  #bytes = new Map<number, string>();
  #seen = 0;
  #teller: Teller;
  #tail: Promise<void> = Promise.resolve();

  constructor(
    private readonly meeting: string,
    private readonly token: string,
    private readonly names: Names,
  ) {
    this.#teller = new Teller(names);
  }

  /** Whatever came since. */
  update(): Promise<void> {
    this.#tail = this.#tail.then(() => this.#read(this.#seen));
    return this.#tail;
  }

  async #read(after: number): Promise<void> {
    this.loading = true;
    try {
      for (let next: number | undefined = after; next !== undefined; ) {
        const page: Page = (await (await get(this.meeting, this.token, `events?after=${next}`)).json()) as Page;
        this.recorded = page.recorded;
        const again = this.#take(page);
        this.#seen = Math.max(this.#seen, page.next ?? page.recorded);
        if (again !== undefined) await this.#again(again);
        next = page.next;
      }
      this.problem = undefined;
    } catch (error) {
      this.problem = error instanceof LedgerError ? error.message : "";
    }
    this.loading = false;
  }

  /** What was hidden behind this number may be readable now. */
  async #again(after: number): Promise<void> {
    for (let next: number | undefined = after; next !== undefined && next < this.#seen; ) {
      const page: Page = (await (await get(this.meeting, this.token, `events?after=${next}`)).json()) as Page;
      this.#take(page, false);
      next = page.next;
    }
  }

  /** Behind which number there may be more to read now; undefined: nowhere. */
  #take({ events }: Page, looks = true): number | undefined {
    const fresh = events.filter(({ number }) => !this.#bytes.has(number));
    const first = fresh[0]?.number;
    if (first === undefined) return undefined;
    const behindAll = first > (this.entries.at(-1)?.number ?? 0);
    for (const { number, event } of fresh) this.#bytes.set(number, event);
    if (!behindAll) this.#teller = new Teller(this.names); // what is told depends on what came before
    const told = behindAll ? fresh.map(({ number, event }) => [number, event] as const) : [...this.#bytes].sort(([a], [b]) => a - b);
    let again: number | undefined;
    const entries = told.map(([number, bytes]) => {
      const event = JSON.parse(bytes) as JsonObject;
      const behind = looks && number >= first ? this.#teller.reveals(event) : undefined;
      if (behind !== undefined && this.#hidden(behind)) again = Math.min(again ?? behind, behind);
      return this.#teller.tell(event, bytes);
    });
    this.entries = behindAll ? [...this.entries, ...entries] : entries;
    this.titles = new Map(this.#teller.titles);
    return again;
  }

  /** Was anything behind this number not readable? */
  #hidden(after: number): boolean {
    let readable = 0;
    for (const number of this.#bytes.keys()) if (number > after && number <= this.#seen) readable++;
    return readable < this.#seen - after;
  }
}
