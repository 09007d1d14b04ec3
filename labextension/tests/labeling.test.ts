import { expect, test, vi } from "vitest";
import { ask, unreachable } from "../src/backend/types.js";
import { memoryBackend, type Operation } from "../src/backend/memory.js";
import { Drafts } from "../src/drafts.js";
import { EngineError, type Answer } from "../src/protocol.js";
import { memoryShelf } from "../src/shelves.js";
import { Labeling, type Shown, type WorkerCall } from "../src/work/labeling.js";
import { UnsentQueue } from "../src/work/unsent.js";
import { content, pauses, settled, taskNamed } from "./helpers.js";

/** An engine with these tasks, a worker at work on it, and everything the screen was told. */
function worker(names: readonly string[], operations: Record<string, Operation> = {}) {
  const pool = [...names];
  const shelf = memoryShelf();
  const { delay, waiting, endAll } = pauses();
  const backend = memoryBackend({
    worker: {
      claim: ({ count }: { count: number }) => {
        const tasks = pool.splice(0, count).map((name) => taskNamed(name));
        return { tasks, state: tasks.length > 0 ? "tasks" : "waiting", message: "wait for ben" };
      },
      begin: () => ({ lease_until: 50, now: 20 }),
      submit: () => ({ accepted: true, duplicate: false }),
      ...Object.fromEntries(
        ["skip", "decline", "release", "stop", "save_draft"].map((op) => [op, () => ({})]),
      ),
      ...operations,
    },
  });
  const shown: Shown<string>[] = [];
  const screen = {
    show: (each: Shown<string>) => void shown.push(each),
    wait: vi.fn(),
    timeLeft: vi.fn(),
    say: vi.fn(),
    signedOut: vi.fn(),
  };
  const signal = new AbortController().signal;
  const call = ((op, args) => ask(backend, "worker", op, args, "s-1")) as WorkerCall;
  const free = vi.fn();
  const queue: UnsentQueue = new UnsentQueue(shelf, "unsent|", {
    delay,
    signal,
    send: async ({ task: { task_id, lease }, content, time_spent_s, key }) =>
      void (await call("submit" as never, { task_id, lease, content, time_spent_s, key } as never)),
    onChange: () => undefined,
    onSent: () => undefined,
    onRefused: ({ task, draft }, error) => void labeling.putBack(task, draft, error.message),
    onLost: () => undefined,
    onSignedOut: () => undefined,
  });
  const drafts = new Drafts(shelf, "store", () => 1);
  let ids = 0;
  const labeling: Labeling<string> = new Labeling<string>({
    jobName: "logos",
    userName: "ana",
    call,
    picture: async ({ task_id }) => `picture of ${task_id}`,
    free,
    drafts,
    queue,
    delay,
    clock: () => 0,
    newId: () => `key-${(ids += 1)}`,
    signal,
    screen,
    words: { timeUp: "time is up", leaseExpired: "lease expired" },
  });
  const called = (op: string) => backend.calls.filter((each) => each.op === op).map(({ args }) => args);
  const names_ = () => shown.map(({ held }) => held.task.task_id);
  const submit = (answer: Answer = content) => labeling.submit(answer, { nothing: true }, 2);
  return { labeling, called, shown, names: names_, screen, submit, drafts, free, pool, waiting, endAll };
}

test("two tasks are held ahead of the one on the screen", async () => {
  const { labeling, called, names } = worker(["a", "b", "c", "d"]);
  await labeling.advance();
  expect(names()).toEqual(["a"]);
  expect(called("claim")).toEqual([{ job_name: "logos", count: 3, holding: [] }]);
});

test("a task is begun when it is shown, not when it is claimed", async () => {
  const { labeling, called, screen } = worker(["a", "b"]);
  await labeling.advance();
  await settled();
  expect(called("begin")).toEqual([{ task_id: "a", lease: "l1" }]);
  expect(screen.timeLeft).toHaveBeenCalledWith("a", 30);
});

