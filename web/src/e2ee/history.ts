// What was written in an encrypted meeting, as this tab keeps it for a reload: sealed (AES-256-GCM) in its
// sessionStorage, by a key in IndexedDB that cannot be read. Browsers write sessionStorage to the disk, and bring
// it back with a session of before; once the key is forgotten, what they have of it opens nothing. Where no
// key may be kept, nothing is.
import { type History, type HistoryPlace, readHistory, type Said, writeHistory } from "../lib/history";
import { concat, fromBase64url, fromUtf8, toBase64url, utf8 } from "./bytes";
import { forgetKey, HISTORY_KEY_LIFE_MS, historyKeyName, keepSealingKey, keptSealingKey } from "./vault";

const SEALED = "parley history v1\n";
const NONCE_BYTES = 12;
const TAB_BYTES = 16;

interface Tab {
  /** By which the key is found. */
  id: string;
  key: CryptoKey;
}

export class SealedHistory implements HistoryPlace {
  readonly #name: string;
  #tab: Promise<Tab | undefined> | undefined;
  #next: string | undefined;
  #writing: Promise<void> = Promise.resolve();

  /** `whose`: of one person in one meeting. */
  constructor(private readonly whose: string) {
    this.#name = `parley:chat:${whose}`;
  }

  async load(): Promise<History> {
    const [id, nonce, sealed] = (this.#stored() ?? "").split(".");
    const key = id ? await keptSealingKey(historyKeyName(id)) : undefined;
    const [iv, box] = [fromBase64url(nonce ?? ""), fromBase64url(sealed ?? "")];
    if (!id || !key || !box || iv?.length !== NONCE_BYTES) {
      this.#drop(); // of before the key was forgotten, or in clear, by a page of before
      return readHistory(null);
    }
    this.#tab ??= Promise.resolve({ id, key });
    try {
      return readHistory(fromUtf8(new Uint8Array(await crypto.subtle.decrypt(this.#how(iv), key, box))) ?? null);
    } catch {
      return readHistory(null); // altered, or another's
    }
  }

  save(entries: readonly Said[], seen: Record<string, number>): void {
    const idle = this.#next === undefined;
    this.#next = writeHistory(entries, seen);
    if (idle) this.#writing = this.#writing.then(() => this.#write());
  }

  /** Nothing that was kept can be read any more. */
  async forget(): Promise<void> {
    await this.#writing;
    const tab = await this.#tab;
    this.#tab = undefined;
    this.#drop();
    if (tab) await forgetKey(historyKeyName(tab.id));
  }

  /** What was saved is kept, as far as it may be. */
  get written(): Promise<void> {
    return this.#writing;
  }

  async #write(): Promise<void> {
    const tab = await (this.#tab ??= this.#begin());
    const text = this.#next;
    this.#next = undefined;
    if (!tab || text === undefined) return;
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const box = await crypto.subtle.encrypt(this.#how(iv), tab.key, utf8(text));
    const parts = [tab.id, toBase64url(iv), toBase64url(new Uint8Array(box))];
    try {
      sessionStorage.setItem(this.#name, parts.join("."));
    } catch {
      // It is switched off, or full: then it lives as long as the page.
    }
  }

  async #begin(): Promise<Tab | undefined> {
    const id = toBase64url(crypto.getRandomValues(new Uint8Array(TAB_BYTES)));
    const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return (await keepSealingKey(historyKeyName(id), key, Date.now() + HISTORY_KEY_LIFE_MS)) ? { id, key } : undefined;
  }

  #how(iv: Uint8Array<ArrayBuffer>): AesGcmParams {
    return { name: "AES-GCM", iv, additionalData: concat(utf8(SEALED), utf8(this.whose)) };
  }

  #stored(): string | null {
    try {
      return sessionStorage.getItem(this.#name);
    } catch {
      return null; // it is switched off
    }
  }

  #drop(): void {
    try {
      sessionStorage.removeItem(this.#name);
    } catch {
      // See above.
    }
  }
}
