/**
 * Shapes as rows of pixels: a pixel is painted when its centre lies inside. Points are image
 * pixels as floats; the origin is the upper left corner of the first pixel.
 */
import type { Point } from "../geometry/box.js";

/** Receives the columns from `left` to before `right` of one row. */
export type Span = (row: number, left: number, right: number) => void;

/** The centre of a brush of whole `size`: a pixel's middle when odd, a corner when even. */
export function brushCentre(at: Point, size: number): Point {
  return size % 2 === 1
    ? { x: Math.floor(at.x) + 0.5, y: Math.floor(at.y) + 0.5 }
    : { x: Math.round(at.x), y: Math.round(at.y) };
}

/** A round brush drawn from one point to another: a disc where both are the same. */
export function capsule(from: Point, to: Point, size: number, span: Span): void {
  const radius = size / 2;
  const [a, b] = [brushCentre(from, size), brushCentre(to, size)];
  const length = Math.hypot(b.x - a.x, b.y - a.y);
  const side =
    length === 0
      ? null
      : { x: (-(b.y - a.y) / length) * radius, y: ((b.x - a.x) / length) * radius };
  const corners = side && [plus(a, side, 1), plus(b, side, 1), plus(b, side, -1), plus(a, side, -1)];
  const last = Math.ceil(Math.max(a.y, b.y) + radius);
  for (let row = Math.floor(Math.min(a.y, b.y) - radius); row < last; row++) {
    const y = row + 0.5;
    const reach = { low: Infinity, high: -Infinity };
    widenByDisc(reach, a, radius, y);
    widenByDisc(reach, b, radius, y);
    if (corners) widenByPolygon(reach, corners, y);
    if (reach.low < reach.high) span(row, Math.ceil(reach.low - 0.5), Math.ceil(reach.high - 0.5));
  }
}

/** The inside of a closed outline; where it crosses itself, every second part is inside. */
export function polygon(points: readonly Point[], span: Span): void {
  const ys = points.map(({ y }) => y);
  const last = Math.ceil(Math.max(...ys));
  for (let row = Math.floor(Math.min(...ys)); row < last; row++) {
    const cuts = crossings(points, row + 0.5).sort((a, b) => a - b);
    for (let index = 0; index + 1 < cuts.length; index += 2) {
      const [low, high] = [cuts[index] as number, cuts[index + 1] as number];
      const [left, right] = [Math.ceil(low - 0.5), Math.ceil(high - 0.5)];
      if (left < right) span(row, left, right);
    }
  }
}

interface Reach {
  low: number;
  high: number;
}

function widenByDisc(reach: Reach, centre: Point, radius: number, y: number): void {
  const away = Math.abs(y - centre.y);
  if (away > radius) return;
  const half = Math.sqrt(radius * radius - away * away);
  reach.low = Math.min(reach.low, centre.x - half);
  reach.high = Math.max(reach.high, centre.x + half);
}

function widenByPolygon(reach: Reach, corners: readonly Point[], y: number): void {
  for (const x of crossings(corners, y)) {
    reach.low = Math.min(reach.low, x);
    reach.high = Math.max(reach.high, x);
  }
}

/** Where an outline crosses the height `y`: always an even number of times. */
function crossings(points: readonly Point[], y: number): number[] {
  const found: number[] = [];
  points.forEach((a, index) => {
    const b = points[(index + 1) % points.length] as Point;
    if (a.y <= y === b.y <= y) return;
    found.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
  });
  return found;
}

const plus = (at: Point, by: Point, times: 1 | -1): Point => ({
  x: at.x + times * by.x,
  y: at.y + times * by.y,
});
