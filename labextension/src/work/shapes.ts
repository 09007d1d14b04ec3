/** Shapes on their way: as answers and earlier labels have them, and as drafts keep them. */
import { flag, list, nullable, number, record, text, type Decoder } from "../decode.js";
import type { Point, Size } from "../geometry/box.js";
import { box, hundredths, settled, VERTICES, type Form, type Shape } from "../geometry/shape.js";
import type { Task } from "../protocol.js";
import { EMPTY, type Drawing, type Item } from "../store.js";

/** What each kind of answer has workers draw. */
export const FORMS: Readonly<Record<string, Form>> = {
  boxes: "box",
  polygons: "polygon",
  polylines: "polyline",
  lines: "line",
  keypoints: "keypoint",
};
const LIST: Readonly<Record<Form, string>> = {
  box: "boundingBoxes",
  polygon: "polygons",
  polyline: "polylines",
  line: "lines",
  keypoint: "keypoints",
};

const point = record({ x: number, y: number });
const labeled = record({ label: text });
const sides = record({ left: number, top: number, width: number, height: number });
const corners = record({ vertices: list(point) });

/** The answer as the crowd element gives it, under the element's name. */
export function answerOf(form: Form, items: readonly Item[], { width, height }: Size): object {
  return {
    [LIST[form]]: items.map(({ label, shape }) => ({ label, ...asAnswer(shape) })),
    inputImageProperties: { height, width },
  };
}

/** The shapes of an answer or an earlier label, those that make sense on this picture. */
export function itemsOf(
  form: Form,
  value: Readonly<Record<string, unknown>>,
  picture: Size,
  labels: readonly string[],
): readonly Item[] {
  const one: Decoder<Found> = (each, where) => ({
    ...labeled(each, where),
    shape: shapeOf(form, each, where),
  });
  return kept(list(one)(value[LIST[form]], LIST[form]), picture, labels);
}

/** What an adjustment starts from; nothing in other tasks, and where it cannot be read. */
export function earlierOf({ kind, earlier, picture, categories, purpose }: Task): Drawing {
  const form = FORMS[kind];
  if (!form || !earlier || !picture || purpose !== "adjust") return EMPTY;
  return { items: itemsOf(form, earlier.value, picture, categories), nothing: false };
}

/** A task's answer. An adjustment says whether it changed anything; the engine looks itself, too. */
export function valueOf(task: Task, drawing: Drawing): object {
  const form = FORMS[task.kind] ?? "box";
  const value = answerOf(form, drawing.items, task.picture ?? { width: 1, height: 1 });
  if (task.purpose !== "adjust") return value;
  return { ...value, initialValueModified: plain(drawing) !== plain(earlierOf(task)) };
}

/** Which came first says nothing. */
const plain = ({ items }: Drawing): string =>
  items
    .map(({ label, shape }) => JSON.stringify([label, shape]))
    .sort()
    .join();

/** Coordinates in one flat list: a draft of 10,000 shapes must fit into a megabyte. */
export function draftOf({ items, nothing }: Drawing): object {
  const shapes = items.map(({ label, shape, locked, hidden }) => ({
    label,
    at: flat(shape),
    ...(locked && { locked }),
    ...(hidden && { hidden }),
  }));
  return { shapes, nothing };
}

const draft = record({
  shapes: nullable(
    list(record({ label: text, at: list(number), locked: nullable(flag), hidden: nullable(flag) })),
  ),
  /** As version 0.1 kept them. */
  boxes: nullable(list((each, where) => ({ ...labeled(each, where), ...sides(each, where) }))),
  nothing: nullable(flag),
});

/** What a draft holds of this form; null where there is none that can be read. */
export function drawingFrom(
  saved: unknown,
  form: Form,
  picture: Size,
  labels: readonly string[],
): Drawing | null {
  let read;
  try {
    read = draft(saved, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
  if (!read.shapes && !read.boxes && read.nothing === null) return null;
  const old = form === "box" ? (read.boxes ?? []) : [];
  const found: Found[] = read.shapes
    ? read.shapes.map(({ label, at, locked, hidden }) => ({
        label,
        shape: unflattened(form, at),
        locked: locked === true,
        hidden: hidden === true,
      }))
    : old.map(({ label, ...rest }) => ({ label, shape: box(rest) }));
  const items = kept(found, picture, labels);
  return items.length > 0 ? { items, nothing: false } : { ...EMPTY, nothing: read.nothing === true };
}

interface Found {
  readonly label: string;
  readonly shape: Shape;
  readonly locked?: boolean;
  readonly hidden?: boolean;
}

function kept(found: readonly Found[], picture: Size, labels: readonly string[]): readonly Item[] {
  const known = new Set(labels);
  return found
    .filter(({ label, shape }) => known.has(label) && isWhole(shape))
    .map(({ shape, label, locked = false, hidden = false }, index) => ({
      id: index + 1,
      shape: settled(shape, picture),
      label,
      locked,
      hidden,
    }));
}

function isWhole(shape: Shape): boolean {
  if (shape.form === "box") return shape.width > 0 && shape.height > 0;
  const [fewest, most] = VERTICES[shape.form];
  return shape.vertices.length >= fewest && shape.vertices.length <= most;
}

function asAnswer(shape: Shape): object {
  if (shape.form === "box") {
    const { left, top, width, height } = shape;
    return { left, top, width, height };
  }
  return shape.form === "keypoint" ? { ...shape.vertices[0] } : { vertices: shape.vertices };
}

function shapeOf(form: Form, each: unknown, where: string): Shape {
  if (form === "box") return box(sides(each, where));
  if (form === "keypoint") return { form, vertices: [point(each, where)] };
  return { form, vertices: corners(each, where).vertices };
}

const flat = (shape: Shape): readonly number[] =>
  shape.form === "box"
    ? [shape.left, shape.top, shape.width, shape.height]
    : shape.vertices.flatMap(({ x, y }) => [hundredths(x), hundredths(y)]);

function unflattened(form: Form, at: readonly number[]): Shape {
  if (form === "box") {
    const [left = 0, top = 0, width = 0, height = 0] = at;
    return box({ left, top, width, height });
  }
  const vertices: Point[] = [];
  for (let index = 0; index + 1 < at.length; index += 2) {
    vertices.push({ x: at[index] ?? 0, y: at[index + 1] ?? 0 });
  }
  return { form, vertices };
}
