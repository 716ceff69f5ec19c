// As much of IndexedDB as vault.ts uses, in memory: every request is answered in a later task, and a
// transaction is complete once its requests are. Node has none.
type Rows = Map<string, Record<string, unknown>>;

class Request {
  result: unknown;
  error: Error | null = null;
  onsuccess: (() => void) | undefined;
  onerror: (() => void) | undefined;
  onupgradeneeded: (() => void) | undefined;
}

class Transaction {
  oncomplete: (() => void) | undefined;
  onabort: (() => void) | undefined;
  error: Error | null = null;
  private open = 0;

  constructor(private readonly rows: Rows) {}

  objectStore() {
    const { rows } = this;
    const ask = (what: () => unknown) => this.ask(what);
    return {
      put: (row: Record<string, unknown>) => ask(() => rows.set(row["name"] as string, row)),
      get: (name: string) => ask(() => rows.get(name)),
      getAll: () => ask(() => [...rows.values()]),
      delete: (name: string) => ask(() => void rows.delete(name)),
    };
  }

  private ask(what: () => unknown): Request {
    const request = new Request();
    this.open++;
    setTimeout(() => {
      request.result = what();
      request.onsuccess?.();
      setTimeout(() => --this.open === 0 && this.oncomplete?.());
    });
    return request;
  }
}

/** Puts it in the place of the browser's; gives the rows. `refuses`: as some private windows do. */
export function fakeIndexedDb(refuses = false): Rows {
  const rows: Rows = new Map();
  const open = () => {
    const request = new Request();
    setTimeout(() => {
      if (refuses) {
        request.error = new Error("not here");
        request.onerror?.();
        return;
      }
      request.result = {
        createObjectStore: () => undefined,
        transaction: () => new Transaction(rows),
        close: () => undefined,
      };
      request.onupgradeneeded?.();
      request.onsuccess?.();
    });
    return request;
  };
  (globalThis as { indexedDB?: unknown }).indexedDB = { open };
  return rows;
}
