/** What every tool is: a pure reducer over events in image pixels. */
import type { Point, Size } from "../geometry/box.js";
import type { Shape } from "../geometry/shape.js";
import type { Item } from "../store.js";

export type ToolEvent =
  | {
      readonly type: "press" | "drag" | "release" | "hover";
      readonly at: Point;
      /** Nothing draws the point to itself (Alt). */
      readonly free?: boolean;
      /** A finger or a pen: what it means to hit is larger. */
      readonly coarse?: boolean;
    }
  /**
   * Escape drops what is begun; cancel only what the press in hand did, as when a second finger
   * comes down; finish ends a path; back takes its last vertex.
   */
  | { readonly type: "escape" | "cancel" | "finish" | "back" };

export const EVENT_TYPES = [
  "press",
  "drag",
  "release",
  "hover",
  "escape",
  "cancel",
  "finish",
  "back",
] as const satisfies readonly ToolEvent["type"][];

/** What a tool may look at while it works. */
export interface Scene {
  /** What can be taken hold of at a point, the best first. */
  readonly hits: (at: Point) => readonly Item[];
  readonly selected: Item | null;
  readonly picture: Size;
  /** How near counts as "on it", in image pixels: a few screen pixels at this zoom. */
  readonly reach: number;
  /** A gesture shorter than this is a click, a shape smaller than this a slip, in image pixels. */
  readonly slop: number;
  /** How near the border draws points to itself, in image pixels; 0 for not at all. */
  readonly snap: number;
}

/** What one event led to; the optional parts are there on the step that finishes a gesture. */
export interface Step<State> {
  readonly state: State;
  /** A new shape: one undo step. */
  readonly drawn?: Shape;
  /** An item changed its shape: one undo step. */
  readonly edited?: { readonly id: number; readonly shape: Shape };
  /** The press was let go where it began. */
  readonly clicked?: Point;
  /** Another item is chosen now, or none. */
  readonly selected?: number | null;
  /** The vertex that was taken hold of. */
  readonly vertex?: number | null;
}
