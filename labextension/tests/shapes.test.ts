import { describe, expect, test } from "vitest";
import { Grid } from "../src/geometry/grid.js";
import { areaOf, encloses, lengthOf, nearestSegment } from "../src/geometry/path.js";
import {
  boundsOf,
  box,
  covers,
  gripOf,
  isSlip,
  moved,
  pulled,
  sameShape,
  settled,
  withoutVertex,
  type Form,
  type Shape,
} from "../src/geometry/shape.js";
import { snapped } from "../src/geometry/snap.js";
import { ShapeIndex } from "../src/shape-index.js";
import { toImage, toScreen, zoomAt } from "../src/viewport.js";
import { answerOf, draftOf, drawingFrom, earlierOf, itemsOf, valueOf } from "../src/work/shapes.js";
import { forAll, taskNamed } from "./helpers.js";

const PICTURE = { width: 400, height: 300 };
const FORM_NAMES = ["box", "polygon", "polyline", "line", "keypoint"] as const;
const at = (x: number, y: number) => ({ x, y });
const triangle: Shape = { form: "polygon", vertices: [at(0, 0), at(30, 0), at(0, 40)] };

type Random = () => number;
const point = (random: Random) => at(random() * PICTURE.width, random() * PICTURE.height);
function shapeOf(form: Form, random: Random): Shape {
  if (form === "box") {
    const [a, b] = [point(random), point(random)];
    const width = Math.abs(a.x - b.x) + 1;
    return box({ left: Math.min(a.x, b.x) / 2, top: Math.min(a.y, b.y) / 2, width: width / 2, height: 20 });
  }
  const count = { polygon: 3, polyline: 2, line: 2, keypoint: 1 }[form];
  const more = form === "polygon" || form === "polyline" ? Math.floor(random() * 6) : 0;
  return { form, vertices: Array.from({ length: count + more }, () => point(random)) };
}
const anyShape = (random: Random) =>
  shapeOf(FORM_NAMES[Math.floor(random() * FORM_NAMES.length)] ?? "box", random);
const inside = (shape: Shape) => {
  const { left, top, width, height } = boundsOf(shape);
  const slack = 1e-6;
  return left >= -slack && top >= -slack && left + width <= 400 + slack && top + height <= 300 + slack;
};

describe("paths", () => {
  test("a triangle of 30 by 40 covers 600 pixels; its open path is 80 long", () => {
    const { vertices } = triangle as { vertices: readonly { x: number; y: number }[] };
    expect([areaOf(vertices), lengthOf(vertices)]).toEqual([600, 80]);
    expect([encloses(vertices, at(5, 5)), encloses(vertices, at(29, 39))]).toEqual([true, false]);
  });
  test("the nearest edge of a closed path may be the one that closes it", () => {
    const { vertices } = triangle as { vertices: readonly { x: number; y: number }[] };
    expect(nearestSegment(vertices, true, at(-3, 20))).toEqual({ index: 2, at: at(0, 20), distance: 3 });
    expect(nearestSegment(vertices, false, at(-3, 1))?.index).toBe(0);
  });
});

describe("every shape", () => {
  test("moved anywhere, it stays inside the picture and keeps its form", () => {
    forAll(
      (random) => [settled(anyShape(random), PICTURE), at(random() * 900 - 450, random() * 900 - 450)] as const,
      ([shape, by]) => {
        const there = moved(shape, by, PICTURE);
        expect(inside(there)).toBe(true);
        const [a, b] = [boundsOf(shape), boundsOf(there)];
        expect([b.width - a.width, b.height - a.height].every((d) => Math.abs(d) < 1e-6)).toBe(true);
      },
    );
  });
  test("pulled by any grip, it stays inside the picture", () => {
    forAll(
      (random) => [settled(anyShape(random), PICTURE), point(random), random] as const,
      ([shape, to, random]) => {
        const near = shape.form === "box" ? at(shape.left, shape.top) : shape.vertices[0];
        const grip = near && gripOf(shape, near, 1 + random());
        expect(grip).not.toBeNull();
        if (grip) expect(inside(settled(pulled(shape, grip, to, PICTURE), PICTURE))).toBe(true);
      },
    );
  });
  test("what is settled stays as it is", () => {
    forAll(anyShape, (shape) => {
      const once = settled(shape, PICTURE);
      expect(settled(once, PICTURE)).toEqual(once);
      expect(sameShape(once, settled(shape, PICTURE))).toBe(true);
    });
  });
  test("a vertex is taken away down to the fewest, and not beyond", () => {
    expect(withoutVertex(triangle, 0)).toBeNull();
    const line: Shape = { form: "polyline", vertices: [at(0, 0), at(5, 5), at(9, 0)] };
    expect(withoutVertex(line, 1)).toEqual({ form: "polyline", vertices: [at(0, 0), at(9, 0)] });
  });
  test("what is too small on the screen is a slip, a key point never", () => {
    expect(isSlip(box({ left: 0, top: 0, width: 50, height: 2 }), 3)).toBe(true);
    expect(isSlip({ form: "line", vertices: [at(0, 0), at(1, 1)] }, 3)).toBe(true);
    expect(isSlip({ form: "keypoint", vertices: [at(0, 0)] }, 3)).toBe(false);
    expect(isSlip(triangle, 3)).toBe(false);
  });
  test("a line is hit beside it, not in the middle of what it bounds", () => {
    const path: Shape = { form: "polyline", vertices: [at(0, 0), at(50, 0), at(50, 50)] };
    expect([covers(path, at(25, 3), 4), covers(path, at(25, 25), 4)]).toEqual([true, false]);
  });
});

