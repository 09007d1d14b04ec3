/** How a shape looks: an outline on a dark halo, its label, and grips when it is chosen. */
import { HANDLES, handlePoint, type Box, type Point } from "../geometry/box.js";
import { boundsOf, isClosed, middles, type PathShape, type Shape } from "../geometry/shape.js";
import { boxToScreen, toScreen, type Viewport } from "../viewport.js";
import type { LabelStyle } from "./style.js";

export type Pen = CanvasRenderingContext2D;

export interface Stroke {
  readonly width: number;
  /** Of the outline and the label, in (0, 1]. */
  readonly opacity: number;
  /** Of the inside, in [0, 1]; multiplied with the other. */
  readonly fill: number;
}

const HALO = "rgba(0, 0, 0, 0.55)";
const GRIP_PX = 8;
const POINT_PX = 5;
const TAG_FONT = "600 11px system-ui, sans-serif";
const TAG_HEIGHT = 16;
/** A shape smaller than this on the screen keeps its outline but shows no tag. */
const TAG_FROM_PX = 14;
/** A box smaller than this on the screen is a dot of its colour. */
const DOT_PX = 4;

export function drawShape(
  pen: Pen,
  shape: Shape,
  style: LabelStyle,
  viewport: Viewport,
  { width, opacity, fill }: Stroke,
): void {
  pen.globalAlpha = opacity;
  if (shape.form === "box") drawBox(pen, shape, style, viewport, { width, opacity, fill });
  else if (shape.form === "keypoint") drawPoint(pen, shape, style, viewport, width);
  else drawPath(pen, shape, style, viewport, { width, opacity, fill });
  pen.globalAlpha = 1;
}

function drawBox(pen: Pen, shape: Box, style: LabelStyle, viewport: Viewport, stroke: Stroke): void {
  const { left, top, width, height } = boxToScreen(shape, viewport);
  if (width < DOT_PX && height < DOT_PX) {
    pen.fillStyle = style.color;
    pen.fillRect(left, top, Math.max(width, 1), Math.max(height, 1));
    return;
  }
  if (stroke.fill > 0) {
    pen.globalAlpha = stroke.opacity * stroke.fill;
    pen.fillStyle = style.color;
    pen.fillRect(left, top, width, height);
    pen.globalAlpha = stroke.opacity;
  }
  pen.strokeStyle = HALO;
  pen.lineWidth = stroke.width + 2;
  pen.strokeRect(left, top, width, height);
  pen.strokeStyle = style.color;
  pen.lineWidth = stroke.width;
  if (style.dash.length > 0) pen.setLineDash([...style.dash]);
  pen.strokeRect(left, top, width, height);
  if (style.dash.length > 0) pen.setLineDash([]);
}

function drawPath(
  pen: Pen,
  shape: PathShape,
  style: LabelStyle,
  viewport: Viewport,
  stroke: Stroke,
): void {
  pen.lineJoin = pen.lineCap = "round";
  pen.beginPath();
  for (const vertex of shape.vertices) {
    const { x, y } = toScreen(vertex, viewport);
    pen.lineTo(x, y);
  }
  if (isClosed(shape.form)) {
    pen.closePath();
    pen.globalAlpha = stroke.opacity * stroke.fill;
    pen.fillStyle = style.color;
    if (stroke.fill > 0) pen.fill("evenodd");
    pen.globalAlpha = stroke.opacity;
  }
  pen.strokeStyle = HALO;
  pen.lineWidth = stroke.width + 2;
  pen.stroke();
  pen.strokeStyle = style.color;
  pen.lineWidth = stroke.width;
  if (style.dash.length > 0) pen.setLineDash([...style.dash]);
  pen.stroke();
  if (style.dash.length > 0) pen.setLineDash([]);
}

/** A dot in a ring: the middle shows the very pixel, the ring is seen on any ground. */
function drawPoint(
  pen: Pen,
  { vertices: [at] }: PathShape,
  style: LabelStyle,
  viewport: Viewport,
  width: number,
): void {
  if (!at) return;
  const { x, y } = toScreen(at, viewport);
  for (const [color, line] of [
    [HALO, width + 3],
    ["#ffffff", width + 1],
    [style.color, width],
  ] as const) {
    pen.strokeStyle = color;
    pen.lineWidth = line;
    pen.beginPath();
    pen.arc(x, y, POINT_PX, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.fillStyle = style.color;
  pen.fillRect(x - 1, y - 1, 2, 2);
}

/** The label above the shape, or inside it when there is no room above. */
export function drawTag(
  pen: Pen,
  shape: Shape,
  style: LabelStyle,
  viewport: Viewport,
  opacity: number,
): void {
  const { left, top, width, height } = boxToScreen(boundsOf(shape), viewport);
  const point = shape.form === "keypoint";
  if (!point && Math.max(width, height) < TAG_FROM_PX) return;
  pen.globalAlpha = opacity;
  pen.font = TAG_FONT;
  pen.textBaseline = "middle";
  const across = pen.measureText(style.label).width + 10;
  const lift = TAG_HEIGHT + (point ? POINT_PX + 4 : 1);
  const above = top - lift >= 0 ? top - lift : Math.max(top, 0) + (point ? POINT_PX + 4 : 1);
  const from = Math.max(left - 1, 0);
  pen.fillStyle = style.color;
  pen.fillRect(from, above, across, TAG_HEIGHT);
  pen.fillStyle = style.ink;
  pen.fillText(style.label, from + 5, above + TAG_HEIGHT / 2 + 0.5);
  pen.globalAlpha = 1;
}

/** Grips of one size on the screen, whatever the zoom: squares to pull, small ones to insert. */
export function drawGrips(
  pen: Pen,
  shape: Shape,
  viewport: Viewport,
  chosen: number | null,
  inserts: boolean,
): void {
  if (shape.form === "box") {
    const shown = boxToScreen(shape, viewport);
    for (const handle of HANDLES) drawGrip(pen, handlePoint(shown, handle), GRIP_PX, false);
    return;
  }
  if (inserts) {
    for (const middle of middles(shape)) drawGrip(pen, toScreen(middle, viewport), GRIP_PX - 4, false);
  }
  shape.vertices.forEach((vertex, index) => {
    drawGrip(pen, toScreen(vertex, viewport), GRIP_PX, index === chosen);
  });
}

function drawGrip(pen: Pen, { x, y }: Point, size: number, chosen: boolean): void {
  pen.lineWidth = 1.5;
  pen.fillStyle = chosen ? "#1565c0" : "#ffffff";
  pen.strokeStyle = chosen ? "#ffffff" : "#1a1a1a";
  pen.fillRect(x - size / 2, y - size / 2, size, size);
  pen.strokeRect(x - size / 2, y - size / 2, size, size);
}

/** Thin lines through the pointer, to the edges of the view. */
export function drawCrosshair(pen: Pen, at: Point, viewport: Viewport, view: Box): void {
  const { x, y } = toScreen(at, viewport);
  for (const [color, shift] of [
    ["rgba(0, 0, 0, 0.6)", 0.5],
    ["rgba(255, 255, 255, 0.75)", -0.5],
  ] as const) {
    pen.fillStyle = color;
    pen.fillRect(Math.round(x) + shift - 0.5, 0, 1, view.height);
    pen.fillRect(0, Math.round(y) + shift - 0.5, view.width, 1);
  }
}
