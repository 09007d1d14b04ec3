import { expect, test } from "vitest";
import { PictureFrame } from "../src/frame.js";
import { fit, panBy, toImage, toScreen, zoomAt } from "../src/viewport.js";

const PICTURE = { width: 4000, height: 3000 };
const VIEW = { width: 800, height: 600 };

test.each([0.13, 1, 7.5])("at scale %f a point comes back from the screen unchanged", (scale) => {
  const viewport = { scale, x: -31.5, y: 12.25 };
  const there = toScreen({ x: 1234.5, y: 77 }, viewport);
  const back = toImage(there, viewport);
  expect(back.x).toBeCloseTo(1234.5, 9);
  expect(back.y).toBeCloseTo(77, 9);
});

test("fitting shows all of the picture in the middle", () => {
  const viewport = fit(PICTURE, VIEW);
  const corner = toScreen({ x: 4000, y: 3000 }, viewport);
  expect(viewport.x).toBeGreaterThanOrEqual(0);
  expect(corner.x).toBeLessThanOrEqual(800);
  expect(viewport.x).toBeCloseTo(800 - corner.x, 9);
});

test("a tiny picture fills the view as far as a pixel may grow", () => {
  expect(fit({ width: 28, height: 28 }, VIEW).scale).toBeCloseTo((600 - 16) / 28, 9);
  expect(fit({ width: 8, height: 8 }, VIEW).scale).toBe(32);
});

test("zooming keeps the image point under the pointer where it is", () => {
  const before = fit(PICTURE, VIEW);
  const pointer = { x: 300, y: 200 };
  const after = zoomAt(before, pointer, 3, PICTURE, VIEW);
  expect(toImage(pointer, after).x).toBeCloseTo(toImage(pointer, before).x, 6);
  expect(after.scale).toBeCloseTo(3 * before.scale, 9);
});

test("the picture cannot be pushed out of sight", () => {
  const { x, y } = panBy(fit(PICTURE, VIEW), { x: 1e6, y: -1e6 }, PICTURE, VIEW);
  expect(x).toBeLessThan(VIEW.width);
  expect(y + PICTURE.height * fit(PICTURE, VIEW).scale).toBeGreaterThan(0);
});

test("a fitted picture stays fitted when the window grows, a zoomed one keeps its middle", () => {
  const frame = new PictureFrame(PICTURE);
  frame.resize(VIEW);
  frame.resize({ width: 1600, height: 1200 });
  expect(frame.viewport).toEqual(fit(PICTURE, { width: 1600, height: 1200 }));
  frame.zoom(4);
  const middle = frame.middle();
  frame.resize({ width: 1000, height: 900 });
  expect(frame.middle().x).toBeCloseTo(middle.x, 6);
});
