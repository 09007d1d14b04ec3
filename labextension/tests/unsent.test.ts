import { expect, test, vi } from "vitest";
import { unreachable } from "../src/backend/types.js";
import { EngineError } from "../src/protocol.js";
import { memoryShelf } from "../src/shelves.js";
import { UnsentQueue, type Unsent } from "../src/work/unsent.js";
import { content, pauses, settled, taskNamed } from "./helpers.js";

const answerTo = (task_id: string): Unsent => ({
  key: `key-${task_id}`,
  task: taskNamed(task_id),
  content,
  time_spent_s: 1,
  draft: { nothing: true },
});

function queueWith(send: (answer: Unsent) => Promise<void>, shelf = memoryShelf()) {
  const { delay, waiting, endAll } = pauses();
  const events = {
    onChange: vi.fn(),
    onSent: vi.fn(),
    onRefused: vi.fn(),
    onLost: vi.fn(),
    onSignedOut: vi.fn(),
  };
  const signal = new AbortController().signal;
  const queue = new UnsentQueue(shelf, "unsent|", { send, delay, signal, ...events });
  return { queue, shelf, waiting, endAll, ...events };
}

test("answers are sent in order and leave the shelf once the engine has them", async () => {
  const sent: string[] = [];
  const { queue, shelf } = queueWith(async ({ key }) => void sent.push(key));
  await Promise.all([queue.add(answerTo("a")), queue.add(answerTo("b"))]);
  expect(sent).toEqual(["key-a", "key-b"]);
  expect([queue.size, await shelf.entries("")]).toEqual([0, []]);
});

test("an engine out of reach is tried again under the same key, with longer pauses", async () => {
  const keys: string[] = [];
  let broken = 2;
  const { queue, waiting, endAll, onChange } = queueWith(async ({ key }) => {
    keys.push(key);
    if (broken-- > 0) throw unreachable("busy");
  });
  const done = queue.add(answerTo("a"));
  await settled();
  expect(onChange).toHaveBeenLastCalledWith({ unsent: 1, stuck: true });
  const first = waiting[0]?.ms ?? 0;
  endAll();
  await settled();
  expect(waiting[0]?.ms).toBeGreaterThan(first);
  endAll();
  await done;
  expect(keys).toEqual(["key-a", "key-a", "key-a"]);
  expect(onChange).toHaveBeenLastCalledWith({ unsent: 0, stuck: false });
});

test("a refused answer goes back to its worker with the draft", async () => {
  const { queue, onRefused } = queueWith(async () => {
    throw new EngineError("InvalidAnswer", "Box 1 lies outside the picture.");
  });
  const answer = answerTo("a");
  await queue.add(answer);
  expect(onRefused.mock.calls[0]?.[0]).toBe(answer);
  expect(queue.size).toBe(0);
});

test("an answer that came too late is reported lost, and the next one is sent", async () => {
  const { queue, onLost, onSent } = queueWith(async ({ key }) => {
    if (key === "key-a") throw new EngineError("LeaseExpired", "gone");
  });
  await Promise.all([queue.add(answerTo("a")), queue.add(answerTo("b"))]);
  expect(onLost).toHaveBeenCalledOnce();
  expect(onSent.mock.calls[0]?.[0]).toMatchObject({ key: "key-b" });
});

test("an ended session keeps the answers until someone signs in", async () => {
  let signedIn = false;
  const { queue, onSignedOut } = queueWith(async () => {
    if (!signedIn) throw new EngineError("NotAuthorizedException", "sign in");
  });
  await queue.add(answerTo("a"));
  expect([queue.size, onSignedOut.mock.calls.length]).toEqual([1, 1]);
  signedIn = true;
  await queue.flush();
  expect(queue.size).toBe(0);
});

test("whoever asks to send all waits for the answer that is on its way", async () => {
  let arrive = () => undefined as void;
  const { queue } = queueWith(() => new Promise((settle) => (arrive = settle)));
  void queue.add(answerTo("a"));
  const gone = vi.fn();
  void queue.flush().then(gone);
  await settled();
  expect(gone).not.toHaveBeenCalled();
  arrive();
  await settled();
  expect([queue.size, gone.mock.calls.length]).toEqual([0, 1]);
});

test("a page that went away leaves its answers to the next one", async () => {
  const first = queueWith(() => new Promise(() => undefined));
  void first.queue.add(answerTo("a"));
  await settled();
  const send = vi.fn(async () => undefined);
  const second = queueWith(send, first.shelf);
  await second.queue.restore();
  expect(second.queue.taskIds).toEqual(["a"]);
  await second.queue.flush();
  expect(send).toHaveBeenCalledOnce();
});
