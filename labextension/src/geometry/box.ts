/** Boxes and points as plain numbers, in pixels of the stored picture, origin top left. */

export interface Point {
  readonly x: number;
  readonly y: number;
}
export interface Size {
  readonly width: number;
  readonly height: number;
}
export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** The eight places a box can be pulled by, clockwise from the top left. */
export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof HANDLES)[number];

/** A box never becomes thinner than this, in image pixels. */
export const MIN_SIDE = 1;

export const clamp = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

export const pointWithin = (point: Point, size: Size): Point => ({
  x: clamp(point.x, 0, size.width),
  y: clamp(point.y, 0, size.height),
});

/** The box with these two opposite corners, whichever way it was dragged. */
export function boxBetween(a: Point, b: Point): Box {
  return {
    left: Math.min(a.x, b.x),
    top: Math.min(a.y, b.y),
    width: Math.abs(a.x - b.x),
    height: Math.abs(a.y - b.y),
  };
}

/** Moved by `dx`, `dy` as far as the picture goes; its size never changes. */
export function moveBox(box: Box, dx: number, dy: number, within: Size): Box {
  return {
    ...box,
    left: clamp(box.left + dx, 0, within.width - box.width),
    top: clamp(box.top + dy, 0, within.height - box.height),
  };
}

/** Pulled by one handle to a point; a side stops `MIN_SIDE` short of its opposite. */
export function resizeBox(box: Box, handle: Handle, to: Point, within: Size): Box {
  let { left, top } = box;
  let right = left + box.width;
  let bottom = top + box.height;
  if (handle.includes("w")) left = clamp(to.x, 0, right - MIN_SIDE);
  if (handle.includes("e")) right = clamp(to.x, left + MIN_SIDE, within.width);
  if (handle.includes("n")) top = clamp(to.y, 0, bottom - MIN_SIDE);
  if (handle.includes("s")) bottom = clamp(to.y, top + MIN_SIDE, within.height);
  return { left, top, width: right - left, height: bottom - top };
}

export function handlePoint(box: Box, handle: Handle): Point {
  const across = handle.includes("w") ? 0 : handle.includes("e") ? 1 : 0.5;
  const down = handle.includes("n") ? 0 : handle.includes("s") ? 1 : 0.5;
  return { x: box.left + across * box.width, y: box.top + down * box.height };
}

/**
 * The handle nearest to a point, if one is within `reach` image pixels of it. Inside a small box
 * less counts as near, so that its middle still moves it.
 */
export function handleAt(box: Box, at: Point, reach: number): Handle | null {
  let nearest: Handle | null = null;
  let best = isWithin(box, at) ? Math.min(reach, box.width / 4, box.height / 4) : reach;
  for (const handle of HANDLES) {
    const { x, y } = handlePoint(box, handle);
    const distance = Math.max(Math.abs(x - at.x), Math.abs(y - at.y));
    if (distance <= best) [nearest, best] = [handle, distance];
  }
  return nearest;
}

const isWithin = ({ left, top, width, height }: Box, { x, y }: Point): boolean =>
  x > left && y > top && x < left + width && y < top + height;

/** Rounded to whole pixels by its edges: inside the picture, both sides at least 1. */
export function toPixels(box: Box, within: Size): Box {
  const left = clamp(Math.round(box.left), 0, within.width - 1);
  const top = clamp(Math.round(box.top), 0, within.height - 1);
  const right = clamp(Math.round(box.left + box.width), left + 1, within.width);
  const bottom = clamp(Math.round(box.top + box.height), top + 1, within.height);
  return { left, top, width: right - left, height: bottom - top };
}
