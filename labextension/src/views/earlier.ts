/** The earlier label of a verification: over the picture or in the text, and in words beside it. */
import type { PictureFrame } from "../frame.js";
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { colorOf, inkOn } from "../render/palette.js";
import { toScreen } from "../viewport.js";
import {
  earlierClasses,
  earlierPaint,
  earlierShapes,
  type EarlierPaint,
  type EarlierShape,
} from "../work/earlier.js";
import { swatch } from "./label-list.js";
import { setAttributes, svg } from "./dom.js";
import type { Kit } from "./view.js";

type Earlier = NonNullable<Task["earlier"]>;

export interface Overlay {
  readonly element: SVGElement;
  /** The picture is shown at another place or scale. */
  readonly moved: () => void;
  readonly setVisible: (visible: boolean) => void;
}

/** The colours of an earlier label: the job's own where it has them. */
export function earlierColors({ earlier, labels }: Task): (label: string) => string {
  const known = new Map(labels.map(({ label, color }) => [label, color]));
  const names = earlier?.labels ?? [];
  const color = (index: number) => earlier?.colors?.[index] ?? colorOf(index);
  return (label) => known.get(label) ?? color(names.indexOf(label));
}

/** Shapes and paintings over a picture; nothing of it can be taken hold of. */
export function overlayOf(kit: Kit, task: Task, earlier: Earlier, frame: PictureFrame): Overlay {
  const shapes = earlierShapes(earlier);
  const paint = earlierPaint(earlier);
  const colors = earlierColors(task);
  const { doc } = kit;
  const painted = paint && paintingOf(doc, paint, frame);
  const drawn = shapes.map((shape) => shapeOf(doc, shape, colors(shape.label)));
  const parts = [...(painted ? [painted] : []), ...drawn.map(({ element }) => element)];
  const element = svg(doc, "svg", { class: "gt-overlay", "aria-hidden": "true" }, parts);
  return {
    element,
    setVisible: (visible) => element.classList.toggle("gt-off", !visible),
    moved() {
      const { scale, x, y } = frame.viewport;
      painted?.setAttribute("transform", `translate(${x} ${y}) scale(${scale})`);
      for (const each of drawn) each.place(frame);
    },
  };
}

function paintingOf(doc: Document, { png }: EarlierPaint, { picture }: PictureFrame): SVGElement {
  const { width, height } = picture;
  const href = `data:image/png;base64,${png}`;
  return svg(doc, "image", { class: "gt-paint", href, width, height, preserveAspectRatio: "none" });
}

function shapeOf(doc: Document, { form, points, label }: EarlierShape, color: string) {
  const tag = { polygon: "polygon", line: "polyline", point: "circle" }[form];
  const outline = (name: string, stroke: string) =>
    svg(doc, tag, { class: name, stroke, ...(form === "point" && { r: 6 }) });
  const lines = [outline("gt-halo", "#000"), outline("gt-outline", color)];
  const name = svg(doc, "text", { class: "gt-name", fill: inkOn(color), stroke: color });
  name.textContent = label;
  return {
    element: svg(doc, "g", {}, [...lines, name]),
    place({ viewport }: PictureFrame) {
      const at = points.map((each) => toScreen(each, viewport));
      const [first] = at;
      if (!first) return;
      const where =
        form === "point"
          ? { cx: first.x, cy: first.y }
          : { points: at.map(({ x, y }) => `${x},${y}`).join(" ") };
      for (const line of lines) setAttributes(line, where);
      setAttributes(name, { x: first.x + 4, y: first.y < 20 ? first.y + 15 : first.y - 6 });
    },
  };
}

/** What the earlier label says, in words: for ears, and where there is nothing to draw on. */
export function earlierList(kit: Kit, task: Task, earlier: Earlier): HTMLElement {
  const { h } = kit;
  const rows = saidOf(task, earlier);
  return h("section", { class: "gt-panel gt-earlier" }, [
    h("h4", { class: "gt-heading" }, words.earlierLabel),
    h("p", { class: "gt-caption" }, words.earlierFrom(earlier.attribute)),
    rows.length === 0
      ? h("p", {}, words.earlierEmpty)
      : h(
          "ul",
          { class: "gt-regions", tabindex: 0, "aria-label": words.earlierLabel },
          rows.map(({ color, said }) => h("li", {}, [swatch(kit, color), h("bdi", {}, said)])),
        ),
  ]);
}

function saidOf(task: Task, earlier: Earlier): readonly { color: string; said: string }[] {
  const colors = earlierColors(task);
  const named = (label: string, said = label) => ({ color: colors(label), said });
  const classes = earlierClasses(earlier);
  if (classes) return classes.map((label) => named(label));
  const paint = earlierPaint(earlier);
  if (paint) return paint.colors.map(({ label, color }) => ({ color, said: label }));
  return earlierShapes(earlier).map(({ label, points }) => {
    const [x, y] = [Math.min(...points.map((each) => each.x)), Math.min(...points.map((each) => each.y))];
    const width = Math.max(...points.map((each) => each.x)) - x;
    const height = Math.max(...points.map((each) => each.y)) - y;
    return named(label, words.earlierShape(label, { left: x, top: y, width, height }));
  });
}
