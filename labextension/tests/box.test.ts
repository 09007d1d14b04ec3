import { expect, test } from "vitest";
import { boxBetween, handleAt, moveBox, resizeBox, toPixels } from "../src/geometry/box.js";

const PICTURE = { width: 100, height: 80 };

test("a box is the same whichever corner it was begun at", () => {
  const box = { left: 10, top: 20, width: 30, height: 40 };
  expect(boxBetween({ x: 10, y: 20 }, { x: 40, y: 60 })).toEqual(box);
  expect(boxBetween({ x: 40, y: 60 }, { x: 10, y: 20 })).toEqual(box);
});

test("a box pushed against the edge stops there and keeps its size", () => {
  const box = { left: 60, top: 10, width: 30, height: 40 };
  expect(moveBox(box, 500, -500, PICTURE)).toEqual({ left: 70, top: 0, width: 30, height: 40 });
});

test("a handle pulled past the opposite side leaves one pixel", () => {
  const box = { left: 10, top: 10, width: 40, height: 40 };
  const pulled = resizeBox(box, "nw", { x: 90, y: 90 }, PICTURE);
  expect(pulled).toEqual({ left: 49, top: 49, width: 1, height: 1 });
});

test("a side handle changes one side only", () => {
  const box = { left: 10, top: 10, width: 40, height: 40 };
  expect(resizeBox(box, "e", { x: 70, y: 70 }, PICTURE)).toEqual({ ...box, width: 60 });
});

test("edges are rounded, not sizes, so that neighbours still touch", () => {
  const left = toPixels({ left: 0.4, top: 0, width: 10.2, height: 5 }, PICTURE);
  const right = toPixels({ left: 10.6, top: 0, width: 10, height: 5 }, PICTURE);
  expect(left.left + left.width).toBe(right.left);
});

test.each([
  [{ left: 99.8, top: 79.9, width: 0.1, height: 0.05 }, { left: 99, top: 79, width: 1, height: 1 }],
  [{ left: -5, top: -5, width: 300, height: 300 }, { left: 0, top: 0, width: 100, height: 80 }],
])("%j becomes whole pixels inside the picture", (box, expected) => {
  expect(toPixels(box, PICTURE)).toEqual(expected);
});

test("the nearest handle within reach is taken, and none beyond it", () => {
  const box = { left: 10, top: 10, width: 40, height: 40 };
  expect(handleAt(box, { x: 12, y: 9 }, 4)).toBe("nw");
  expect(handleAt(box, { x: 30, y: 52 }, 4)).toBe("s");
  expect(handleAt(box, { x: 30, y: 30 }, 4)).toBeNull();
});

test("a box smaller than its handles is still moved by its middle, and resized from outside", () => {
  const box = { left: 10, top: 10, width: 6, height: 6 };
  expect(handleAt(box, { x: 13, y: 13 }, 8)).toBeNull();
  expect(handleAt(box, { x: 19, y: 19 }, 8)).toBe("se");
});
