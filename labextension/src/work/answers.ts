/** Drafts as they are saved: plain JSON, read back with care, since an older page may have written it. */
import { flag, list, nullable, number, record, text } from "../decode.js";
import { toPixels, type Size } from "../geometry/box.js";
import { EMPTY, type Drawing } from "../store.js";

export interface SavedDraft {
  readonly v: 1;
  readonly time_spent_s: number;
  readonly boxes?: Drawing["boxes"];
  readonly nothing?: boolean;
  readonly label?: string | null;
}

const saved = record({
  v: number,
  time_spent_s: number,
  boxes: nullable(
    list(record({ label: text, left: number, top: number, width: number, height: number })),
  ),
  nothing: nullable(flag),
  label: nullable(text),
});

function parsed(draft: unknown) {
  try {
    return saved(draft, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
}

/** The boxes of a draft that still make sense on this picture with these categories. */
export function drawingOf(draft: unknown, picture: Size, categories: readonly string[]): Drawing {
  const found = parsed(draft);
  if (!found) return EMPTY;
  const boxes = (found.boxes ?? [])
    .filter(({ label, width, height }) => categories.includes(label) && width > 0 && height > 0)
    .map((box) => (isInside(box, picture) ? box : { ...toPixels(box, picture), label: box.label }));
  return { boxes, nothing: found.nothing === true && boxes.length === 0 };
}

/** Seconds already spent on the task before this page showed it. */
export const timeSpentOf = (draft: unknown): number =>
  Math.max(parsed(draft)?.time_spent_s ?? 0, 0);

const isInside = (
  { left, top, width, height }: Size & { readonly left: number; readonly top: number },
  picture: Size,
): boolean =>
  left >= 0 && top >= 0 && left + width <= picture.width && top + height <= picture.height;
