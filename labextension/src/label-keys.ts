/** Keys of the label categories: 1 to 9, then letters. */
import type { KeyLike } from "./keys.js";

/** Letters left out mean something else where labels are chosen: C, H, N and W. */
const KEYS = "123456789abdefgijklmopqrstuvxyz";

/** The key of one category; a dot where the keys have run out. */
export const labelKey = (index: number): string => (KEYS[index] ?? "·").toUpperCase();

/** The category that a key without Ctrl, Alt or Meta chooses; null if it chooses none. */
export function labelOfKey(event: KeyLike, count: number): number | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1) return null;
  const index = KEYS.indexOf(event.key.toLowerCase());
  return index >= 0 && index < count ? index : null;
}
