/** Who is signed in, kept for this browser tab: never in a notebook, never in a widget trait. */
import { isRecord } from "../decode.js";

export interface Session {
  readonly userName: string;
  readonly token: string;
}

/** The two calls of sessionStorage; a host that forbids it gets a Map's. */
export interface Pocket {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export class Sessions {
  constructor(
    private readonly pocket: Pocket,
    private readonly storeId: string,
  ) {}

  /** The session of this worker, or of whoever signed in last when no name is given. */
  find(userName: string): Session | null {
    const name = userName || this.pocket.getItem(this.lastKey) || "";
    const raw = this.pocket.getItem(this.key(name));
    if (raw === null) return null;
    try {
      const found: unknown = JSON.parse(raw);
      return isRecord(found) && typeof found["token"] === "string"
        ? { userName: name, token: found["token"] }
        : null;
    } catch {
      return null;
    }
  }

  keep(session: Session): void {
    this.pocket.setItem(this.key(session.userName), JSON.stringify({ token: session.token }));
    this.pocket.setItem(this.lastKey, session.userName);
  }

  forget(userName: string): void {
    this.pocket.removeItem(this.key(userName));
  }

  /** The job this worker was at when the page went away; "" for none. `slot`: the widget's job. */
  resumes(userName: string, slot: string): string {
    return this.pocket.getItem(this.workKey(userName, slot)) ?? "";
  }
  working(userName: string, slot: string, jobName: string): void {
    this.pocket.setItem(this.workKey(userName, slot), jobName);
  }

  private workKey(userName: string, slot: string): string {
    return `gt-widgets:working:${this.storeId}:${userName}:${slot}`;
  }
  private get lastKey(): string {
    return `gt-widgets:last:${this.storeId}`;
  }
  private key(userName: string): string {
    return `gt-widgets:session:${this.storeId}:${userName}`;
  }
}

export function tabPocket(): Pocket {
  try {
    return globalThis.sessionStorage;
  } catch {
    const kept = new Map<string, string>();
    return {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    };
  }
}
