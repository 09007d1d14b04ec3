/** A labeler's page: sign in, choose a job, work through its tasks. */
import { ask, type Backend } from "../backend/types.js";
import { Drafts, type Shelf } from "../drafts.js";
import * as words from "../i18n.js";
import {
  codeOf,
  type Args,
  type Challenged,
  type Job,
  type Op,
  type Result,
  type SignedIn,
  type Task,
} from "../protocol.js";
import { levelsOf } from "../render/levels.js";
import { Labeling, type Screen, type WorkerCall } from "../work/labeling.js";
import { patiently, type Delay } from "../work/patience.js";
import type { Session, Sessions } from "../work/session.js";
import { UnsentQueue } from "../work/unsent.js";
import { jobListView, noteView, waitingView } from "./job-list.js";
import type { Shell } from "./shell.js";
import { newPasswordView, signInView } from "./sign-in.js";
import { taskView, type TaskView } from "./task.js";

export interface WorkerOptions {
  readonly shell: Shell;
  readonly backend: Backend;
  readonly shelf: Shelf;
  readonly sessions: Sessions;
  readonly storeId: string;
  /** The job this page was opened for: first in the list; "" for none. */
  readonly jobName: string;
  /** Prefilled in the sign-in form. */
  readonly userName: string;
  readonly delay: Delay;
  readonly newId: () => string;
  readonly signal: AbortSignal;
}

const POLL_MS = 2_000;
/** Signing out waits so long for what is on its way. */
const LEAVE_MS = 2_000;

const refOf = ({ task_id, lease }: Task) => ({ task_id, lease });

export class WorkerPage {
  private session: Session | null = null;
  private queue: UnsentQueue | null = null;
  private labeling: Labeling<ImageBitmap> | null = null;
  /** Ends what the present activity started: a job's labeling, the polling of the list. */
  private activity = new AbortController();
  /** Resolves when the activity before has nothing on its way any more. */
  private left: Promise<void> = Promise.resolve();
  private leaving = false;
  private task: TaskView | null = null;
  private sent = 0;
  private readonly drafts: Drafts;
  private readonly lastLabels = new Map<string, string>();

  constructor(private readonly options: WorkerOptions) {
    this.drafts = new Drafts(options.shelf, options.storeId, Date.now);
    options.signal.addEventListener("abort", () => this.activity.abort());
  }

  async start(): Promise<void> {
    const { shell, sessions, userName } = this.options;
    shell.swap((kit) => noteView(kit, words.connecting));
    await this.drafts.tidy().catch(() => undefined);
    const session = sessions.find(userName);
    if (session) await this.enter(session);
    else this.signIn(null);
  }

  /** The session ends last: tasks given back and answers on their way still need it. */
  async signOut(): Promise<void> {
    const { session } = this;
    if (!session || this.leaving) return;
    this.leaving = true;
    const { shell, sessions, backend, delay, signal } = this.options;
    this.endActivity();
    shell.swap((kit) => noteView(kit, words.signingOut));
    sessions.forget(session.userName);
    this.remember("");
    const gone = Promise.allSettled([this.left, this.queue?.flush()]);
    await Promise.race([gone, delay(LEAVE_MS, signal)]);
    this.leaving = false;
    this.session = null;
    shell.say("");
    this.signIn(null);
    await ask(backend, "worker", "sign_out", {}, session.token).catch(() => undefined);
  }

  private signIn(message: string | null): void {
    const { shell, backend } = this.options;
    const userName = this.session?.userName ?? this.options.userName;
    this.endActivity();
    shell.setUser(null);
    shell.swap((kit) =>
      signInView(kit, {
        userName,
        message,
        onSignIn: async (user_name, password) => {
          const answer = await ask(backend, "worker", "sign_in", { user_name, password });
          if ("challenge" in answer) this.newPassword(user_name, answer);
          else await this.accept(answer);
        },
      }),
    );
  }

  private newPassword(user_name: string, challenge: Challenged): void {
    const { shell, backend } = this.options;
    const { challenge_session } = challenge;
    shell.swap((kit) =>
      newPasswordView(kit, {
        challenge,
        onSet: async (new_password) => {
          const args = { user_name, challenge_session, new_password };
          await this.accept(await ask(backend, "worker", "set_new_password", args));
        },
      }),
    );
  }

  private async accept({ session, worker }: SignedIn): Promise<void> {
    const entered = { userName: worker.user_name, token: session };
    this.options.sessions.keep(entered);
    await this.enter(entered);
  }

  private async enter(session: Session): Promise<void> {
    const other = this.session?.userName !== session.userName;
    this.session = session;
    this.options.shell.setUser(session.userName);
    if (other || !this.queue) this.queue = await this.openQueue(session.userName);
    void this.queue.flush();
    const { sessions, jobName } = this.options;
    const resumed = sessions.resumes(session.userName, jobName);
    if (resumed) this.work(resumed);
    else void this.showJobs();
  }

