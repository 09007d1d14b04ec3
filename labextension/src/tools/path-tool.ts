/**
 * Drawing vertex by vertex: every press sets one, which follows the pointer until it is let go. A
 * polygon ends on its first vertex, a polyline on its last one; both on `finish`.
 */
import type { Point } from "../geometry/box.js";
import { distance } from "../geometry/path.js";
import { isSlip, VERTICES, type PathShape } from "../geometry/shape.js";
import { snapped } from "../geometry/snap.js";
import type { Scene, Step, ToolEvent } from "./tool.js";

export type PathToolForm = "polygon" | "polyline";
export type PathToolState =
  | { readonly mode: "idle" }
  | {
      readonly mode: "drawing";
      readonly vertices: readonly Point[];
      /** The last vertex is still under the finger. */
      readonly held: boolean;
      /** Where the next vertex would be set. */
      readonly next: Point | null;
    };

export const IDLE: PathToolState = { mode: "idle" };

export const pathTool =
  (form: PathToolForm) =>
  (state: PathToolState, event: ToolEvent, scene: Scene): Step<PathToolState> => {
    if (event.type === "escape") return { state: IDLE };
    if (event.type === "finish") return finish(form, state, scene);
    if (event.type === "cancel" && !(state.mode === "drawing" && state.held)) return { state };
    if (!("at" in event)) return { state: withoutLast(state) };
    const at = snapped(event.at, scene.picture, event.free ? 0 : scene.snap);
    if (event.type === "press") return press(form, state, event.at, at, scene);
    if (state.mode === "idle") return { state };
    if (event.type === "hover") return { state: state.held ? state : { ...state, next: at } };
    if (!state.held) return { state };
    const vertices = state.vertices.with(-1, at);
    return { state: { mode: "drawing", vertices, held: event.type === "drag", next: null } };
  };

/** What a path tool has so far, the next vertex included; null before the first. */
export function pathDraft(form: PathToolForm, state: PathToolState): PathShape | null {
  if (state.mode === "idle") return null;
  const vertices = state.next ? [...state.vertices, state.next] : state.vertices;
  return { form, vertices };
}

function press(
  form: PathToolForm,
  state: PathToolState,
  pointer: Point,
  at: Point,
  scene: Scene,
): Step<PathToolState> {
  const vertices = state.mode === "drawing" ? state.vertices : [];
  const end = form === "polygon" ? vertices[0] : vertices.at(-1);
  const ends = vertices.length >= VERTICES[form][0] && end && distance(end, pointer) <= scene.reach;
  if (ends) return finish(form, state, scene);
  return { state: { mode: "drawing", vertices: [...vertices, at], held: true, next: null } };
}

/** A path with too few vertices goes on; one too small to be meant is dropped. */
function finish(form: PathToolForm, state: PathToolState, scene: Scene): Step<PathToolState> {
  if (state.mode === "idle") return { state };
  const drawn: PathShape = { form, vertices: withoutRepeats(state.vertices, scene.slop / 2) };
  if (drawn.vertices.length < VERTICES[form][0]) return { state: { ...state, held: false } };
  return isSlip(drawn, scene.slop) ? { state: IDLE } : { state: IDLE, drawn };
}

function withoutLast(state: PathToolState): PathToolState {
  if (state.mode === "idle" || state.vertices.length < 2) return IDLE;
  return { ...state, vertices: state.vertices.slice(0, -1), held: false };
}

/** A double click sets its vertex twice. */
const withoutRepeats = (vertices: readonly Point[], least: number): readonly Point[] =>
  vertices.filter((at, index) => {
    const before = vertices[index - 1];
    return !before || distance(before, at) > least;
  });
