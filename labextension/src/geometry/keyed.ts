/** Shapes made and changed without a pointer. */
import { clamp, resizeBox, type Point, type Size } from "./box.js";
import { between } from "./path.js";
import { box, isClosed, moved, pulled, VERTICES, type Form, type Shape } from "./shape.js";

/** A shape around a point, as large as `room` asks but inside the picture, to be moved from there. */
export function shapeAround(form: Form, middle: Point, room: Size, within: Size): Shape {
  const width = Math.min(room.width, within.width);
  const height = Math.min(room.height, within.height);
  const left = clamp(middle.x - width / 2, 0, within.width - width);
  const top = clamp(middle.y - height / 2, 0, within.height - height);
  const [right, bottom] = [left + width, top + height];
  const centre = { x: left + width / 2, y: top + height / 2 };
  switch (form) {
    case "box":
      return box({ left, top, width, height });
    case "keypoint":
      return { form, vertices: [centre] };
    case "line":
    case "polyline":
      return { form, vertices: [{ x: left, y: centre.y }, { x: right, y: centre.y }] };
    case "polygon":
      return {
        form,
        vertices: [
          { x: left, y: top },
          { x: right, y: top },
          { x: right, y: bottom },
          { x: left, y: bottom },
        ],
      };
  }
}

/** One step of an arrow key: the chosen vertex, else the lower right corner, else all of it. */
export function nudged(
  shape: Shape,
  by: Point,
  how: { readonly vertex: number | null; readonly resize: boolean },
  within: Size,
): Shape {
  if (shape.form === "box") {
    const corner = { x: shape.left + shape.width + by.x, y: shape.top + shape.height + by.y };
    return how.resize ? box(resizeBox(shape, "se", corner, within)) : moved(shape, by, within);
  }
  const index = how.vertex ?? (how.resize ? shape.vertices.length - 1 : null);
  const vertex = index === null ? undefined : shape.vertices[index];
  if (index === null || !vertex) return moved(shape, by, within);
  const to = { x: clamp(vertex.x + by.x, 0, within.width), y: clamp(vertex.y + by.y, 0, within.height) };
  return pulled(shape, { kind: "vertex", index }, to, within);
}

/** A new vertex half way to the next one, or beyond the end; and its index. Null if full. */
export function grown(
  shape: Shape,
  after: number,
  within: Size,
): { readonly shape: Shape; readonly vertex: number } | null {
  if (shape.form === "box" || shape.vertices.length >= VERTICES[shape.form][1]) return null;
  const { vertices, form } = shape;
  const here = vertices[after];
  const next = vertices[after + 1] ?? (isClosed(form) ? vertices[0] : undefined);
  const before = vertices[after - 1];
  if (!here) return null;
  const beyond = before ? between(before, here, 1.5) : here;
  const to = next ? between(here, next) : beyond;
  const inside = { x: clamp(to.x, 0, within.width), y: clamp(to.y, 0, within.height) };
  return {
    shape: { form, vertices: vertices.toSpliced(after + 1, 0, inside) },
    vertex: after + 1,
  };
}