  private async showJobs(): Promise<void> {
    const { shell, delay } = this.options;
    const { signal } = this.beginActivity();
    this.remember("");
    const view = shell.swap((kit) => jobListView(kit, (job) => this.work(job.job_name)));
    try {
      while (!signal.aborted) {
        const go = () => this.call("jobs", {});
        const { jobs } = await patiently(go, { delay, signal });
        if (!signal.aborted) view.show(this.ownFirst(jobs));
        await delay(POLL_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.trouble(error);
    }
  }

  private ownFirst(jobs: readonly Job[]): readonly Job[] {
    const rank = ({ job_name }: Job) => (job_name === this.options.jobName ? 0 : 1);
    return [...jobs].sort((a, b) => rank(a) - rank(b));
  }

  /** A page that comes back, as after a reload, goes on where this one was. */
  private remember(working: string): void {
    const { sessions, jobName } = this.options;
    if (this.session) sessions.working(this.session.userName, jobName, working);
  }

  private work(jobName: string): void {
    const { signal } = this.beginActivity();
    const { shell, delay, newId } = this.options;
    const { queue, session } = this;
    if (!queue || !session) return;
    this.remember(jobName);
    shell.swap((kit) => noteView(kit, words.connecting));
    const labeling: Labeling<ImageBitmap> = new Labeling<ImageBitmap>({
      jobName,
      userName: session.userName,
      call: ((op, args) => this.call(op, args)) as WorkerCall,
      picture: async (task) => {
        const blob = await patiently(
          () => this.options.backend.picture(task, this.session?.token ?? null),
          { delay, signal },
        );
        const bitmap = await createImageBitmap(blob);
        void levelsOf(bitmap)
          .make(() => {})
          .catch(() => undefined); // it is painted from its full size then
        return bitmap;
      },
      free: (bitmap) => {
        levelsOf(bitmap).close();
        bitmap.close();
      },
      drafts: this.drafts,
      queue,
      delay,
      clock: () => performance.now(),
      newId,
      signal,
      screen: this.screenFor(jobName, signal),
      words: { timeUp: words.timeUp, leaseExpired: words.leaseExpired },
    });
    this.labeling = labeling;
    // a task that is on its way back must not be claimed again before it has arrived
    void this.left.then(() => labeling.advance());
  }

  private screenFor(jobName: string, signal: AbortSignal): Screen<ImageBitmap> {
    const { shell } = this.options;
    return {
      show: (shown) => {
        const { labeling } = this;
        if (signal.aborted || !labeling) return;
        const { task_id } = shown.held.task;
        this.task = shell.swap((kit) =>
          taskView(kit, shown, {
            submit: (content, draft, spent) => void labeling.submit(content, draft, spent),
            give: async (op, draft) => {
              const given = await labeling.give(op, draft);
              if (given && op === "stop") void this.showJobs();
              return given;
            },
            keep: (draft) => void labeling.keep(draft).catch(this.trouble),
            expire: () => void labeling.expire(task_id),
            say: (message) => shell.say(message, "warn"),
            segment: (prompt) => this.call("segment", { ...refOf(shown.held.task), prompt }),
            example: (example) =>
              this.options.backend.picture({ ...refOf(shown.held.task), example }, this.session?.token ?? null),
            lastLabel: () => this.lastLabels.get(jobName),
            useLabel: (label) => void this.lastLabels.set(jobName, label),
          }),
        );
      },
      wait: (message, finished) => {
        const onBack = () => void this.showJobs();
        const asked = JSON.stringify([message, finished]);
        const view = shell.view();
        if (view?.name === "waiting" && view.element.dataset["gtSaid"] === asked) return;
        const waiting = shell.swap((kit) => waitingView(kit, { message, finished, onBack }));
        waiting.element.dataset["gtSaid"] = asked;
      },
      timeLeft: (taskId, seconds) => {
        if (this.task?.taskId === taskId) this.task.setTimeLeft(seconds);
      },
      say: (message) => shell.say(message, "warn"),
      signedOut: () => this.sessionEnded(),
    };
  }

  private async openQueue(userName: string): Promise<UnsentQueue> {
    const { shell, shelf, storeId, delay, signal } = this.options;
    const prefix = `${["unsent", storeId, userName].map(encodeURIComponent).join("|")}|`;
    const queue = new UnsentQueue(shelf, prefix, {
      delay,
      signal,
      send: async ({ task: { task_id, lease }, content, time_spent_s, key }) => {
        await this.call("submit", { task_id, lease, content, time_spent_s, key });
      },
      onChange: ({ unsent, stuck }) => {
        shell.setUnsent(unsent);
        if (stuck) shell.say(words.unsentStuck(unsent));
        else if (unsent > 0) shell.say(words.unsent(unsent));
      },
      onSent: ({ task }) => {
        this.sent += 1;
        if (queue.size === 0) shell.say(words.sent(this.sent));
        void this.drafts.forget(userName, task.task_id);
      },
      onRefused: ({ task, draft }, error) => {
        void this.drafts.save(userName, task, draft);
        shell.say(words.refused(error.message), "warn");
        if (this.labeling?.jobName !== task.job_name) return;
        void this.labeling.putBack(task, draft, error.message);
      },
      onLost: ({ task, draft }, error) => {
        void this.drafts.save(userName, task, draft);
        shell.say(words.lost(error.message), "warn");
      },
      onSignedOut: () => this.sessionEnded(),
    });
    await queue.restore();
    return queue;
  }

  private call<O extends Op<"worker"> & keyof Args["worker"]>(
    op: O,
    args: Args["worker"][O] & object,
  ): Promise<Result<"worker", O>> {
    return ask(this.options.backend, "worker", op, args, this.session?.token ?? null);
  }

  private sessionEnded(): void {
    if (!this.session || this.options.shell.view()?.name === "sign-in") return;
    this.options.sessions.forget(this.session.userName);
    this.signIn(words.signInAgain);
  }

  private beginActivity(): AbortController {
    this.endActivity();
    return this.activity;
  }
  private endActivity(): void {
    if (this.labeling) this.left = this.labeling.leave();
    this.labeling = null;
    this.task = null;
    this.activity.abort();
    this.activity = new AbortController();
    if (this.options.signal.aborted) this.activity.abort();
  }

  private readonly trouble = (error: unknown): void => {
    if (codeOf(error) === "NotAuthorizedException") return this.sessionEnded();
    this.options.shell.say(error instanceof Error ? error.message : String(error), "warn");
  };
}
