/** A hint for auto-segment: a rough box by dragging, or four extreme points by clicks. */
import { boxBetween, type Box, type Point } from "../geometry/box.js";
import type { Gesture } from "../mask/gesture.js";

export interface HintState {
  readonly points: readonly Point[];
  readonly anchor: Point | null;
  readonly draft: Box | null;
}

export const IDLE: HintState = { points: [], anchor: null, draft: null };

export type Hint =
  | { readonly box: Box }
  | { readonly extreme: readonly Point[] }
  | { readonly clicks: readonly (Point & { readonly inside: boolean })[] };

export interface HintStep {
  readonly state: HintState;
  readonly hint?: Hint;
}

const EXTREMES = 4;

export interface HintRules {
  /** A gesture shorter than this is a click, in image pixels. */
  readonly slop: number;
  /** A model takes single clicks. */
  readonly clicks: boolean;
}

export function hintTool(state: HintState, event: Gesture, rules: HintRules): HintStep {
  if (event.type === "escape") return { state: IDLE };
  if (event.type === "press") return { state: { ...state, anchor: event.at, draft: null } };
  const { anchor, points } = state;
  if (!anchor) return { state };
  const draft = boxBetween(anchor, event.at);
  const isClick = Math.max(draft.width, draft.height) < rules.slop;
  if (event.type === "drag") return { state: { ...state, draft: isClick ? null : draft } };
  if (!isClick) return { state: IDLE, hint: { box: draft } };
  if (rules.clicks) return { state: IDLE, hint: { clicks: [{ ...anchor, inside: true }] } };
  const next = [...points, anchor];
  return next.length === EXTREMES
    ? { state: IDLE, hint: { extreme: next } }
    : { state: { points: next, anchor: null, draft: null } };
}
