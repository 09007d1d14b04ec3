/** Where drafts lie: IndexedDB, or localStorage, or memory where a host allows neither. */
import { isRecord } from "./decode.js";
import type { Shelf } from "./drafts.js";

const DATABASE = "gt-widgets";
const TABLE = "shelf";
const LOCAL_PREFIX = "gt-widgets:";

export async function openShelf(): Promise<Shelf> {
  try {
    return indexedDbShelf(await openDatabase());
  } catch {
    return localShelf() ?? memoryShelf();
  }
}

export function memoryShelf(kept = new Map<string, unknown>()): Shelf {
  return {
    get: async (key) => kept.get(key),
    set: async (key, value) => void kept.set(key, structuredClone(value)),
    delete: async (key) => void kept.delete(key),
    entries: async (prefix) => [...kept].filter(([key]) => key.startsWith(prefix)),
  };
}

/** `storage` is the browser's localStorage or anything shaped like it. */
export function storageShelf(storage: Storage): Shelf {
  const read = (key: string): unknown => {
    const raw = storage.getItem(key);
    return raw === null ? undefined : JSON.parse(raw, fromText);
  };
  return {
    get: async (key) => read(LOCAL_PREFIX + key),
    set: async (key, value) => storage.setItem(LOCAL_PREFIX + key, JSON.stringify(value, toText)),
    delete: async (key) => storage.removeItem(LOCAL_PREFIX + key),
    entries: async (prefix) =>
      Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "")
        .filter((key) => key.startsWith(LOCAL_PREFIX + prefix))
        .map((key) => [key.slice(LOCAL_PREFIX.length), read(key)] as const),
  };
}

/** Packed masks are bytes, which JSON cannot say. */
const BYTES = "base64 bytes";
const toText = (_: string, value: unknown): unknown =>
  value instanceof Uint8Array
    ? { [BYTES]: btoa(Array.from(value, (byte) => String.fromCharCode(byte)).join("")) }
    : value;
const fromText = (_: string, value: unknown): unknown =>
  isRecord(value) && typeof value[BYTES] === "string"
    ? Uint8Array.from(atob(value[BYTES]), (letter) => letter.charCodeAt(0))
    : value;

function localShelf(): Shelf | null {
  try {
    return storageShelf(globalThis.localStorage);
  } catch {
    return null; // a sandboxed frame: reading the property itself throws
  }
}

function indexedDbShelf(database: IDBDatabase): Shelf {
  const table = (mode: IDBTransactionMode) =>
    database.transaction(TABLE, mode, { durability: "relaxed" }).objectStore(TABLE);
  return {
    get: (key) => done(table("readonly").get(key)),
    set: async (key, value) => void (await done(table("readwrite").put(value, key))),
    delete: (key) => done(table("readwrite").delete(key)),
    async entries(prefix) {
      const range = IDBKeyRange.bound(prefix, `${prefix}\uffff`);
      const reading = table("readonly");
      const [keys, values] = await Promise.all([
        done(reading.getAllKeys(range)),
        done(reading.getAll(range)),
      ]);
      return keys.map((key, index) => [String(key), values[index] as unknown] as const);
    },
  };
}

function openDatabase(): Promise<IDBDatabase> {
  const request = globalThis.indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((settle, fail) => {
    request.onsuccess = () => settle(request.result);
    request.onerror = () => fail(request.error ?? new Error("The browser's database failed"));
  });
}
