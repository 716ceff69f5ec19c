// What the preparation page asks the server, with the token of an account's session or the
// administrator's, which this tab keeps for a reload and nothing else keeps; some of it whoever presides asks too, with that of their invitation.

import type { SignedManifest } from "../e2ee/identity";
import type { Attachment } from "../gen/protocol";
import { t } from "../texts";
import { sentenceOf } from "../texts/sentences";

export interface MeetingLine {
  id: string;
  title: string;
  created: number;
  /** How many are there now. */
  participants: number;
}

export interface Invitation {
  id: string;
  /** "p1" is the first of the definition. */
  person: string;
  name: string;
  expires: number;
  revoked?: number;
  /** Known when it is made, and then never again. */
  url?: string;
}

export interface Made {
  id: string;
  invitations: Invitation[];
}

export interface MeetingDetails extends Record<string, unknown> {
  invitations: Invitation[];
  documents?: Attachment[];
}

/** Why the server would not; `sentence` is its own. */
export class AdminError extends Error {
  constructor(
    readonly kind: "token" | "too_many" | "unreachable" | "refused",
    readonly sentence: string,
    /** The field that it names. */
    readonly field?: string,
    readonly code?: string,
  ) {
    super(sentence || kind);
  }
}

const TIMEOUT_MS = 20_000;
const KEY = "parley:admin-token";

export function keptToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** Empty: forget it. */
export function keepToken(token: string): void {
  try {
    if (token === "") sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, token);
  } catch {
    // Storage is switched off: the token lives as long as the page.
  }
}

/** "prepared[3].title: must not be empty" without the place: it is shown there. */
export function sentenceFor(message: string, field: string | undefined): string {
  const bare = field !== undefined && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
  return sentenceOf(bare);
}

export class Admin {
  constructor(readonly token: string) {}

  async list(): Promise<MeetingLine[]> {
    return ((await this.#ask("GET", "")) as { meetings: MeetingLine[] }).meetings;
  }

  /** The definition as posted, with what became of the meeting. */
  async get(id: string): Promise<MeetingDetails> {
    return (await this.#ask("GET", `/${id}`)) as MeetingDetails;
  }

  /** Exactly the bytes that were posted, as text. */
  definition(id: string): Promise<string> {
    return this.#text("GET", `/${id}/definition`);
  }

  async create(definition: unknown): Promise<Made> {
    return (await this.#ask("POST", "", definition)) as Made;
  }

  async change(id: string, definition: unknown): Promise<Partial<Made>> {
    return ((await this.#ask("PUT", `/${id}`, definition)) ?? {}) as Partial<Made>;
  }

  async remove(id: string): Promise<void> {
    await this.#ask("DELETE", `/${id}`);
  }

  async invite(id: string, person: string): Promise<Invitation> {
    return (await this.#ask("POST", `/${id}/invitations`, { person })) as Invitation;
  }

  async revoke(id: string, invitation: string): Promise<void> {
    await this.#ask("DELETE", `/${id}/invitations/${invitation}`);
  }

  /** One seat more for a meeting that is made. */
  async addSeat(id: string, seat: object): Promise<void> {
    await this.#ask("POST", `/${id}/seats`, seat);
  }

  /** One person more for a meeting that is made: for who presides too. */
  async addPerson(id: string, person: object): Promise<Invitation> {
    return (await this.#ask("POST", `/${id}/people`, person)) as Invitation;
  }

  /** All invitations of a person: for who presides too. */
  async revokePerson(id: string, person: string): Promise<void> {
    await this.#ask("DELETE", `/${id}/people/${person}`);
  }

  /** The signed list of who may be in it; undefined: there is none. */
  async manifest(id: string): Promise<SignedManifest | undefined> {
    try {
      return (await this.#ask("GET", `/${id}/manifest`)) as SignedManifest;
    } catch (error) {
      if (error instanceof AdminError && error.code === "unknown_manifest") return undefined;
      throw error;
    }
  }

  async putManifest(id: string, signed: SignedManifest): Promise<void> {
    await this.#ask("PUT", `/${id}/manifest`, signed);
  }

  /** The answer's JSON; undefined: it has none. Throws an AdminError. */
  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const text = await this.#text(method, path, body);
    return text === "" ? undefined : (JSON.parse(text) as unknown);
  }

  #text(method: string, path: string, body?: unknown): Promise<string> {
    return askServer(this.token, method, `/api/meetings${path}`, body);
  }
}

/** The answer's text. Throws an AdminError, also for what is no JSON, unless it is to be `plain`; `token` empty:
 * nobody asks. */
export async function askServer(token: string, method: string, url: string, body?: unknown, plain = false): Promise<string> {
  let response: Response;
  let text: string;
  let answer: unknown;
  try {
    response = await fetch(url, {
      method,
      headers: {
        ...(token !== "" && { Authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "Content-Type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
    answer = text === "" || (plain && response.ok) ? undefined : JSON.parse(text);
  } catch {
    throw new AdminError("unreachable", "");
  }
  if (response.ok) return text;
  const { message = "", field, code } =
    (answer as { error?: { message?: string; field?: string; code?: string } } | undefined)?.error ?? {};
  const kind = response.status === 401 ? "token" : response.status === 429 ? "too_many" : "refused";
  throw new AdminError(kind, t.said(sentenceFor(message, field)), field, code);
}
