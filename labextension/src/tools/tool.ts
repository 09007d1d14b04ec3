/** What every tool is: a pure reducer over events in image pixels. */
import type { Box, Point, Size } from "../geometry/box.js";

export type ToolEvent =
  | { readonly type: "press" | "drag" | "release"; readonly at: Point }
  | { readonly type: "escape" };

/** What a tool may look at while it works. */
export interface Scene {
  readonly boxes: readonly Box[];
  readonly selected: number | null;
  readonly picture: Size;
  /** How near counts as "on it", in image pixels: a few screen pixels at this zoom. */
  readonly reach: number;
}

/** What one event led to; the optional parts are there on the step that finishes a gesture. */
export interface Step<State> {
  readonly state: State;
  /** A new box: one undo step. */
  readonly drawn?: Box;
  /** A box moved or resized: one undo step. */
  readonly edited?: { readonly index: number; readonly box: Box };
  /** The press was let go where it began. */
  readonly clicked?: Point;
  /** Another box is chosen now, or none. */
  readonly selected?: number | null;
}
