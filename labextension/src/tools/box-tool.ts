/**
 * Drawing one box: press, drag, release. All coordinates are image pixels;
 * `viewport.ts` converts from the screen before a tool sees an event.
 */
import { boxBetween, MIN_SIDE, type Box, type Point } from "../geometry/box.js";
import type { Step, ToolEvent } from "./tool.js";

export type BoxToolState =
  | { readonly mode: "idle" }
  | { readonly mode: "drawing"; readonly anchor: Point; readonly draft: Box };

export const IDLE: BoxToolState = { mode: "idle" };

/** `slop`: a gesture shorter than this in both directions is a click, in image pixels. */
export function boxTool(state: BoxToolState, event: ToolEvent, slop = 0): Step<BoxToolState> {
  if (event.type === "escape") return { state: IDLE };
  if (event.type === "press") return { state: drawing(event.at, event.at) };
  if (state.mode === "idle") return { state };

  const next = drawing(state.anchor, event.at);
  if (event.type === "drag") return { state: next };
  const { width, height } = next.draft;
  if (Math.max(width, height) < Math.max(slop, MIN_SIDE)) {
    return { state: IDLE, clicked: event.at };
  }
  return Math.min(width, height) < MIN_SIDE
    ? { state: IDLE }
    : { state: IDLE, drawn: next.draft };
}

function drawing(anchor: Point, at: Point) {
  return { mode: "drawing", anchor, draft: boxBetween(anchor, at) } as const;
}
