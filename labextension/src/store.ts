/** The answer being drawn, as a log of commands: one command is one undo step. */
import type { Box } from "./geometry/box.js";

export interface LabeledBox extends Box {
  readonly label: string;
}
export interface Drawing {
  readonly boxes: readonly LabeledBox[];
  /** The worker says there is nothing to label; never true beside a box. */
  readonly nothing: boolean;
}

export type Command =
  | { readonly type: "add"; readonly box: LabeledBox }
  | { readonly type: "reshape"; readonly index: number; readonly box: Box }
  | { readonly type: "relabel"; readonly index: number; readonly label: string }
  | { readonly type: "remove"; readonly index: number }
  | { readonly type: "nothing"; readonly nothing: boolean };

export interface History {
  readonly now: Drawing;
  readonly past: readonly Drawing[];
  readonly future: readonly Drawing[];
}

export const EMPTY: Drawing = { boxes: [], nothing: false };

export const historyOf = (now: Drawing): History => ({ now, past: [], future: [] });

export function applied(drawing: Drawing, command: Command): Drawing {
  const { boxes } = drawing;
  switch (command.type) {
    case "add":
      return { boxes: [...boxes, command.box], nothing: false };
    case "reshape":
      return { ...drawing, boxes: changed(boxes, command.index, command.box) };
    case "relabel":
      return { ...drawing, boxes: changed(boxes, command.index, { label: command.label }) };
    case "remove":
      return { ...drawing, boxes: boxes.filter((_, index) => index !== command.index) };
    case "nothing":
      return { ...drawing, nothing: command.nothing && boxes.length === 0 };
  }
}

/** `merge` adds to the last undo step instead of making one, as a held arrow key does. */
export function perform(history: History, command: Command, merge = false): History {
  const now = applied(history.now, command);
  const past = merge && history.past.length > 0 ? history.past : [...history.past, history.now];
  return { now, past, future: [] };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (!before) return history;
  return {
    now: before,
    past: history.past.slice(0, -1),
    future: [history.now, ...history.future],
  };
}

export function redo(history: History): History {
  const [after, ...future] = history.future;
  return after ? { now: after, past: [...history.past, history.now], future } : history;
}

function changed(
  boxes: readonly LabeledBox[],
  index: number,
  by: Partial<LabeledBox>,
): readonly LabeledBox[] {
  return boxes.map((box, at) => (at === index ? { ...box, ...by } : box));
}
