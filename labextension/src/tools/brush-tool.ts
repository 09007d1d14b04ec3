/** Painting by brush or eraser: every step of the pointer is one dab from where it was before. */
import type { Point } from "../geometry/box.js";
import type { Gesture } from "../mask/gesture.js";

export type BrushState =
  | { readonly mode: "idle" }
  | { readonly mode: "painting"; readonly last: Point };

export const IDLE: BrushState = { mode: "idle" };

export interface BrushStep {
  readonly state: BrushState;
  readonly dab?: { readonly from: Point; readonly to: Point };
  /** The stroke is one undo step now, or is taken back. */
  readonly end?: "done" | "cancelled";
}

export function brushTool(state: BrushState, event: Gesture): BrushStep {
  if (event.type === "escape") {
    return state.mode === "idle" ? { state } : { state: IDLE, end: "cancelled" };
  }
  if (event.type === "press") {
    return { state: { mode: "painting", last: event.at }, dab: { from: event.at, to: event.at } };
  }
  if (state.mode === "idle") return { state };
  const dab = { from: state.last, to: event.at };
  return event.type === "drag"
    ? { state: { mode: "painting", last: event.at }, dab }
    : { state: IDLE, dab, end: "done" };
}
