/** Choosing a box, moving it, and resizing it by one of its eight handles. */
import {
  boxAt,
  handleAt,
  moveBox,
  resizeBox,
  type Box,
  type Handle,
  type Point,
} from "../geometry/box.js";
import type { Scene, Step, ToolEvent } from "./tool.js";

export type SelectToolState =
  | { readonly mode: "idle" }
  | {
      readonly mode: "holding";
      readonly index: number;
      /** null moves the whole box. */
      readonly handle: Handle | null;
      readonly anchor: Point;
      readonly before: Box;
      readonly draft: Box;
    };

export const IDLE: SelectToolState = { mode: "idle" };

export function selectTool(
  state: SelectToolState,
  event: ToolEvent,
  scene: Scene,
): Step<SelectToolState> {
  if (event.type === "escape") {
    return state.mode === "idle" ? { state, selected: null } : { state: IDLE };
  }
  if (event.type === "press") return press(event.at, scene);
  if (state.mode === "idle") return { state };

  const draft = pulled(state, event.at, scene);
  if (event.type === "drag") return { state: { ...state, draft } };
  return sameBox(draft, state.before)
    ? { state: IDLE }
    : { state: IDLE, edited: { index: state.index, box: draft } };
}

/** The handle of the selected box under a point, if any. */
export function gripAt(at: Point, scene: Scene): Handle | null {
  const box = scene.selected === null ? undefined : scene.boxes[scene.selected];
  return box ? handleAt(box, at, scene.reach) : null;
}

function press(at: Point, scene: Scene): Step<SelectToolState> {
  const handle = gripAt(at, scene);
  const index = handle ? scene.selected : boxAt(scene.boxes, at, scene.reach / 2);
  const before = index === null ? undefined : scene.boxes[index];
  if (index === null || !before) return { state: IDLE, selected: null };
  return {
    state: { mode: "holding", index, handle, anchor: at, before, draft: before },
    selected: index,
  };
}

function pulled(state: SelectToolState & { mode: "holding" }, at: Point, scene: Scene): Box {
  const { before, anchor, handle } = state;
  return handle
    ? resizeBox(before, handle, at, scene.picture)
    : moveBox(before, at.x - anchor.x, at.y - anchor.y, scene.picture);
}

const sameBox = (a: Box, b: Box): boolean =>
  a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;
