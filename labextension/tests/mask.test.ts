/** The label map: what is painted, by which shape, over what, and how it is taken back. */
import { describe, expect, test } from "vitest";
import { allowed, LabelMap, Stroke } from "../src/mask/label-map.js";
import { capsule, polygon } from "../src/mask/paint.js";

const rows = (map: LabelMap): string[] =>
  Array.from({ length: map.height }, (_, y) =>
    [...map.data.subarray(y * map.width, (y + 1) * map.width)].map((v) => v || ".").join(""),
  );
const every = new Uint8Array(256).fill(1);

function painted(width: number, height: number, draw: (stroke: Stroke) => void, value = 1) {
  const map = new LabelMap({ width, height });
  const stroke = new Stroke(map, value, allowed(value, value, false));
  draw(stroke);
  return { map, stroke };
}

test("a brush of one pixel paints the pixel under the pointer", () => {
  const { map } = painted(3, 2, (s) => capsule({ x: 1.99, y: 0.01 }, { x: 1.99, y: 0.01 }, 1, (...at) => s.span(...at)));
  expect(rows(map)).toEqual([".1.", "..."]);
});

test("a brush is as wide as it says and round", () => {
  const { map } = painted(8, 8, (s) => capsule({ x: 4, y: 4 }, { x: 4, y: 4 }, 6, (...at) => s.span(...at)));
  expect(rows(map)).toEqual([
    "........",
    "..1111..",
    ".111111.",
    ".111111.",
    ".111111.",
    ".111111.",
    "..1111..",
    "........",
  ]);
});

test("a stroke is what a brush covers on its way, whichever way it goes", () => {
  const points = [
    [{ x: 3, y: 3 }, { x: 27, y: 15 }],
    [{ x: 27, y: 15 }, { x: 3, y: 3 }],
  ] as const;
  const [there, back] = points.map(([from, to]) =>
    painted(32, 20, (s) => capsule(from, to, 6, (...at) => s.span(...at))).map,
  );
  expect(rows(there!)).toEqual(rows(back!));
  for (let y = 0; y < 20; y++) {
    for (let x = 0; x < 32; x++) {
      const [px, py] = [x + 0.5 - 3, y + 0.5 - 3];
      const along = Math.min(Math.max((px * 24 + py * 12) / (24 * 24 + 12 * 12), 0), 1);
      const near = Math.hypot(px - 24 * along, py - 12 * along) <= 3;
      expect(there!.at(x, y), `${x}, ${y}`).toBe(near ? 1 : 0);
    }
  }
});

test("an outline that crosses itself is filled where it goes round once", () => {
  const corners = [{ x: 0, y: 0 }, { x: 6, y: 0 }, { x: 0, y: 4 }, { x: 6, y: 4 }];
  const { map } = painted(6, 4, (s) => polygon(corners, (...at) => s.span(...at)));
  expect(rows(map)).toEqual([".1111.", "..11..", "..11..", ".1111."]);
});

test("two outlines side by side leave no gap and do not overlap", () => {
  const map = new LabelMap({ width: 10, height: 10 });
  const cut = [{ x: 3.2, y: -1 }, { x: 7.7, y: 11 }];
  const halves = [[{ x: 0, y: -1 }, ...cut, { x: 0, y: 11 }], [cut[0]!, { x: 10, y: -1 }, { x: 10, y: 11 }, cut[1]!]];
  halves.forEach((corners, index) => {
    const stroke = new Stroke(map, index + 1, every);
    polygon(corners, (...at) => stroke.span(...at));
  });
  const first = painted(10, 10, (s) => polygon(halves[0]!, (...at) => s.span(...at))).map;
  expect(map.counts[0]).toBe(0);
  expect(map.counts[1]).toBe(first.counts[1]);
});

test("what lies outside of the picture is not painted and does no harm", () => {
  const { map, stroke } = painted(4, 3, (s) => {
    s.span(-1, 0, 4);
    s.span(3, 0, 4);
    s.span(1, -5, 99);
    s.span(2, 7, 9);
    s.span(2, -9, -1);
  });
  expect(rows(map)).toEqual(["....", "1111", "...."]);
  expect(stroke.finish()?.bounds).toEqual({ left: 0, top: 1, right: 4, bottom: 2 });
});

describe("keeping to the background", () => {
  const start = () => {
    const map = new LabelMap({ width: 5, height: 1 }, Uint8Array.from([0, 1, 2, 1, 0]));
    return { map, over: (value: number, chosen: number, respect: boolean) => {
      new Stroke(map, value, allowed(value, chosen, respect)).span(0, 0, 5);
      return rows(map)[0];
    } };
  };
  test("off, everything is painted over", () => expect(start().over(2, 2, false)).toBe("22222"));
  test("on, other labels stay", () => expect(start().over(2, 2, true)).toBe("21212"));
  test("on, the eraser takes the chosen label only", () => expect(start().over(0, 1, true)).toBe("..2.."));
  test("off, the eraser takes all", () => expect(start().over(0, 1, false)).toBe("....."));
});

test("undo and redo of any strokes give back every pixel and every count", () => {
  let seed = 7;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  for (let round = 0; round < 40; round++) {
    const size = { width: 1 + random(40), height: 1 + random(30) };
    const map = new LabelMap(size, Uint8Array.from({ length: size.width * size.height }, () => random(4)));
    const states = [[...map.data]];
    const patches = Array.from({ length: 6 }, () => {
      const value = random(4);
      const stroke = new Stroke(map, value, allowed(value, random(4), random(2) === 1));
      for (let dab = 0; dab < 4; dab++) {
        const [from, to] = [0, 0].map(() => ({ x: random(60) - 10, y: random(50) - 10 }));
        capsule(from!, to!, 1 + random(12), (...at) => stroke.span(...at));
      }
      const patch = stroke.finish();
      states.push([...map.data]);
      return patch;
    });
    const check = (index: number) => {
      expect([...map.data]).toEqual(states[index]);
      expect([...map.counts]).toEqual([...new LabelMap(size, map.data).counts]);
    };
    for (let index = patches.length - 1; index >= 0; index--) {
      if (patches[index]) map.apply(patches[index]!, true);
      check(index);
    }
    patches.forEach((patch, index) => {
      if (patch) map.apply(patch, false);
      check(index + 1);
    });
  }
});

test("a stroke that changes nothing is no undo step", () => {
  const { stroke } = painted(3, 1, (s) => s.span(0, 5, 9));
  expect(stroke.finish()).toBeNull();
});

test("runs that go on from row to row are painted row by row", () => {
  const { map, stroke } = painted(4, 3, (s) => s.offsets(Uint32Array.from([2, 5, 11, 1])));
  expect(rows(map)).toEqual(["..11", "111.", "...1"]);
  expect(stroke.finish()?.bounds).toEqual({ left: 0, top: 0, right: 4, bottom: 3 });
});
