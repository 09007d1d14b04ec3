/** Earlier labels as they are shown beside a verdict: what they say, shape by shape. */
import { list, number, record, text, type Decoder } from "../decode.js";
import type { Point } from "../geometry/box.js";
import type { Task } from "../protocol.js";

type Earlier = NonNullable<Task["earlier"]>;

export interface EarlierShape {
  readonly label: string;
  readonly form: "polygon" | "line" | "point";
  readonly points: readonly Point[];
}
/** A painting over the whole picture, and the colour of each thing in it. */
export interface EarlierPaint {
  /** A PNG, base64. */
  readonly png: string;
  readonly colors: readonly { readonly label: string; readonly color: string }[];
}

const point = record({ x: number, y: number });
const path = record({ label: text, vertices: list(point) });
const box = record({ label: text, left: number, top: number, width: number, height: number });
const place = record({ label: text, x: number, y: number });
const boxAsPath = ({ left, top, width, height }: ReturnType<typeof box>): readonly Point[] => [
  { x: left, y: top },
  { x: left + width, y: top },
  { x: left + width, y: top + height },
  { x: left, y: top + height },
];

const along =
  (form: EarlierShape["form"]): Decoder<EarlierShape> =>
  (value, where) => {
    const { label, vertices } = path(value, where);
    return { label, form, points: vertices };
  };
const boxed: Decoder<EarlierShape> = (value, where) => {
  const found = box(value, where);
  return { label: found.label, form: "polygon", points: boxAsPath(found) };
};
const pointed: Decoder<EarlierShape> = (value, where) => {
  const { label, ...at } = place(value, where);
  return { label, form: "point", points: [at] };
};
const SHAPES: Readonly<Record<string, readonly [member: string, Decoder<EarlierShape>]>> = {
  boxes: ["boundingBoxes", boxed],
  polygons: ["polygons", along("polygon")],
  polylines: ["polylines", along("line")],
  lines: ["lines", along("line")],
  keypoints: ["keypoints", pointed],
};

/** The shapes of an earlier label; none for labels of another kind. */
export function earlierShapes({ kind, value }: Earlier): readonly EarlierShape[] {
  const found = SHAPES[kind];
  return found ? list(found[1])(value[found[0]], `earlier.value.${found[0]}`) : [];
}

const painting = record({ labeledImage: record({ pngImageData: text }) });
const instances = record({ instances: list(record({ label: text, color: text })) });

/** The painting of an earlier mask; null for labels of another kind. */
export function earlierPaint({ kind, value }: Earlier): EarlierPaint | null {
  if (kind !== "mask" && kind !== "instances") return null;
  const png = painting(value, "earlier.value").labeledImage.pngImageData;
  if (kind === "instances") return { png, colors: instances(value, "earlier.value").instances };
  const mappings = Object.entries((value["labelMappings"] ?? {}) as Record<string, { color?: unknown }>);
  return { png, colors: mappings.map(([label, { color }]) => ({ label, color: String(color) })) };
}

const classed = record({ label: text });
const classes = record({ labels: list(text) });

/** The categories of an earlier classification; null for labels of another kind. */
export function earlierClasses({ kind, value }: Earlier): readonly string[] | null {
  if (kind === "class") return [classed(value, "earlier.value").label];
  return kind === "classes" ? classes(value, "earlier.value").labels : null;
}
