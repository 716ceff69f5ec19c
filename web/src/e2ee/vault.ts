// Where this browser keeps keys that sign, and that seal what the tab keeps: in IndexedDB, as keys that the page may use and cannot read.
// What a key is for says its name. Where nothing may be kept (a policy, some private windows) all of
// it answers so, and the caller's key lives as long as its page.
import type { SealedSeed, SigningKey } from "./keys";

/** Of the organiser, one a browser. */
export const ORGANISER_KEY = "organiser";
/** As long as an invitation (PL_INVITATION_LIFE_MS): then a person's key is of no use. */
export const PERSON_KEY_LIFE_MS = 90 * 24 * 3600_000;

/** What a tab kept of the chat can be read for a day after it began. */
export const HISTORY_KEY_LIFE_MS = 24 * 3600_000;

const DATABASE = "parley-keys";
const STORE = "keys";

export interface KeptKey extends SigningKey {
  /** The organiser's: the seed, sealed with a passphrase, to be taken elsewhere. */
  copy?: SealedSeed;
}

interface Row extends Partial<KeptKey> {
  name: string;
  /** One that seals. */
  sealing?: CryptoKey;
  /** Unix milliseconds; then it is forgotten. Absent: never. */
  until?: number;
}

/** Of a person in a meeting; `publicKey` base64url: by it two people of one browser stay apart. */
export function personKeyName(meeting: string, publicKey: string): string {
  return `person/${meeting}/${publicKey}`;
}

/** Of what a tab keeps; `tab`: drawn by it. */
export function historyKeyName(tab: string): string {
  return `history/${tab}`;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the database refused"));
  });
}

/** Throws whatever the browser says where nothing may be kept. */
async function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "name" });
  return answer(request);
}

/** All of `work` in one transaction; it is on the disk when this is done. */
async function within<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<T>): Promise<T> {
  const database = await open();
  try {
    const transaction = database.transaction(STORE, mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the database refused"));
    });
    const [result] = await Promise.all([work(transaction.objectStore(STORE)), done]);
    return result;
  } finally {
    database.close();
  }
}

async function forgetOld(store: IDBObjectStore, now: number): Promise<void> {
  for (const { name, until } of (await answer(store.getAll())) as Row[])
    if (until !== undefined && until < now) store.delete(name);
}

/** Under this name, in the place of what was there. `until`: Unix milliseconds. False: nothing may be
 * kept here. */
export async function keepKey(name: string, key: KeptKey, until?: number): Promise<boolean> {
  const { publicKey, privateKey, copy } = key;
  if (privateKey.extractable) throw new TypeError("a key that can be read is not kept");
  return put({ name, publicKey, privateKey, ...(copy && { copy }), ...(until !== undefined && { until }) });
}

/** A key of AES-GCM; likewise. */
export async function keepSealingKey(name: string, sealing: CryptoKey, until: number): Promise<boolean> {
  if (sealing.extractable) throw new TypeError("a key that can be read is not kept");
  return put({ name, sealing, until });
}

async function put(row: Row): Promise<boolean> {
  try {
    await within("readwrite", async (store) => {
      await answer(store.put(row));
      await forgetOld(store, Date.now());
    });
    return true;
  } catch {
    return false;
  }
}

async function find(name: string): Promise<Row | undefined> {
  try {
    const row = (await within("readonly", (store) => answer(store.get(name)))) as Row | undefined;
    return row && (row.until === undefined || row.until >= Date.now()) ? row : undefined;
  } catch {
    return undefined;
  }
}

/** undefined: there is none, or nothing may be kept here. */
export async function keptKey(name: string): Promise<KeptKey | undefined> {
  const { publicKey, privateKey, copy } = (await find(name)) ?? {};
  return publicKey && privateKey && { publicKey, privateKey, ...(copy && { copy }) };
}

/** Likewise. */
export async function keptSealingKey(name: string): Promise<CryptoKey | undefined> {
  return (await find(name))?.sealing;
}

export async function forgetKey(name: string): Promise<void> {
  await within("readwrite", (store) => answer(store.delete(name))).catch(() => undefined);
}
