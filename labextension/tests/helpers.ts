/** Tasks, pauses that do not pause, and a shelf in memory. */
import { parseTask, type Task } from "../src/protocol.js";
import type { Delay } from "../src/work/patience.js";

export const taskNamed = (task_id: string, more: Partial<Task> = {}): Task => ({
  ...parseTask({
    task_id,
    lease: "l1",
    job_name: "logos",
    object_id: task_id,
    task_type: "bounding-box",
    title: "",
    description: "",
    categories: ["DHL"],
    instructions: { short: "", full: "" },
    picture: { width: 64, height: 48, content_type: "image/png" },
    text: null,
    time_limit_s: 600,
    lease_until: 700,
    now: 100,
    draft: null,
  }),
  ...more,
});

/** Records each pause and lets the test end it. */
export function pauses() {
  const waiting: { ms: number; end: () => void }[] = [];
  const delay: Delay = (ms, signal) =>
    new Promise((end) => {
      if (signal.aborted) return end();
      signal.addEventListener("abort", () => end(), { once: true });
      waiting.push({ ms, end });
    });
  return { delay, waiting, endAll: () => waiting.splice(0).forEach(({ end }) => end()) };
}

/** Lets everything that can happen without waiting happen. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

export const content = {
  boundingBox: { boundingBoxes: [], inputImageProperties: { width: 64, height: 48 } },
};

/** A property: true of so many cases made from numbers in [0, 1), the same ones on every run. */
export function forAll<T>(make: (random: () => number) => T, holds: (made: T) => void, runs = 300) {
  for (let seed = 1; seed <= runs; seed++) {
    let state = seed * 0x9e3779b9;
    const random = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    };
    holds(make(random));
  }
}