test("a screen point becomes an image point and comes back, at any zoom and pan", () => {
  const view = { width: 900, height: 600 };
  forAll(
    (random) => ({
      viewport: zoomAt({ scale: 0.01 + random() * 30, x: random() * 500, y: random() * 500 }, point(random), 0.5 + random(), PICTURE, view),
      at: at(random() * view.width, random() * view.height),
    }),
    ({ viewport, at: there }) => {
      const back = toScreen(toImage(there, viewport), viewport);
      expect(Math.hypot(back.x - there.x, back.y - there.y)).toBeLessThan(1e-6);
    },
  );
});

test("screen to picture to answer: a pixel that fills the screen's dot is named to the pixel", () => {
  const view = { width: 900, height: 600 };
  forAll(
    (random) => ({
      pixel: at(Math.floor(random() * PICTURE.width), Math.floor(random() * PICTURE.height)),
      viewport: zoomAt({ scale: 4 + random() * 28, x: -random() * 900, y: -random() * 900 }, at(450, 300), 1, PICTURE, view),
    }),
    ({ pixel, viewport }) => {
      const corner = toImage(toScreen(pixel, viewport), viewport);
      const shape = settled(box({ left: corner.x, top: corner.y, width: 1, height: 1 }), PICTURE);
      expect(shape).toEqual(box({ left: pixel.x, top: pixel.y, width: 1, height: 1 }));
    },
  );
});

test("a point near the border lies on it, one outside comes back to it", () => {
  expect(snapped(at(3, 150), PICTURE, 5)).toEqual(at(0, 150));
  expect(snapped(at(450, 297), PICTURE, 5)).toEqual(at(400, 300));
  expect(snapped(at(3, 297), PICTURE, 0)).toEqual(at(3, 297));
});

describe("finding", () => {
  test("a grid finds just what touches, whatever was set and deleted before", () => {
    forAll(
      (random) => Array.from({ length: 60 }, () => boundsOf(anyShape(random))),
      (boxes) => {
        const grid = new Grid(PICTURE);
        boxes.forEach((each, id) => grid.set(id, each));
        boxes.slice(0, 20).forEach((_, id) => grid.delete(id));
        const area = { left: 100, top: 80, width: 40, height: 30 };
        const expected = boxes
          .map((each, id) => ({ each, id }))
          .filter(({ each, id }) => id >= 20 && each.left <= 140 && each.left + each.width >= 100 && each.top <= 110 && each.top + each.height >= 80)
          .map(({ id }) => id);
        expect([...grid.touching(area)].sort((a, b) => a - b)).toEqual(expected);
      },
      60,
    );
  });
  const item = (id: number, shape: Shape) => ({ id, shape, label: "DHL", locked: false, hidden: false });
  test("of nested shapes the inner one is hit first, and a line before any area", () => {
    const index = new ShapeIndex(PICTURE);
    index.sync([
      item(3, { form: "line", vertices: [at(0, 25), at(90, 25)] }),
      item(1, box({ left: 20, top: 20, width: 10, height: 10 })),
      item(2, box({ left: 0, top: 0, width: 90, height: 70 })),
    ]);
    expect(index.at(at(25, 25), 1).map(({ id }) => id)).toEqual([3, 1, 2]);
    expect(index.at(at(95, 75), 1)).toEqual([]);
  });
  test("a change says where it shows, a new list that it shows everywhere", () => {
    const index = new ShapeIndex(PICTURE);
    const items = Array.from({ length: 200 }, (_, id) => item(id, box({ left: id, top: 0, width: 5, height: 5 })));
    expect(index.sync(items)).toBeNull();
    const there = box({ left: 300, top: 200, width: 5, height: 5 });
    expect(index.sync(items.with(7, item(7, there)))).toEqual([items[7]?.shape, there]);
    expect(index.at(at(302, 202), 0).map(({ id }) => id)).toEqual([7]);
  });
});

