/** Categories chosen so far: what a key or a click does to them, as drafts and answers have them. */
import { flag, list, nullable, record, text } from "../decode.js";
import type { Task } from "../protocol.js";

export interface Choice {
  /** In the order of the job's categories; one at most where one is asked for. */
  readonly labels: readonly string[];
  /** The worker says that no category fits; never true beside a label. */
  readonly none: boolean;
  /** Why, in a verification. */
  readonly comment: string;
}
export const UNDECIDED: Choice = { labels: [], none: false, comment: "" };

/** Characters that the engine takes of a comment. */
export const MAX_COMMENT = 2_000;

/** One of many: the category takes the place of the one before. */
export const withOnly = (choice: Choice, label: string): Choice => ({
  ...choice,
  labels: [label],
  none: false,
});

/**
 * Several of many: taken once it is in, taken twice it is out. `null` says that none fits, which
 * excludes all others as they exclude it (the `exclusion-category` of the crowd elements).
 */
export function toggled(
  choice: Choice,
  label: string | null,
  categories: readonly string[],
): Choice {
  if (label === null) return { ...choice, labels: [], none: !choice.none };
  const chosen = new Set(choice.labels);
  if (!chosen.delete(label)) chosen.add(label);
  return { ...choice, labels: categories.filter((each) => chosen.has(each)), none: false };
}

const saved = record({
  label: nullable(text),
  labels: nullable(list(text)),
  none: nullable(flag),
  comment: nullable(text),
});

/** What a draft or an earlier answer holds; null where there is none that can be read. */
export function choiceFrom(value: unknown, categories: readonly string[]): Choice | null {
  let read;
  try {
    read = saved(value, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
  const given = read.labels ?? (read.label === null ? [] : [read.label]);
  const labels = categories.filter((each) => given.includes(each));
  const comment = (read.comment ?? "").slice(0, MAX_COMMENT);
  return { labels, none: read.none === true && labels.length === 0, comment };
}

/** Where a worker begins: the draft, else in an adjustment the earlier label. */
export function firstChoice({ categories, purpose, earlier }: Task, draft: unknown): Choice {
  const kept = draft === null ? null : choiceFrom(draft, categories);
  if (kept) return kept;
  const before = purpose === "adjust" ? choiceFrom(earlier?.value, categories) : null;
  if (!before) return UNDECIDED;
  // several of many, none of them chosen: that was the earlier answer
  return { ...before, none: before.labels.length === 0 && "labels" in (earlier?.value ?? {}) };
}

/** The answer under the element's name; null while the worker has decided nothing. */
export function answerOf({ labels, none, comment }: Choice, several: boolean): object | null {
  if (several) return labels.length > 0 || none ? { labels } : null;
  const [label] = labels;
  if (label === undefined) return null;
  return { label, ...(comment.trim() && { workerComment: comment.trim() }) };
}
