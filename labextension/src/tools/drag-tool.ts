/**
 * Drawing with one drag: a box by two corners, a line by two ends, a key point where it is let
 * go. All coordinates are image pixels; `viewport.ts` converts before a tool sees an event.
 */
import type { Point } from "../geometry/box.js";
import { distance } from "../geometry/path.js";
import { dragged, isSlip, type Shape } from "../geometry/shape.js";
import { snapped } from "../geometry/snap.js";
import type { Scene, Step, ToolEvent } from "./tool.js";

export type DragForm = "box" | "line" | "keypoint";
export type DragToolState =
  | { readonly mode: "idle" }
  | {
      readonly mode: "drawing";
      readonly anchor: Point;
      /** Where the press was, before the border drew it to itself. */
      readonly pressed: Point;
      readonly draft: Shape;
    };

export const IDLE: DragToolState = { mode: "idle" };

export const dragTool =
  (form: DragForm) =>
  (state: DragToolState, event: ToolEvent, scene: Scene): Step<DragToolState> => {
    if (event.type === "escape" || event.type === "cancel") return { state: IDLE };
    if (!("at" in event) || event.type === "hover") return { state };
    const at = snapped(event.at, scene.picture, event.free ? 0 : scene.snap);
    if (event.type === "press") {
      const draft = dragged(form, at, at);
      return { state: { mode: "drawing", anchor: at, pressed: event.at, draft } };
    }
    if (state.mode === "idle") return { state };
    const draft = dragged(form, state.anchor, at);
    if (event.type === "drag") return { state: { ...state, draft } };
    if (form === "keypoint") return { state: IDLE, drawn: draft };
    if (distance(state.pressed, event.at) < scene.slop) return { state: IDLE, clicked: event.at };
    return isSlip(draft, scene.slop) ? { state: IDLE } : { state: IDLE, drawn: draft };
  };
