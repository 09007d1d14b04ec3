/** The picture's border draws points to itself, so that an object cut off by it ends exactly there. */
import type { Point, Size } from "./box.js";
import { boundsOf, type Shape } from "./shape.js";

/** A point, on the border where it is within `reach` of it, and never outside. */
export const snapped = ({ x, y }: Point, within: Size, reach: number): Point => ({
  x: toEdge(x, within.width, reach),
  y: toEdge(y, within.height, reach),
});

/** How far to move a shape: `by`, or a little more or less where a side comes near the border. */
export function snappedMove(shape: Shape, by: Point, within: Size, reach: number): Point {
  const { left, top, width, height } = boundsOf(shape);
  return {
    x: by.x + pull(left + by.x, width, within.width, reach),
    y: by.y + pull(top + by.y, height, within.height, reach),
  };
}

function toEdge(value: number, end: number, reach: number): number {
  if (value <= reach) return 0;
  return value >= end - reach ? end : value;
}

function pull(from: number, length: number, end: number, reach: number): number {
  if (Math.abs(from) <= reach) return -from;
  const gap = end - (from + length);
  return Math.abs(gap) <= reach ? gap : 0;
}
