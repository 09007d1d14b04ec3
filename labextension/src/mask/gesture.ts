/** What a hand does on a mask, in image pixels: the part of pointer events its tools play. */
import type { Point } from "../geometry/box.js";

export type Gesture =
  | { readonly type: "press" | "drag" | "release"; readonly at: Point }
  | { readonly type: "escape" };
