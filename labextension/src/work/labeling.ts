/**
 * One worker at work on one job: which task is on the screen, what is kept of it, and what is
 * said to the engine when. Knows no DOM: `Screen` is told what to show.
 */
import type { Drafts } from "../drafts.js";
import {
  codeOf,
  isUnreachable,
  type Answer,
  type Args,
  type Result,
  type Task,
} from "../protocol.js";
import { Feed, type Held } from "./feed.js";
import { patiently, type Delay } from "./patience.js";
import type { UnsentQueue } from "./unsent.js";

export interface Shown<Picture> {
  readonly held: Held<Picture>;
  /** What was done on this task before, in the form the editor saved it; null if nothing was. */
  readonly draft: unknown;
}

/** What the page shows; every method is one thing that happened. */
export interface Screen<Picture> {
  readonly show: (shown: Shown<Picture>) => void;
  readonly wait: (message: string | null, finished: boolean) => void;
  /** The engine's clock: seconds left for the task on the screen. */
  readonly timeLeft: (taskId: string, seconds: number) => void;
  readonly say: (message: string) => void;
  readonly signedOut: () => void;
}

/** Worker operations of the protocol, the session already in them. */
export type WorkerCall = <O extends "claim" | "begin" | "save_draft" | "release" | Giving>(
  op: O,
  args: Args["worker"][O],
) => Promise<Result<"worker", O>>;
export type Giving = "skip" | "decline" | "release" | "stop";

export interface LabelingOptions<Picture> {
  readonly jobName: string;
  readonly userName: string;
  readonly call: WorkerCall;
  readonly picture: (task: Task) => Promise<Picture>;
  readonly free: (picture: Picture) => void;
  readonly drafts: Drafts;
  readonly queue: UnsentQueue;
  readonly delay: Delay;
  readonly clock: () => number;
  readonly newId: () => string;
  readonly signal: AbortSignal;
  readonly screen: Screen<Picture>;
  readonly words: { readonly timeUp: string; readonly leaseExpired: string };
}

const POLL_MS = 2_000;
const SAVE_AFTER_MS = 500;

