/** Drafts as they are saved: plain JSON, read back with care, since an older page may have written it. */
import { nullable, number, record, text } from "../decode.js";

const saved = record({ v: number, time_spent_s: number, label: nullable(text) });

function parsed(draft: unknown) {
  try {
    return saved(draft, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
}

export function choiceOf(draft: unknown, categories: readonly string[]): string | null {
  const label = parsed(draft)?.label ?? null;
  return label !== null && categories.includes(label) ? label : null;
}

/** Seconds already spent on the task before this page showed it. */
export const timeSpentOf = (draft: unknown): number =>
  Math.max(parsed(draft)?.time_spent_s ?? 0, 0);
