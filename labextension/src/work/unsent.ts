/**
 * Answers on their way: the next picture shows at once, the engine's word follows. Each answer
 * lies on the shelf until the engine has it, and its `key` makes sending it twice harmless.
 */
import { isRecord } from "../decode.js";
import type { Shelf } from "../drafts.js";
import { codeOf, isUnreachable, parseTask, type Answer, type Task } from "../protocol.js";
import { pauseMs, type Delay } from "./patience.js";

export interface Unsent {
  readonly key: string;
  readonly task: Task;
  readonly content: Answer;
  readonly time_spent_s: number;
  /** Given back with the task when the engine refuses the answer. */
  readonly draft: unknown;
}

export interface Delivery {
  readonly send: (answer: Unsent) => Promise<void>;
  readonly delay: Delay;
  readonly signal: AbortSignal;
  /** The number of answers on their way changed, or the engine went out of reach or came back. */
  readonly onChange: (state: { readonly unsent: number; readonly stuck: boolean }) => void;
  readonly onSent: (answer: Unsent) => void;
  /** The engine will not take the answer; the task goes back to the worker with its draft. */
  readonly onRefused: (answer: Unsent, error: Error) => void;
  /** The lease ran out before the answer arrived; the draft stays in the browser. */
  readonly onLost: (answer: Unsent, error: Error) => void;
  /** The session is no longer good; sending goes on after `flush` with a new one. */
  readonly onSignedOut: () => void;
}

export class UnsentQueue {
  private readonly waiting: Unsent[] = [];
  private busy = false;
  private sending: Promise<void> = Promise.resolve();
  private readonly before = new Map<string, Promise<unknown>>();
  private stuck = false;

  constructor(
    private readonly shelf: Shelf,
    private readonly prefix: string,
    private readonly delivery: Delivery,
  ) {}

  get size(): number {
    return this.waiting.length;
  }
  get taskIds(): readonly string[] {
    return this.waiting.map(({ task }) => task.task_id);
  }

  /** Answers an earlier page of this worker could not deliver. */
  async restore(): Promise<void> {
    for (const [key, raw] of await this.shelf.entries(this.prefix)) {
      const answer = restored(raw);
      if (answer) this.waiting.push(answer);
      else await this.shelf.delete(key);
    }
    this.report();
  }

  /** `before`: what has to arrive at the engine first. */
  async add(answer: Unsent, before?: Promise<unknown>): Promise<void> {
    this.waiting.push(answer);
    if (before) this.before.set(answer.key, before);
    this.report();
    const shelved = this.shelf.set(this.prefix + answer.key, answer);
    await Promise.all([shelved, this.flush()]);
  }

  /** Send all in the order they were given. Resolves when none is left, or none can be sent. */
  flush(): Promise<void> {
    if (!this.busy) this.sending = this.sendAll();
    return this.sending;
  }

  /** One runner at a time; `busy` ends in the very step in which the last answer is gone. */
  private async sendAll(): Promise<void> {
    this.busy = true;
    try {
      for (let attempt = 0; this.waiting[0] && !this.delivery.signal.aborted; ) {
        const outcome = await this.tryFirst(this.waiting[0]);
        if (outcome === "stop") return;
        this.setStuck(outcome === "retry");
        if (outcome === "retry") await this.delivery.delay(pauseMs(attempt++), this.delivery.signal);
        else attempt = 0;
      }
    } finally {
      this.busy = false;
    }
  }

  private async tryFirst(answer: Unsent): Promise<"next" | "retry" | "stop"> {
    try {
      await this.before.get(answer.key);
      this.before.delete(answer.key);
      await this.delivery.send(answer);
      await this.drop(answer);
      this.delivery.onSent(answer);
      return "next";
    } catch (error) {
      if (isUnreachable(error)) return "retry";
      if (codeOf(error) === "NotAuthorizedException") {
        this.delivery.onSignedOut();
        return "stop";
      }
      await this.drop(answer);
      const problem = error instanceof Error ? error : new Error(String(error));
      const lost = LOST.has(codeOf(error) ?? "");
      if (lost) this.delivery.onLost(answer, problem);
      else this.delivery.onRefused(answer, problem);
      return "next";
    }
  }

  private async drop(answer: Unsent): Promise<void> {
    this.waiting.splice(this.waiting.indexOf(answer), 1);
    await this.shelf.delete(this.prefix + answer.key);
    this.report();
  }

  private setStuck(stuck: boolean): void {
    if (this.stuck === stuck) return;
    this.stuck = stuck;
    this.report();
  }
  private report(): void {
    this.delivery.onChange({ unsent: this.size, stuck: this.stuck });
  }
}

const LOST: ReadonlySet<string> = new Set(["LeaseExpired", "JobNotInProgress"]);

function restored(raw: unknown): Unsent | null {
  if (!isRecord(raw) || typeof raw["key"] !== "string") return null;
  const spent = raw["time_spent_s"];
  try {
    return {
      key: raw["key"],
      task: parseTask(raw["task"]),
      content: raw["content"] as Answer,
      time_spent_s: typeof spent === "number" ? spent : 0,
      draft: raw["draft"],
    };
  } catch {
    return null; // written by another version of this page
  }
}
