/**
 * Work in progress, kept in the browser: every gesture is on disk before the next one. A draft
 * belongs to one worker, one task and one lease; nobody else on this machine is shown it.
 */
import { isRecord } from "./decode.js";

/** A small key-value shelf; the browser's own storages and the tests' bring one each. */
export interface Shelf {
  get(key: string): Promise<unknown>;
  set(key: string, value: unknown): Promise<void>;
  delete(key: string): Promise<void>;
  /** Everything whose key begins so. */
  entries(prefix: string): Promise<readonly (readonly [string, unknown])[]>;
}

export interface DraftRef {
  readonly task_id: string;
  readonly lease: string;
}

const MAX_AGE_MS = 7 * 24 * 3_600_000;

export class Drafts {
  constructor(
    private readonly shelf: Shelf,
    private readonly storeId: string,
    private readonly now: () => number,
  ) {}

  save(userName: string, task: DraftRef, value: unknown): Promise<void> {
    return this.shelf.set(this.key(userName, task), { value, saved_at: this.now() });
  }

  /** The draft of this very lease; else the newest this worker left on an earlier lease. */
  async find(userName: string, task: DraftRef): Promise<unknown> {
    const exact = kept(await this.shelf.get(this.key(userName, task)));
    if (exact) return exact.value;
    const earlier = await this.shelf.entries(this.prefix(userName, task.task_id));
    const newest = earlier
      .map(([, value]) => kept(value))
      .filter((draft) => draft !== null)
      .sort((a, b) => b.savedAt - a.savedAt)[0];
    return newest?.value ?? null;
  }

  /** The task is answered or given away: no lease of it needs a draft any more. */
  async forget(userName: string, taskId: string): Promise<void> {
    const found = await this.shelf.entries(this.prefix(userName, taskId));
    await Promise.all(found.map(([key]) => this.shelf.delete(key)));
  }

  /** Drafts nobody came back for within a week are thrown away. */
  async tidy(): Promise<void> {
    const oldest = this.now() - MAX_AGE_MS;
    for (const [key, value] of await this.shelf.entries("draft|")) {
      if ((kept(value)?.savedAt ?? 0) < oldest) await this.shelf.delete(key);
    }
  }

  private key(userName: string, task: DraftRef): string {
    return `${this.prefix(userName, task.task_id)}${task.lease}`;
  }
  private prefix(userName: string, taskId: string): string {
    return `${["draft", this.storeId, userName, taskId].map(encodeURIComponent).join("|")}|`;
  }
}

function kept(raw: unknown): { readonly value: unknown; readonly savedAt: number } | null {
  if (!isRecord(raw) || typeof raw["saved_at"] !== "number") return null;
  return { value: raw["value"], savedAt: raw["saved_at"] };
}