test("the next task is on the screen while the answer is still on its way", async () => {
  const { labeling, submit, names, called } = worker(["a", "b", "c", "d"], {
    submit: () => new Promise(() => undefined),
  });
  await labeling.advance();
  void submit();
  await settled();
  expect(names()).toEqual(["a", "b"]);
  expect(called("claim").at(-1)).toEqual({ job_name: "logos", count: 1, holding: ["b", "c", "a"] });
});

test("a task the engine gives twice is held once, and one being sent is not shown again", async () => {
  const always = () => ({ tasks: ["a", "b"].map((name) => taskNamed(name)), state: "tasks", message: "" });
  const { labeling, submit, names } = worker([], {
    claim: always,
    submit: () => new Promise(() => undefined),
  });
  await labeling.advance();
  void submit();
  await settled();
  void submit();
  await settled();
  expect(names()).toEqual(["a", "b"]);
});

test("a refused answer brings its task back with the draft and the reason", async () => {
  let refuse = true;
  const { labeling, submit, shown } = worker(["a", "b", "c"], {
    submit: () => {
      if (!refuse) return { accepted: true, duplicate: false };
      refuse = false;
      throw new EngineError("InvalidAnswer", "no");
    },
  });
  await labeling.advance();
  await submit();
  await submit();
  const back = shown.at(-1);
  expect([back?.held.task.task_id, back?.draft, back?.held.message]).toEqual(["a", { nothing: true }, "no"]);
});

test("when nothing is left the engine's words are shown, and the next batch appears by itself", async () => {
  const { labeling, screen, pool, names, waiting, endAll } = worker([]);
  void labeling.advance();
  await settled();
  expect(screen.wait).toHaveBeenCalledWith("wait for ben", false);
  expect(waiting.map(({ ms }) => ms)).toEqual([2_000]);
  pool.push("z");
  endAll();
  await settled();
  expect(names()).toEqual(["z"]);
});

test("every gesture is kept in the browser at once and at the engine half a second later", async () => {
  const { labeling, called, drafts, waiting, endAll } = worker(["a"]);
  await labeling.advance();
  void labeling.keep({ boxes: 1 });
  void labeling.keep({ boxes: 2 });
  await settled();
  expect(await drafts.find("ana", { task_id: "a", lease: "l1" })).toEqual({ boxes: 2 });
  expect(waiting.at(-1)?.ms).toBe(500);
  endAll();
  await settled();
  expect(called("save_draft")).toEqual([{ task_id: "a", lease: "l1", draft: { boxes: 2 } }]);
});

test("a draft kept by an earlier page is shown with its task", async () => {
  const { labeling, drafts, shown } = worker(["a"]);
  await drafts.save("ana", { task_id: "a", lease: "l1" }, { boxes: 3 });
  await labeling.advance();
  expect(shown[0]?.draft).toEqual({ boxes: 3 });
});

test("a lease that ended lets the task go, keeps the draft and shows another", async () => {
  const expired = ({ task_id }: { task_id: string }) => {
    if (task_id === "a") throw new EngineError("LeaseExpired", "gone");
    return { lease_until: 50, now: 20 };
  };
  const { labeling, drafts, names, screen } = worker(["a", "b"], { begin: expired });
  await drafts.save("ana", { task_id: "a", lease: "l1" }, "kept");
  await labeling.advance();
  await settled();
  expect(names()).toEqual(["a", "b"]);
  expect(screen.say).toHaveBeenCalledWith("lease expired");
  expect(await drafts.find("ana", { task_id: "a", lease: "l2" })).toBe("kept");
});