export class Labeling<Picture> {
  private readonly feed: Feed<Picture>;
  private shown: Held<Picture> | null = null;
  private advancing = false;
  private saving = new AbortController();
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly options: LabelingOptions<Picture>) {
    const { jobName: job_name, queue } = options;
    this.feed = new Feed<Picture>({
      claim: (count, holding) => this.call("claim", { job_name, count, holding }),
      picture: options.picture,
      free: options.free,
      underway: () => queue.taskIds,
      clock: options.clock,
    });
  }

  get jobName(): string {
    return this.options.jobName;
  }

  /** Show the next task, or wait for one; comes back when one is on the screen. */
  async advance(): Promise<void> {
    if (this.advancing) return;
    this.advancing = true;
    try {
      while (!this.options.signal.aborted && !(await this.step()));
    } catch (error) {
      this.trouble(error);
    } finally {
      this.advancing = false;
    }
  }

  /** The answer goes on its way and the next task is shown at once. */
  async submit(content: Answer, draft: unknown, timeSpentS: number): Promise<void> {
    const task = this.letGo();
    if (!task) return;
    const { queue, newId } = this.options;
    const answer = { key: newId(), task, content, time_spent_s: timeSpentS, draft };
    const sent = queue.add(answer, this.settled());
    await Promise.all([sent, this.advance()]);
  }

  /** Skip, decline, release, or stop and resume later. True when the engine has done it. */
  async give(op: Giving, draft: unknown): Promise<boolean> {
    const task = this.shown?.task;
    if (!task) return false;
    this.saving.abort();
    const { drafts, userName } = this.options;
    const ref = { task_id: task.task_id, lease: task.lease };
    await this.settled();
    if (this.shown?.task !== task) return true; // it had gone back to the pool already
    try {
      await (op === "stop" ? this.call(op, { ...ref, draft }) : this.call(op, ref));
    } catch (error) {
      if (codeOf(error) !== "LeaseExpired") {
        this.trouble(error);
        return false;
      }
    }
    if (op !== "stop") await drafts.forget(userName, task.task_id);
    if (this.shown?.task === task) this.letGo();
    if (op !== "stop") await this.advance();
    return true;
  }

  /** Kept in the browser now, at the engine half a second after the last change. */
  async keep(draft: unknown): Promise<void> {
    const task = this.shown?.task;
    if (!task) return;
    this.saving.abort();
    const saving = (this.saving = new AbortController());
    await this.options.drafts.save(this.options.userName, task, draft);
    await this.options.delay(SAVE_AFTER_MS, saving.signal);
    if (saving.signal.aborted || this.options.signal.aborted) return;
    const { task_id, lease } = task;
    await this.call("save_draft", { task_id, lease, draft }).catch((error: unknown) => {
      this.whenExpired(error, task);
    });
  }

  /** The task's time is up: its draft stays in the browser, the next task comes. */
  async expire(taskId: string): Promise<void> {
    if (this.shown?.task.task_id !== taskId) return;
    this.letGo();
    this.options.screen.say(this.options.words.timeUp);
    await this.advance();
  }

  /** A refused answer's task comes back with what was drawn. */
  async putBack(task: Task, draft: unknown, message: string): Promise<void> {
    this.feed.putBack(task, draft, message);
    await this.advance();
  }

  /**
   * The worker turns to something else: tasks never shown go back to the others. Resolves when
   * nothing of this labeling is on its way to the engine any more.
   */
  async leave(): Promise<void> {
    this.saving.abort();
    const unseen = this.feed.close(this.shown);
    this.shown = null;
    this.giveBack(unseen);
    this.giveBack(await this.feed.late());
    await this.settled();
  }

  /** What is on its way now has arrived: a begin or a draft that overtakes the last word is refused. */
  private async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private giveBack(tasks: readonly Task[]): void {
    for (const { task_id, lease } of tasks) {
      this.call("release", { task_id, lease }).catch(() => undefined); // the lease ends anyway
    }
  }

  private readonly call: WorkerCall = (op, args) => {
    const answer = this.options.call(op, args);
    this.underWay.add(answer);
    const done = () => void this.underWay.delete(answer);
    answer.then(done, done);
    return answer;
  };

  private async step(): Promise<boolean> {
    const { delay, signal, screen } = this.options;
    const held = this.feed.current;
    if (held) {
      if (held !== this.shown) await this.show(held);
      void this.topUp();
      return true;
    }
    const said = await patiently(() => this.feed.fill(), { delay, signal });
    if (signal.aborted || this.feed.current) return false;
    screen.wait(said?.message ?? null, said?.state === "finished");
    await delay(POLL_MS, signal);
    return false;
  }

  private async show(held: Held<Picture>): Promise<void> {
    const { drafts, userName, screen } = this.options;
    this.shown = held;
    const kept = held.draft ?? (await drafts.find(userName, held.task).catch(() => null));
    if (this.shown !== held) return;
    screen.show({ held, draft: kept ?? held.task.draft ?? null });
    void this.begin(held.task);
  }

  private async begin(task: Task): Promise<void> {
    const { delay, signal, screen } = this.options;
    const { task_id, lease } = task;
    try {
      const go = () => this.call("begin", { task_id, lease });
      const { lease_until, now } = await patiently(go, { delay, signal });
      screen.timeLeft(task_id, lease_until - now);
    } catch (error) {
      this.whenExpired(error, task);
    }
  }

  /** Behind the worker's back: what cannot be had now is asked for again at the next advance. */
  private async topUp(): Promise<void> {
    try {
      await this.feed.fill();
    } catch (error) {
      if (codeOf(error) === "NotAuthorizedException") this.trouble(error);
    }
  }

  private letGo(): Task | null {
    this.saving.abort();
    const task = this.shown?.task ?? null;
    this.shown = null;
    if (task) this.feed.drop(task.task_id);
    return task;
  }

  private whenExpired(error: unknown, task: Task): void {
    if (codeOf(error) === "LeaseExpired") {
      if (this.shown?.task !== task) return;
      this.letGo();
      this.options.screen.say(this.options.words.leaseExpired);
      void this.advance();
    } else if (!isUnreachable(error)) {
      this.trouble(error);
    }
  }

  private trouble(error: unknown): void {
    const { screen } = this.options;
    if (this.options.signal.aborted) return;
    if (codeOf(error) === "NotAuthorizedException") return screen.signedOut();
    if (isUnreachable(error)) return; // the status line says so; nothing is lost
    const message = error instanceof Error ? error.message : String(error);
    if (codeOf(error) === "JobNotInProgress") screen.wait(message, true);
    else screen.say(message);
  }
}
