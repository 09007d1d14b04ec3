/**
 * The tasks in hand: the one on the screen and up to two behind it, leased ahead and decoded
 * ahead, so that the next picture is there in the frame after Submit.
 */
import type { Claimed, Task } from "../protocol.js";

export interface Held<Picture> {
  readonly task: Task;
  /** Local clock in ms when the task came: `lease_until - now` counts from here. */
  readonly arrivedAt: number;
  /** null when the task shows no picture. Rejects when it cannot be had. */
  readonly picture: Promise<Picture> | null;
  /** A refused answer's draft, shown instead of any other. */
  readonly draft?: unknown;
  readonly message?: string;
}

export interface Supply<Picture> {
  readonly claim: (count: number, holding: readonly string[]) => Promise<Claimed>;
  readonly picture: (task: Task) => Promise<Picture>;
  readonly free: (picture: Picture) => void;
  /** Tasks whose answers are on their way: still ours, no longer to be shown. */
  readonly underway: () => readonly string[];
  readonly clock: () => number;
}

/** The one on the screen and two ahead: a decoded 12-megapixel picture holds 48 MB. */
export const IN_HAND = 3;

export class Feed<Picture> {
  private held: Held<Picture>[] = [];
  private filling: Promise<Claimed | null> | null = null;
  private closed = false;
  /** Came when the hands were empty already. */
  private strays: readonly Task[] = [];

  constructor(private readonly supply: Supply<Picture>) {}

  get current(): Held<Picture> | null {
    return this.held[0] ?? null;
  }

  /** Claim what is missing. Gives what the engine said, or null when nothing was missing. */
  fill(): Promise<Claimed | null> {
    if (this.held.length >= IN_HAND) return Promise.resolve(null);
    this.filling ??= this.claim().finally(() => {
      this.filling = null;
    });
    return this.filling;
  }

  /** The task is done with: answered, skipped or gone. */
  drop(taskId: string): void {
    for (const gone of this.held.filter(({ task }) => task.task_id === taskId)) this.free(gone);
    this.held = this.held.filter(({ task }) => task.task_id !== taskId);
  }

  /** A refused answer: its task comes back, next in turn behind the one being worked on. */
  putBack(task: Task, draft: unknown, message: string): void {
    this.drop(task.task_id);
    const back = { ...this.hold(task), draft, message };
    this.held.splice(this.held.length > 0 ? 1 : 0, 0, back);
  }

  /** Empty hands; gives the tasks that were not on the screen, to be released. */
  close(onScreen: Held<Picture> | null): readonly Task[] {
    this.closed = true;
    const unseen = this.held.filter((each) => each !== onScreen).map(({ task }) => task);
    this.held.forEach((each) => this.free(each));
    this.held = [];
    return unseen;
  }

  /** Tasks of a claim that was under way at `close`: they are to be released too. */
  async late(): Promise<readonly Task[]> {
    await this.filling?.catch(() => undefined);
    return this.strays;
  }

  private async claim(): Promise<Claimed> {
    const underway = this.supply.underway();
    const holding = [...this.held.map(({ task }) => task.task_id), ...underway];
    const answer = await this.supply.claim(IN_HAND - this.held.length, holding);
    const known = new Set([...holding, ...this.supply.underway()]);
    const fresh = answer.tasks.filter(({ task_id }) => !known.has(task_id));
    if (this.closed) this.strays = fresh;
    else this.held.push(...fresh.map((task) => this.hold(task)));
    return answer;
  }

  private hold(task: Task): Held<Picture> {
    const picture = task.picture ? this.supply.picture(task) : null;
    picture?.catch(() => undefined); // whoever shows it sees the failure
    return { task, arrivedAt: this.supply.clock(), picture };
  }

  private free(held: Held<Picture>): void {
    held.picture?.then(this.supply.free, () => undefined);
  }
}
