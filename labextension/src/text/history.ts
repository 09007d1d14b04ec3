/** Undo without limit: every gesture leaves the state before it behind. */

export interface History<T> {
  readonly now: T;
  readonly past: readonly T[];
  readonly future: readonly T[];
}

export const historyOf = <T>(now: T): History<T> => ({ now, past: [], future: [] });

/** What a gesture made; nothing happens if it made nothing. */
export const done = <T>(history: History<T>, now: T): History<T> =>
  now === history.now ? history : { now, past: [...history.past, history.now], future: [] };

export function undone<T>(history: History<T>): History<T> {
  const { now, past, future } = history;
  return past.length === 0
    ? history
    : { now: past.at(-1) as T, past: past.slice(0, -1), future: [now, ...future] };
}

export function redone<T>(history: History<T>): History<T> {
  const { now, past, future } = history;
  return future.length === 0
    ? history
    : { now: future[0] as T, past: [...past, now], future: future.slice(1) };
}
