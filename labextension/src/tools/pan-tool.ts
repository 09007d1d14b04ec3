/** Dragging the picture about. The one tool whose points are screen pixels. */
import type { Point } from "../geometry/box.js";
import type { ToolEvent } from "./tool.js";

export type PanToolState =
  | { readonly mode: "idle" }
  | { readonly mode: "panning"; readonly last: Point };

export const IDLE: PanToolState = { mode: "idle" };

export interface PanStep {
  readonly state: PanToolState;
  /** How far the picture goes on this step, in CSS pixels. */
  readonly by?: Point;
}

export function panTool(state: PanToolState, event: ToolEvent): PanStep {
  if (event.type === "escape" || event.type === "cancel") return { state: IDLE };
  if (event.type === "press") return { state: { mode: "panning", last: event.at } };
  if (state.mode === "idle" || !("at" in event) || event.type === "hover") return { state };
  const by = { x: event.at.x - state.last.x, y: event.at.y - state.last.y };
  return event.type === "drag"
    ? { state: { mode: "panning", last: event.at }, by }
    : { state: IDLE, by };
}
