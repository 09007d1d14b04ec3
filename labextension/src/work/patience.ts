/** Waiting and trying again, with growing pauses, until the page goes away. */
import { isUnreachable } from "../protocol.js";

/** Resolves after `ms`, or at once when the signal fires. */
export type Delay = (ms: number, signal: AbortSignal) => Promise<void>;

const PAUSES_MS = [1_000, 2_000, 4_000, 8_000, 15_000];

export const pauseMs = (attempt: number): number =>
  PAUSES_MS[Math.min(attempt, PAUSES_MS.length - 1)] ?? 1_000;

export const delay: Delay = (ms, signal) =>
  new Promise((settle) => {
    if (signal.aborted) return settle();
    const stop = () => {
      clearTimeout(timer);
      settle();
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      settle();
    }, ms);
    signal.addEventListener("abort", stop);
  });

export interface Patience {
  readonly delay: Delay;
  readonly signal: AbortSignal;
}

/** Until the engine answers, with a result or a refusal; only unreachability is waited out. */
export async function patiently<T>(go: () => Promise<T>, patience: Patience): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await go();
    } catch (error) {
      if (!isUnreachable(error) || patience.signal.aborted) throw error;
    }
    await patience.delay(pauseMs(attempt), patience.signal);
  }
}
