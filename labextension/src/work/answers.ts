/** Drafts as they are saved: plain JSON, read back with care, since an older page may have written it. */
import { number, record } from "../decode.js";

const saved = record({ v: number, time_spent_s: number });

function parsed(draft: unknown) {
  try {
    return saved(draft, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
}

/** Seconds already spent on the task before this page showed it. */
export const timeSpentOf = (draft: unknown): number =>
  Math.max(parsed(draft)?.time_spent_s ?? 0, 0);
