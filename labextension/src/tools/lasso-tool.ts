/** An outline to fill: clicks set corners, dragging draws freely, a click on the first closes it. */
import type { Point } from "../geometry/box.js";
import type { Gesture } from "../mask/gesture.js";

export interface LassoState {
  readonly points: readonly Point[];
  readonly dragging: boolean;
}

export const IDLE: LassoState = { points: [], dragging: false };

export interface LassoStep {
  readonly state: LassoState;
  /** The finished outline, on the one step that closes it. */
  readonly closed?: readonly Point[];
}

/** `reach`: how near counts as "on the point", in image pixels. */
export function lassoTool(state: LassoState, event: Gesture, reach: number): LassoStep {
  if (event.type === "escape") return { state: IDLE };
  const { points } = state;
  if (event.type === "press") {
    const [first, last] = [points[0], points.at(-1)];
    if (first && near(event.at, first, reach)) return closeLasso(state);
    if (last && near(event.at, last, reach / 2)) return closeLasso(state); // a double click
    return { state: { points: [...points, event.at], dragging: true } };
  }
  if (!state.dragging) return { state };
  const last = points.at(-1);
  const far = !last || !near(event.at, last, reach / 2);
  const next = far ? [...points, event.at] : points;
  if (event.type === "drag") return { state: { points: next, dragging: true } };
  // drawn freely and back where it began
  const round = next.length > 8 && near(event.at, next[0] as Point, reach);
  return round ? closeLasso({ points: next, dragging: false }) : { state: { points: next, dragging: false } };
}

/** Fewer than three corners enclose nothing: the outline stays open. */
export function closeLasso(state: LassoState): LassoStep {
  return state.points.length < 3
    ? { state: { ...state, dragging: false } }
    : { state: IDLE, closed: state.points };
}

/** Take the last corner back. */
export const shortenLasso = (state: LassoState): LassoState => ({
  points: state.points.slice(0, -1),
  dragging: false,
});

const near = (a: Point, b: Point, reach: number): boolean =>
  Math.hypot(a.x - b.x, a.y - b.y) <= reach;