test.each(["skip", "decline", "release"] as const)("%s tells the engine and shows the next", async (op) => {
  const { labeling, called, names, drafts } = worker(["a", "b"]);
  await labeling.advance();
  await drafts.save("ana", { task_id: "a", lease: "l1" }, "work");
  expect(await labeling.give(op, null)).toBe(true);
  expect(called(op)).toEqual([{ task_id: "a", lease: "l1" }]);
  expect(names()).toEqual(["a", "b"]);
  expect(await drafts.find("ana", { task_id: "a", lease: "l1" })).toBeNull();
});

test("stop and resume later leaves the draft with the engine; tasks never seen go back", async () => {
  const { labeling, called, free } = worker(["a", "b", "c"]);
  await labeling.advance();
  await labeling.give("stop", { boxes: 1 });
  labeling.leave();
  await settled();
  expect(called("stop")).toEqual([{ task_id: "a", lease: "l1", draft: { boxes: 1 } }]);
  expect(called("release")).toEqual([
    { task_id: "b", lease: "l1" },
    { task_id: "c", lease: "l1" },
  ]);
  expect(free).toHaveBeenCalledTimes(3);
});

test("who leaves while a claim is on its way gives its tasks back too, and is told when all is done", async () => {
  const arrived: (() => void)[] = [];
  const late = () =>
    new Promise((settle) =>
      arrived.push(() => settle({ tasks: [taskNamed("a")], state: "tasks", message: "" })),
    );
  const { labeling, called, names } = worker([], { claim: late });
  void labeling.advance();
  const left = vi.fn();
  void labeling.leave().then(left);
  await settled();
  expect([called("release"), left.mock.calls.length]).toEqual([[], 0]);
  arrived[0]?.();
  await settled();
  expect(called("release")).toEqual([{ task_id: "a", lease: "l1" }]);
  expect([left.mock.calls.length, names()]).toEqual([1, []]);
});

/** An operation whose first call arrives when the test says so. */
function slow() {
  let arrive = () => undefined as void;
  const arrived = new Promise<object>((settle) => (arrive = () => settle({ lease_until: 50, now: 20 })));
  return { operation: () => arrived, arrive: () => arrive() };
}

test("a begin on its way arrives before the answer, and before a skip", async () => {
  for (const [end, op] of [
    [(each: ReturnType<typeof worker>) => each.submit(), "submit"],
    [(each: ReturnType<typeof worker>) => each.labeling.give("skip", null), "skip"],
  ] as const) {
    const { operation, arrive } = slow();
    const each = worker(["a"], { begin: operation });
    await each.labeling.advance();
    void end(each);
    await settled();
    expect(each.called(op)).toEqual([]);
    arrive();
    await settled();
    expect(each.called(op)).toHaveLength(1);
  }
});

test("a task that went back while it was being skipped takes no other with it", async () => {
  let refuse = () => undefined as void;
  const { labeling, names, called } = worker(["a", "b", "c"], {
    begin: ({ task_id }: { task_id: string }) =>
      task_id === "a"
        ? new Promise((_, fail) => (refuse = () => fail(new EngineError("LeaseExpired", "gone"))))
        : { lease_until: 50, now: 20 },
  });
  await labeling.advance();
  const skipped = labeling.give("skip", null);
  await settled();
  refuse();
  expect(await skipped).toBe(true);
  await settled();
  expect(names()).toEqual(["a", "b"]);
  expect(await labeling.give("skip", null)).toBe(true);
  expect(called("skip").at(-1)).toEqual({ task_id: "b", lease: "l1" });
});

test("a skip that finds no engine leaves the task where it is", async () => {
  const { labeling, names } = worker(["a", "b"], {
    skip: () => {
      throw unreachable("busy");
    },
  });
  await labeling.advance();
  expect(await labeling.give("skip", null)).toBe(false);
  expect(names()).toEqual(["a"]);
});

test("an ended session asks to sign in again", async () => {
  const { labeling, screen } = worker(["a"], {
    claim: () => {
      throw new EngineError("NotAuthorizedException", "sign in");
    },
  });
  await labeling.advance();
  expect(screen.signedOut).toHaveBeenCalledOnce();
});
