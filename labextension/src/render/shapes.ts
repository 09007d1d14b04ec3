/** How a box looks: an outline on a dark halo, its number and label, and handles when held. */
import { HANDLES, handlePoint, type Box } from "../geometry/box.js";
import { boxToScreen, type Viewport } from "../viewport.js";
import { colorOf, dashOf, inkOn } from "./palette.js";

export type Pen = CanvasRenderingContext2D;

export interface Shape {
  readonly box: Box;
  readonly classId: number;
  readonly label: string;
}

const HALO = "rgba(0, 0, 0, 0.55)";
const HANDLE_PX = 8;
const TAG_FONT = "600 11px system-ui, sans-serif";
const TAG_HEIGHT = 16;
/** A box smaller than this on the screen keeps its outline but shows no tag. */
const TAG_FROM_PX = 14;

export function drawOutline(pen: Pen, shape: Shape, viewport: Viewport, width = 2): void {
  const { left, top, width: across, height: down } = boxToScreen(shape.box, viewport);
  pen.setLineDash([]);
  pen.strokeStyle = HALO;
  pen.lineWidth = width + 2;
  pen.strokeRect(left, top, across, down);
  pen.setLineDash([...dashOf(shape.classId)]);
  pen.strokeStyle = colorOf(shape.classId);
  pen.lineWidth = width;
  pen.strokeRect(left, top, across, down);
  pen.setLineDash([]);
}

/** The label above the box, or inside it when there is no room above. */
export function drawTag(pen: Pen, shape: Shape, viewport: Viewport): void {
  const { left, top, width, height } = boxToScreen(shape.box, viewport);
  if (Math.max(width, height) < TAG_FROM_PX) return;
  const color = colorOf(shape.classId);
  pen.font = TAG_FONT;
  pen.textBaseline = "middle";
  const across = pen.measureText(shape.label).width + 10;
  const above = top - TAG_HEIGHT - 1 >= 0 ? top - TAG_HEIGHT - 1 : Math.max(top, 0) + 1;
  const from = Math.max(left - 1, 0);
  pen.fillStyle = color;
  pen.fillRect(from, above, across, TAG_HEIGHT);
  pen.fillStyle = inkOn(color);
  pen.fillText(shape.label, from + 5, above + TAG_HEIGHT / 2 + 0.5);
}

export function drawFill(pen: Pen, shape: Shape, viewport: Viewport, opacity: number): void {
  const { left, top, width, height } = boxToScreen(shape.box, viewport);
  pen.globalAlpha = opacity;
  pen.fillStyle = colorOf(shape.classId);
  pen.fillRect(left, top, width, height);
  pen.globalAlpha = 1;
}

/** Eight squares of one size on the screen, whatever the zoom. */
export function drawHandles(pen: Pen, box: Box, viewport: Viewport): void {
  const shown = boxToScreen(box, viewport);
  pen.lineWidth = 1.5;
  for (const handle of HANDLES) {
    const { x, y } = handlePoint(shown, handle);
    pen.fillStyle = "#ffffff";
    pen.strokeStyle = "#1a1a1a";
    pen.fillRect(x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX);
    pen.strokeRect(x - HANDLE_PX / 2, y - HANDLE_PX / 2, HANDLE_PX, HANDLE_PX);
  }
}
