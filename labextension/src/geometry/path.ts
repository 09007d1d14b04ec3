/** Runs of straight segments: how far, how long, how large, and what lies inside. */
import type { Point } from "./box.js";

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

export const between = (a: Point, b: Point, share = 0.5): Point => ({
  x: a.x + (b.x - a.x) * share,
  y: a.y + (b.y - a.y) * share,
});

/** The point of a segment nearest to another. */
export function nearestOn(a: Point, b: Point, to: Point): Point {
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const square = dx * dx + dy * dy;
  if (square === 0) return a;
  const share = ((to.x - a.x) * dx + (to.y - a.y) * dy) / square;
  return between(a, b, Math.min(Math.max(share, 0), 1));
}

/** Both ends of every segment, with the index of the first; a closed path has one more. */
export function* segments(
  points: readonly Point[],
  closed: boolean,
): Generator<readonly [Point, Point, number]> {
  for (let index = 0; index < points.length - (closed ? 0 : 1); index++) {
    const [from, to] = [points[index], points[(index + 1) % points.length]];
    if (from && to) yield [from, to, index];
  }
}

/** The segment nearest to a point and its distance, in the unit of the points. */
export function nearestSegment(
  points: readonly Point[],
  closed: boolean,
  to: Point,
): { readonly index: number; readonly at: Point; readonly distance: number } | null {
  let best: { index: number; at: Point; distance: number } | null = null;
  for (const [from, end, index] of segments(points, closed)) {
    const at = nearestOn(from, end, to);
    const away = distance(at, to);
    if (!best || away < best.distance) best = { index, at, distance: away };
  }
  return best;
}

export function lengthOf(points: readonly Point[]): number {
  let total = 0;
  for (const [from, to] of segments(points, false)) total += distance(from, to);
  return total;
}

/** The shoelace formula; the sign of the direction is dropped. */
export function areaOf(points: readonly Point[]): number {
  let twice = 0;
  for (const [from, to] of segments(points, true)) twice += from.x * to.y - to.x * from.y;
  return Math.abs(twice) / 2;
}

/** Even-odd rule, as the canvas fills it. */
export function encloses(points: readonly Point[], at: Point): boolean {
  let inside = false;
  for (const [a, b] of segments(points, true)) {
    const crosses = a.y > at.y !== b.y > at.y;
    if (crosses && at.x < a.x + ((at.y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside;
  }
  return inside;
}
