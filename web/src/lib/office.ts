// What the page of accounts asks the server: bodies, people, roles, and what was done.
import { askServer } from "./admin";
import type { Account, BodyRole } from "./session";

export interface Body {
  id: string;
  name: string;
}

/** An event of the audit, as far as it is shown. */
export interface Deed {
  number: number;
  at: number;
  act: string;
  by?: "token" | { account: string; name: string };
  account?: { name: string };
  body?: { name: string };
  meeting?: string;
  person?: string;
  role?: string;
  way?: string;
  what?: string;
  why?: string;
  from?: string;
}

export interface Deeds {
  size: number;
  deeds: Deed[];
  /** The number before which it goes on. */
  before?: number;
}

/** The minutes of a meeting as a page. Throws an AdminError. */
export function minutesOf(token: string, meeting: string, language: string): Promise<string> {
  return askServer(token, "GET", `/api/meetings/${meeting}/minutes?format=html&language=${language}`, undefined, true);
}

export class Office {
  constructor(readonly token: string) {}

  async bodies(): Promise<Body[]> {
    return (await this.#get<{ bodies: Body[] }>("/api/bodies")).bodies;
  }

  async accounts(): Promise<Account[]> {
    return (await this.#get<{ accounts: Account[] }>("/api/accounts")).accounts;
  }

  async deeds(before?: number): Promise<Deeds> {
    const page = await this.#get<{ size: number; events: { event: string }[]; before?: number }>(
      `/api/audit${before === undefined ? "" : `?before=${before}`}`,
    );
    const deeds = page.events.map(({ event }) => JSON.parse(event) as Deed);
    return { size: page.size, deeds, ...(page.before !== undefined && { before: page.before }) };
  }

  addBody(name: string) {
    return this.#ask("POST", "/api/bodies", { name });
  }

  renameBody(id: string, name: string) {
    return this.#ask("PUT", `/api/bodies/${id}`, { name });
  }

  removeBody(id: string) {
    return this.#ask("DELETE", `/api/bodies/${id}`);
  }

  addAccount(name: string, email: string) {
    return this.#ask("POST", "/api/accounts", { name, ...(email !== "" && { email }) });
  }

  setAdministrator(id: string, administrator: boolean) {
    return this.#ask("PUT", `/api/accounts/${id}`, { administrator });
  }

  removeAccount(id: string) {
    return this.#ask("DELETE", `/api/accounts/${id}`);
  }

  appoint(account: string, body: string, role: BodyRole["role"]) {
    return this.#ask("PUT", `/api/accounts/${account}/roles/${body}`, { role });
  }

  dismiss(account: string, body: string) {
    return this.#ask("DELETE", `/api/accounts/${account}/roles/${body}`);
  }

  async #get<T>(url: string): Promise<T> {
    return JSON.parse(await askServer(this.token, "GET", url)) as T;
  }

  async #ask(method: string, url: string, body?: unknown): Promise<void> {
    await askServer(this.token, method, url, body);
  }
}
