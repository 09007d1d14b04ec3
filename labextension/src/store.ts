/**
 * The answer being drawn, as a log of commands: one gesture is one command is one undo step. The
 * log keeps what changed, not copies of the drawing, so it may grow without limit.
 */
import type { Shape } from "./geometry/shape.js";

/** One thing drawn. Its place in the list is its place in the stack, the top one last. */
export interface Item {
  readonly id: number;
  readonly shape: Shape;
  readonly label: string;
  /** Cannot be changed or taken hold of until it is unlocked. */
  readonly locked: boolean;
  /** Not shown; it belongs to the answer all the same. */
  readonly hidden: boolean;
}
export interface Drawing {
  readonly items: readonly Item[];
  /** The worker says there is nothing to label; never true beside an item. */
  readonly nothing: boolean;
}
export type Facts = Partial<Omit<Item, "id">>;

export type Command =
  | { readonly type: "add"; readonly item: Item; readonly at?: number }
  | { readonly type: "remove"; readonly id: number }
  | { readonly type: "change"; readonly id: number; readonly by: Facts }
  | { readonly type: "place"; readonly id: number; readonly at: number }
  | { readonly type: "nothing"; readonly nothing: boolean };

interface Entry {
  readonly done: Command;
  readonly undone: Command;
  /** An item drawn after "nothing to label" was ticked takes the tick away: undo gives it back. */
  readonly ticked: boolean;
  readonly next: Entry | null;
}
export interface History {
  readonly now: Drawing;
  readonly past: Entry | null;
  readonly future: Entry | null;
}

export const EMPTY: Drawing = { items: [], nothing: false };

export const historyOf = (now: Drawing): History => ({ now, past: null, future: null });

export function applied(drawing: Drawing, command: Command): Drawing {
  const { items } = drawing;
  switch (command.type) {
    case "add": {
      const { item, at = items.length } = command;
      return { items: items.toSpliced(at, 0, item), nothing: false };
    }
    case "remove":
      return { ...drawing, items: items.filter(({ id }) => id !== command.id) };
    case "change": {
      const at = indexOf(drawing, command.id);
      const found = items[at];
      return found ? { ...drawing, items: items.with(at, { ...found, ...command.by }) } : drawing;
    }
    case "place": {
      const from = indexOf(drawing, command.id);
      const found = items[from];
      if (!found) return drawing;
      return { ...drawing, items: items.toSpliced(from, 1).toSpliced(command.at, 0, found) };
    }
    case "nothing":
      return { ...drawing, nothing: command.nothing && items.length === 0 };
  }
}

/** `merge` adds to the last undo step instead of making one, as a held arrow key does. */
export function perform(history: History, command: Command, merge = false): History {
  const undone = inverse(history.now, command);
  if (!undone) return history;
  const now = applied(history.now, command);
  const { past } = history;
  const joined = merge && past ? join(past.done, command) : null;
  const entry: Entry =
    joined && past
      ? { ...past, done: joined }
      : { done: command, undone, ticked: history.now.nothing, next: past };
  return { now, past: entry, future: null };
}

export function undo(history: History): History {
  const { past, now } = history;
  if (!past) return history;
  const before = applied(now, past.undone);
  return {
    now: { ...before, nothing: past.ticked },
    past: past.next,
    future: { ...past, next: history.future },
  };
}

export function redo(history: History): History {
  const { future, now } = history;
  if (!future) return history;
  return {
    now: applied(now, future.done),
    past: { ...future, next: history.past },
    future: future.next,
  };
}

export const indexOf = ({ items }: Drawing, id: number): number =>
  items.findIndex((item) => item.id === id);

/** What takes a command back; null when the command changes nothing. */
function inverse(drawing: Drawing, command: Command): Command | null {
  if (command.type === "add") return { type: "remove", id: command.item.id };
  if (command.type === "nothing") {
    const changes = command.nothing !== drawing.nothing && drawing.items.length === 0;
    return changes ? { type: "nothing", nothing: drawing.nothing } : null;
  }
  const at = indexOf(drawing, command.id);
  const item = drawing.items[at];
  if (!item) return null;
  if (command.type === "remove") return { type: "add", item, at };
  if (command.type === "place") return { type: "place", id: item.id, at };
  const { shape, label, locked, hidden } = item;
  return { type: "change", id: item.id, by: { shape, label, locked, hidden } };
}

/** Two changes of one item as one; null when they are about different things. */
function join(last: Command, next: Command): Command | null {
  if (last.type !== "change" || next.type !== "change" || last.id !== next.id) return null;
  return { ...next, by: { ...last.by, ...next.by } };
}
