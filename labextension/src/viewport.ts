/** Where the picture lies on the screen: scale and offset, and the way there and back. */
import { clamp, type Box, type Point, type Size } from "./geometry/box.js";

export interface Viewport {
  /** CSS pixels per image pixel. */
  readonly scale: number;
  /** The picture's origin inside the canvas box, in CSS pixels. */
  readonly x: number;
  readonly y: number;
}

export const MAX_SCALE = 32;
/** At least this much of the picture stays in sight, in CSS pixels. */
const KEEP_VISIBLE = 48;
const MARGIN = 8;

/** All of the picture, centred; of a tiny one no pixel is larger than at the closest zoom. */
export function fit(picture: Size, view: Size): Viewport {
  const room = { width: view.width - 2 * MARGIN, height: view.height - 2 * MARGIN };
  const scale = Math.min(room.width / picture.width, room.height / picture.height, MAX_SCALE);
  return centred(Math.max(scale, 0.001), picture, view);
}

/** One image pixel on one CSS pixel. */
export const actualSize = (picture: Size, view: Size): Viewport => centred(1, picture, view);

export const toImage = (at: Point, { scale, x, y }: Viewport): Point => ({
  x: (at.x - x) / scale,
  y: (at.y - y) / scale,
});

export const toScreen = (at: Point, { scale, x, y }: Viewport): Point => ({
  x: at.x * scale + x,
  y: at.y * scale + y,
});

export function boxToScreen(box: Box, viewport: Viewport): Box {
  const { x, y } = toScreen({ x: box.left, y: box.top }, viewport);
  return {
    left: x,
    top: y,
    width: box.width * viewport.scale,
    height: box.height * viewport.scale,
  };
}

/** Closer by `factor`; the image point under `at` (CSS pixels) stays under it. */
export function zoomAt(
  viewport: Viewport,
  at: Point,
  factor: number,
  picture: Size,
  view: Size,
): Viewport {
  const smallest = Math.min(fit(picture, view).scale, 1) / 2;
  const scale = clamp(viewport.scale * factor, smallest, MAX_SCALE);
  const held = toImage(at, viewport);
  return inSight({ scale, x: at.x - held.x * scale, y: at.y - held.y * scale }, picture, view);
}

export const panBy = (viewport: Viewport, by: Point, picture: Size, view: Size): Viewport =>
  inSight({ ...viewport, x: viewport.x + by.x, y: viewport.y + by.y }, picture, view);

function inSight(viewport: Viewport, picture: Size, view: Size): Viewport {
  const { scale } = viewport;
  return {
    scale,
    x: clamp(viewport.x, KEEP_VISIBLE - picture.width * scale, view.width - KEEP_VISIBLE),
    y: clamp(viewport.y, KEEP_VISIBLE - picture.height * scale, view.height - KEEP_VISIBLE),
  };
}

function centred(scale: number, picture: Size, view: Size): Viewport {
  return {
    scale,
    x: (view.width - picture.width * scale) / 2,
    y: (view.height - picture.height * scale) / 2,
  };
}
