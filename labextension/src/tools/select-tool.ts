/** Choosing an item, moving it, and mending it by a handle, a vertex or the middle of an edge. */
import type { Point } from "../geometry/box.js";
import { distance } from "../geometry/path.js";
import { gripOf, moved, pulled, sameShape, type Grip, type Shape } from "../geometry/shape.js";
import { snapped, snappedMove } from "../geometry/snap.js";
import type { Item } from "../store.js";
import type { Scene, Step, ToolEvent } from "./tool.js";

export type SelectToolState =
  | { readonly mode: "idle" }
  | {
      readonly mode: "holding";
      readonly id: number;
      /** null moves the whole shape. */
      readonly grip: Grip | null;
      readonly anchor: Point;
      readonly before: Shape;
      readonly draft: Shape;
      /** It was chosen before this press: a mere click goes on to what lies under it. */
      readonly again: boolean;
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
  if (event.type === "cancel") return { state: IDLE };
  if (!("at" in event) || event.type === "hover") return { state };
  if (event.type === "press") return press(event.at, scene);
  if (state.mode === "idle") return { state };

  const far = distance(state.anchor, event.at) >= scene.slop / 2;
  const began = far || !sameShape(state.draft, state.before);
  const draft = began ? pull(state, event.at, scene, event.free === true) : state.before;
  if (event.type === "drag") return { state: { ...state, draft } };
  if (!began) return state.again && !state.grip ? deeper(state, event.at, scene) : { state: IDLE };
  return sameShape(draft, state.before)
    ? { state: IDLE }
    : { state: IDLE, edited: { id: state.id, shape: draft } };
}

/** The grip of the selected item under a point, if it may be changed. */
export function gripAt(at: Point, { selected, reach }: Scene): Grip | null {
  if (!selected || selected.locked || selected.hidden) return null;
  return gripOf(selected.shape, at, reach);
}

function press(at: Point, scene: Scene): Step<SelectToolState> {
  const { selected } = scene;
  const grip = gripAt(at, scene);
  const hits = grip ? [] : scene.hits(at);
  const again = hits.some(({ id }) => id === selected?.id);
  const item = grip || again ? selected : (hits[0] ?? null);
  if (!item) return { state: IDLE, selected: null };
  const vertex = grip?.kind === "vertex" ? grip.index : null;
  const chosen = item.id === selected?.id ? { vertex } : { selected: item.id };
  return { state: holding(item, grip, at, again), ...chosen };
}

const holding = (item: Item, grip: Grip | null, anchor: Point, again: boolean): SelectToolState =>
  item.locked
    ? IDLE
    : {
        mode: "holding",
        id: item.id,
        grip,
        anchor,
        before: item.shape,
        draft: item.shape,
        again,
      };

/** The item under the chosen one, going round. */
function deeper(
  { id }: SelectToolState & { mode: "holding" },
  at: Point,
  scene: Scene,
): Step<SelectToolState> {
  const hits = scene.hits(at);
  const next = hits[(hits.findIndex((item) => item.id === id) + 1) % hits.length];
  return next && next.id !== id ? { state: IDLE, selected: next.id } : { state: IDLE, vertex: null };
}

function pull(
  { before, anchor, grip }: SelectToolState & { mode: "holding" },
  at: Point,
  { picture, snap }: Scene,
  free: boolean,
): Shape {
  const near = free ? 0 : snap;
  if (grip) return pulled(before, grip, snapped(at, picture, near), picture);
  const by = { x: at.x - anchor.x, y: at.y - anchor.y };
  return moved(before, snappedMove(before, by, picture, near), picture);
}
