/** What the hand holds over a mask: the brush's rim, an open outline, a hint, the keyboard's cross. */
import type { PictureFrame } from "../frame.js";
import type { Point } from "../geometry/box.js";
import type { MaskEditor } from "../mask/editor.js";
import { brushCentre } from "../mask/paint.js";
import { boxToScreen, toScreen } from "../viewport.js";
import type { Kit } from "./view.js";

type Pen = CanvasRenderingContext2D;

export interface MaskHand {
  readonly repaint: () => void;
}

export function maskHand(
  kit: Kit,
  stage: HTMLElement,
  frame: PictureFrame,
  editor: () => MaskEditor | null,
): MaskHand {
  const canvas = kit.doc.createElement("canvas");
  canvas.className = "gt-layer gt-layer-hand";
  stage.append(canvas);
  let asked = 0;
  const paint = () => {
    asked = 0;
    const pen = canvas.getContext("2d");
    const now = editor();
    const { width, height } = frame.view;
    if (!pen || !now || width === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio); // clears it too
    canvas.height = Math.round(height * ratio);
    pen.scale(ratio, ratio);
    drawHand(pen, now, frame);
  };
  kit.signal.addEventListener("abort", () => cancelAnimationFrame(asked));
  return {
    repaint: () => {
      if (asked === 0) asked = requestAnimationFrame(paint);
    },
  };
}

function drawHand(pen: Pen, editor: MaskEditor, frame: PictureFrame): void {
  const { viewport } = frame;
  const { cursor, tool, lasso, hintState } = editor;
  const color = tool === "eraser" ? "#ffffff" : (editor.layer?.color ?? "#ffffff");
  if (tool === "lasso" && lasso.points.length > 0) {
    const points = cursor ? [...lasso.points, cursor] : lasso.points;
    twice(pen, color, () => path(pen, points.map((at) => toScreen(at, viewport))));
    for (const at of lasso.points) knob(pen, toScreen(at, viewport), color);
  }
  if (tool === "hint") {
    const { draft, points } = hintState;
    const box = draft && boxToScreen(draft, viewport);
    if (box) twice(pen, color, () => pen.rect(box.left, box.top, box.width, box.height), [6, 4]);
    for (const at of points) knob(pen, toScreen(at, viewport), color);
  }
  if (!cursor) return;
  if (tool === "brush" || tool === "eraser") {
    const at = toScreen(brushCentre(cursor, editor.brush), viewport);
    const radius = Math.max((editor.brush / 2) * viewport.scale, 1);
    twice(pen, color, () => pen.arc(at.x, at.y, radius, 0, 2 * Math.PI));
  }
  const at = toScreen(cursor, viewport);
  twice(pen, "#ffffff", () => {
    pen.moveTo(at.x - 5, at.y);
    pen.lineTo(at.x + 5, at.y);
    pen.moveTo(at.x, at.y - 5);
    pen.lineTo(at.x, at.y + 5);
  });
}

/** A dark halo first, so that the line shows on every picture. */
function twice(pen: Pen, color: string, outline: () => void, dash: number[] = []): void {
  for (const [style, width] of [["rgba(0, 0, 0, 0.6)", 3], [color, 1.5]] as const) {
    pen.beginPath();
    pen.setLineDash(width === 3 ? [] : dash);
    outline();
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
  pen.setLineDash([]);
}

function path(pen: Pen, points: readonly Point[]): void {
  points.forEach(({ x, y }, index) => (index === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
}

function knob(pen: Pen, { x, y }: Point, color: string): void {
  pen.beginPath();
  pen.arc(x, y, 4, 0, 2 * Math.PI);
  pen.fillStyle = color;
  pen.strokeStyle = "#1a1a1a";
  pen.lineWidth = 1.5;
  pen.fill();
  pen.stroke();
}