describe("on the way", () => {
  const labels = ["DHL", "Halo"];
  const itemsFor = (form: Form, random: Random) =>
    Array.from({ length: 4 }, (_, index) => ({
      id: index + 1,
      shape: settled(shapeOf(form, random), PICTURE),
      label: labels[index % 2] ?? "",
      locked: index === 1,
      hidden: index === 2,
    }));
  test.each(FORM_NAMES)("%s: an answer is read back as what was drawn", (form) => {
    forAll(
      (random) => itemsFor(form, random),
      (items) => {
        const plain = items.map((each) => ({ ...each, locked: false, hidden: false }));
        const sent = JSON.parse(JSON.stringify(answerOf(form, items, PICTURE))) as Record<string, unknown>;
        expect(itemsOf(form, sent, PICTURE, labels)).toEqual(plain);
      },
      50,
    );
  });
  test.each(FORM_NAMES)("%s: a draft brings everything back, locks and all", (form) => {
    forAll(
      (random) => ({ items: itemsFor(form, random), nothing: false }),
      (drawing) => {
        const saved: unknown = JSON.parse(JSON.stringify(draftOf(drawing)));
        expect(drawingFrom(saved, form, PICTURE, labels)).toEqual(drawing);
      },
      50,
    );
  });
  test("a draft of 10,000 boxes fits into the engine's megabyte", () => {
    const items = Array.from({ length: 10_000 }, (_, id) => ({
      id,
      shape: box({ left: 3_990, top: 2_990, width: 100, height: 100 }),
      label: "a label of some length",
      locked: false,
      hidden: false,
    }));
    expect(JSON.stringify(draftOf({ items, nothing: false })).length).toBeLessThan(2 ** 20);
  });
  test("a draft of version 0.1 is read, one of a stranger is not", () => {
    const old = { v: 1, boxes: [{ label: "DHL", left: 5, top: 6, width: 7, height: 8 }], nothing: false };
    expect(drawingFrom(old, "box", PICTURE, labels)?.items[0]?.shape).toEqual(
      box({ left: 5, top: 6, width: 7, height: 8 }),
    );
    expect(drawingFrom({ shapes: "many" }, "box", PICTURE, labels)).toBeNull();
    expect(drawingFrom(null, "box", PICTURE, labels)).toBeNull();
  });
  test("the answer has the names that the engine checks", () => {
    const one = (form: Form, shape: Shape) =>
      answerOf(form, [{ id: 1, shape, label: "DHL", locked: false, hidden: false }], PICTURE);
    const inputImageProperties = { height: 300, width: 400 };
    expect(one("keypoint", { form: "keypoint", vertices: [at(3, 4.25)] })).toEqual({
      keypoints: [{ label: "DHL", x: 3, y: 4.25 }],
      inputImageProperties,
    });
    expect(one("polygon", triangle)).toEqual({
      polygons: [{ label: "DHL", vertices: [at(0, 0), at(30, 0), at(0, 40)] }],
      inputImageProperties,
    });
  });
  test("an adjustment starts from the earlier label and says whether it changed", () => {
    const value = { keypoints: [{ label: "DHL", x: 3, y: 4.25 }, { label: "DHL", x: 9, y: 9 }] };
    const task = taskNamed("t1", {
      kind: "keypoints",
      purpose: "adjust",
      earlier: { colors: null, attribute: "points", kind: "keypoints", labels: ["DHL"], value },
    });
    const before = earlierOf(task);
    expect(valueOf(task, before)).toEqual({
      ...value,
      inputImageProperties: { width: 64, height: 48 },
      initialValueModified: false,
    });
    const turned = { ...before, items: before.items.toReversed() };
    expect(valueOf(task, turned)).toMatchObject({ initialValueModified: false });
    const fewer = { ...before, items: before.items.slice(1) };
    expect(valueOf(task, fewer)).toMatchObject({ initialValueModified: true });
    expect(earlierOf({ ...task, purpose: "verify" }).items).toEqual([]);
  });
});
