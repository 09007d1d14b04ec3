/** What can be drawn on a picture, as one union; in pixels of the stored picture. */
import {
  boxBetween,
  clamp,
  handleAt,
  moveBox,
  resizeBox,
  toPixels,
  type Box,
  type Handle,
  type Point,
  type Size,
} from "./box.js";
import { areaOf, between, distance, encloses, lengthOf, nearestSegment, segments } from "./path.js";

export type PathForm = "polygon" | "polyline" | "line" | "keypoint";
export type Form = "box" | PathForm;
export interface BoxShape extends Box {
  readonly form: "box";
}
/** A polygon is closed without repeating its first vertex; a key point has one vertex. */
export interface PathShape {
  readonly form: PathForm;
  readonly vertices: readonly Point[];
}
export type Shape = BoxShape | PathShape;

/** How many vertices each form has: at least, at most. */
export const VERTICES: Readonly<Record<PathForm, readonly [number, number]>> = {
  polygon: [3, Infinity],
  polyline: [2, Infinity],
  line: [2, 2],
  keypoint: [1, 1],
};

/** Where a shape can be taken hold of: a box by a handle, a path by a vertex or mid-edge. */
export type Grip =
  | { readonly kind: "handle"; readonly handle: Handle }
  | { readonly kind: "vertex"; readonly index: number }
  | { readonly kind: "edge"; readonly index: number };

export const isClosed = (form: Form): boolean => form === "polygon";
export const box = ({ left, top, width, height }: Box): BoxShape => ({
  form: "box",
  left,
  top,
  width,
  height,
});

/** The shape a drag from one point to another makes. */
export function dragged(form: "box" | "line" | "keypoint", from: Point, to: Point): Shape {
  if (form === "box") return box(boxBetween(from, to));
  return { form, vertices: form === "line" ? [from, to] : [to] };
}

export function boundsOf(shape: Shape): Box {
  if (shape.form === "box") return shape;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y } of shape.vertices) {
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** Pixels it covers; 0 for lines and points, which are drawn on top of areas. */
export function coverOf(shape: Shape): number {
  if (shape.form === "box") return shape.width * shape.height;
  return shape.form === "polygon" ? areaOf(shape.vertices) : 0;
}

/** Whether a point is on the shape, or inside it, or at most `reach` away from it. */
export function covers(shape: Shape, at: Point, reach: number): boolean {
  const { left, top, width, height } = boundsOf(shape);
  const near =
    at.x >= left - reach &&
    at.x <= left + width + reach &&
    at.y >= top - reach &&
    at.y <= top + height + reach;
  if (!near || shape.form === "box") return near;
  const [first] = shape.vertices;
  if (shape.form === "keypoint") return first !== undefined && distance(first, at) <= reach;
  if (shape.form === "polygon" && encloses(shape.vertices, at)) return true;
  const edge = nearestSegment(shape.vertices, isClosed(shape.form), at);
  return edge !== null && edge.distance <= reach;
}

/** Too small to be meant: a slip of the hand. `least` in image pixels. */
export function isSlip(shape: Shape, least: number): boolean {
  if (shape.form === "box") return Math.min(shape.width, shape.height) < least;
  if (shape.form === "keypoint") return false;
  const [fewest] = VERTICES[shape.form];
  if (shape.vertices.length < fewest) return true;
  return shape.form === "polygon"
    ? areaOf(shape.vertices) < (least * least) / 2
    : lengthOf(shape.vertices) < least;
}

/** Moved as far as the picture goes; it keeps its form. */
export function moved(shape: Shape, by: Point, within: Size): Shape {
  if (shape.form === "box") return box(moveBox(shape, by.x, by.y, within));
  const { left, top, width, height } = boundsOf(shape);
  const dx = clamp(by.x, -left, within.width - width - left);
  const dy = clamp(by.y, -top, within.height - height - top);
  return { ...shape, vertices: shape.vertices.map(({ x, y }) => ({ x: x + dx, y: y + dy })) };
}

/** Pulled by a grip to a point; a grip in the middle of an edge makes a vertex there. */
export function pulled(shape: Shape, grip: Grip, to: Point, within: Size): Shape {
  if (shape.form === "box") {
    return grip.kind === "handle" ? box(resizeBox(shape, grip.handle, to, within)) : shape;
  }
  if (grip.kind === "handle") return shape;
  const cut = grip.kind === "edge" ? 0 : 1;
  const index = grip.index + 1 - cut;
  return { ...shape, vertices: shape.vertices.toSpliced(index, cut, to) };
}

/** Without one vertex; null when too few would be left. */
export function withoutVertex(shape: Shape, index: number): Shape | null {
  if (shape.form === "box" || shape.vertices.length <= VERTICES[shape.form][0]) return null;
  return { ...shape, vertices: shape.vertices.toSpliced(index, 1) };
}

/** The grip within `reach` of a point: vertices before edges, the nearest first. */
export function gripOf(shape: Shape, at: Point, reach: number): Grip | null {
  if (shape.form === "box") {
    const handle = handleAt(shape, at, reach);
    return handle && { kind: "handle", handle };
  }
  return (
    nearest(shape.vertices, at, reach, "vertex") ?? nearest(middles(shape), at, reach, "edge")
  );
}

/** Where a new vertex can be pulled out: the middle of every edge of a path that may grow. */
export function middles(shape: PathShape): readonly Point[] {
  if (shape.vertices.length >= VERTICES[shape.form][1]) return [];
  return [...segments(shape.vertices, isClosed(shape.form))].map(([a, b]) => between(a, b));
}

function nearest(
  points: readonly Point[],
  at: Point,
  reach: number,
  kind: "vertex" | "edge",
): Grip | null {
  let found: Grip | null = null;
  let best = reach;
  points.forEach((point, index) => {
    const away = distance(point, at);
    if (away <= best) [found, best] = [{ kind, index }, away];
  });
  return found;
}

/**
 * As the answer has it: boxes in whole pixels, other coordinates in hundredths, all inside. What
 * is kept is what is sent, so that the screen never shows another shape than the manifest.
 */
export function settled(shape: Shape, within: Size): Shape {
  if (shape.form === "box") return box(toPixels(shape, within));
  const vertices = shape.vertices.map(({ x, y }) => ({
    x: hundredths(clamp(x, 0, within.width)),
    y: hundredths(clamp(y, 0, within.height)),
  }));
  return { ...shape, vertices };
}

export const hundredths = (value: number): number => Math.round(value * 100) / 100;

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.form === "box" || b.form === "box") {
    if (a.form !== "box" || b.form !== "box") return false;
    const sameCorner = a.left === b.left && a.top === b.top;
    return sameCorner && a.width === b.width && a.height === b.height;
  }
  return (
    a.form === b.form &&
    a.vertices.length === b.vertices.length &&
    a.vertices.every(({ x, y }, at) => x === b.vertices[at]?.x && y === b.vertices[at]?.y)
  );
}
