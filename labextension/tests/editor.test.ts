import { describe, expect, test } from "vitest";
import type { Change } from "../src/drawing-state.js";
import { ShapeEditor } from "../src/editor.js";
import { box, type Form, type Shape } from "../src/geometry/shape.js";
import type { ToolEvent } from "../src/tools/index.js";
import { answerOf } from "../src/work/shapes.js";

const PICTURE = { width: 640, height: 480 };
const BOX = box({ left: 10, top: 20, width: 100, height: 50 });
const at = (x: number, y: number) => ({ x, y });
const TRIANGLE: Shape = { form: "polygon", vertices: [at(100, 100), at(200, 100), at(100, 200)] };

function editorFor(form: Form, ...shapes: Shape[]) {
  const changes: Change[] = [];
  const items = shapes.map((shape, index) => ({
    id: index + 1,
    shape,
    label: "DHL",
    locked: false,
    hidden: false,
  }));
  const start = { drawing: { items, nothing: false } };
  const editor = new ShapeEditor(PICTURE, form, ["DHL", "RedBull"], (c) => changes.push(c), start);
  editor.frame.resize({ width: 656, height: 496 }); // scale 1
  return { editor, changes };
}
const editorWith = (...boxes: Shape[]) => editorFor("box", ...boxes);
const shapesOf = (editor: ShapeEditor) => editor.items.map(({ shape }) => shape);

type XY = readonly [number, number];
function drag(editor: ShapeEditor, from: XY, to: XY) {
  const event = (type: "press" | "drag" | "release", [x, y]: XY): ToolEvent =>
    ({ type, at: { x, y }, free: true });
  for (const step of [event("press", from), event("drag", to), event("release", to)]) editor.play(step);
}
const click = (editor: ShapeEditor, ...points: XY[]) =>
  points.forEach((point) => drag(editor, point, point));

test("one gesture is one undo step, and redo brings it back", () => {
  const { editor } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  drag(editor, [100, 100], [180, 160]);
  editor.undo();
  expect(shapesOf(editor)).toEqual([box({ left: 10, top: 10, width: 50, height: 50 })]);
  editor.redo();
  expect(editor.items).toHaveLength(2);
});

test("a gesture reports the drawing once, however long the drag", () => {
  const { editor, changes } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  expect(changes.filter((change) => change === "drawing")).toHaveLength(1);
});

test("a label key after drawing is for the next box; on a chosen box it changes that one", () => {
  const { editor } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  editor.setLabel("RedBull");
  drag(editor, [100, 100], [160, 160]);
  expect(editor.items.map(({ label }) => label)).toEqual(["DHL", "RedBull"]);
  editor.choose(1);
  editor.setLabel("RedBull");
  expect(editor.items[0]?.label).toBe("RedBull");
});

test("a click in drawing mode chooses the box under it", () => {
  const { editor } = editorWith(BOX);
  click(editor, [50, 40]);
  expect([editor.selected, editor.relabels]).toEqual([1, true]);
});

test("a handle of the selected box resizes it, although the tool is for drawing", () => {
  const { editor } = editorWith(BOX);
  editor.choose(1);
  drag(editor, [110, 70], [150, 90]);
  expect(shapesOf(editor)).toEqual([{ ...BOX, width: 140, height: 70 }]);
});

test("a grip is as large on the screen at any zoom", () => {
  const { editor } = editorWith(BOX);
  editor.choose(1);
  expect(editor.cursorAt(at(117, 77))).toBe("nwse-resize");
  editor.frame.zoom(8);
  expect(editor.cursorAt(at(117, 77))).toBe("crosshair");
  expect(editor.cursorAt(at(110.9, 70.9))).toBe("nwse-resize");
});

test("a finger takes hold from further away", () => {
  const { editor } = editorWith(BOX);
  editor.choose(1);
  const finger = (type: "press" | "release", x: number, y: number): ToolEvent =>
    ({ type, at: at(x, y), coarse: true, free: true });
  for (const event of [finger("press", 124, 84), finger("release", 150, 90)]) editor.play(event);
  expect(shapesOf(editor)).toEqual([{ ...BOX, width: 140, height: 70 }]);
});

test("held arrow keys move a box and are undone together", () => {
  const { editor } = editorWith(BOX);
  editor.choose(1);
  editor.nudge(10, 0, { resize: false, merge: false });
  editor.nudge(10, 0, { resize: false, merge: true });
  expect(shapesOf(editor)).toEqual([{ ...BOX, left: 30 }]);
  editor.undo();
  expect(shapesOf(editor)).toEqual([BOX]);
  editor.redo();
  expect(shapesOf(editor)).toEqual([{ ...BOX, left: 30 }]);
});

test("drawing past the edge gives a box inside the picture, in whole pixels", () => {
  const { editor } = editorWith();
  drag(editor, [600.3, 400.4], [900, 900]);
  const answer = answerOf("box", editor.items, PICTURE);
  expect(answer).toMatchObject({
    boundingBoxes: [{ label: "DHL", left: 600, top: 400, width: 40, height: 80 }],
  });
});

test("a box drawn after all takes the tick from nothing to label; undo gives it back", () => {
  const { editor } = editorWith();
  editor.setNothing(true);
  drag(editor, [10, 10], [60, 60]);
  expect(editor.drawing.nothing).toBe(false);
  editor.undo();
  expect(editor.drawing).toEqual({ items: [], nothing: true });
});

test("escape drops the gesture first, and the selection next", () => {
  const { editor } = editorWith(BOX);
  editor.choose(1);
  editor.play({ type: "press", at: at(300, 300) });
  editor.play({ type: "drag", at: at(400, 400) });
  editor.play({ type: "escape" });
  expect([editor.items.length, editor.selected]).toEqual([1, 1]);
  editor.play({ type: "escape" });
  expect(editor.selected).toBeNull();
});

describe("without a pointer", () => {
  test.each(["box", "polygon", "polyline", "line", "keypoint"] as const)(
    "a %s is made in the middle, moved and deleted",
    (form) => {
      const { editor } = editorFor(form);
      editor.addInMiddle();
      const [made] = shapesOf(editor);
      editor.nudge(10, 5, { resize: false, merge: false });
      const [moved] = shapesOf(editor);
      const place = (shape?: Shape) => (shape?.form === "box" ? at(shape.left, shape.top) : shape?.vertices[0]);
      const [from, to] = [place(made), place(moved)];
      expect([to?.x, to?.y]).toEqual([(from?.x ?? 0) + 10, (from?.y ?? 0) + 5]);
      editor.remove();
      expect([editor.items, editor.selected]).toEqual([[], null]);
    },
  );
  test("a point of a polygon is chosen, moved, followed by a new one, and deleted", () => {
    const { editor } = editorFor("polygon", TRIANGLE);
    editor.choose(1);
    editor.chooseVertex(1);
    editor.nudge(-5, -5, { resize: false, merge: false });
    editor.insertVertex();
    expect(shapesOf(editor)).toEqual([
      { form: "polygon", vertices: [at(95, 95), at(147.5, 97.5), at(200, 100), at(100, 200)] },
    ]);
    expect(editor.vertex).toBe(1);
    editor.remove();
    expect(shapesOf(editor)[0]).toMatchObject({ vertices: [at(95, 95), at(200, 100), at(100, 200)] });
  });
  test("deleting a point of a triangle deletes the triangle: it has none to spare", () => {
    const { editor } = editorFor("polygon", TRIANGLE);
    editor.choose(1);
    editor.chooseVertex(1);
    editor.remove();
    expect(editor.items).toEqual([]);
  });
  test("with nothing selected the arrows move the picture", () => {
    const { editor } = editorWith(BOX);
    const before = editor.frame.viewport.x;
    editor.nudge(1, 0, { resize: false, merge: false });
    expect(editor.frame.viewport.x).toBeLessThan(before);
    expect(shapesOf(editor)).toEqual([BOX]);
  });
});

describe("stack, lock, hide, duplicate", () => {
  const other = box({ left: 20, top: 30, width: 100, height: 50 });
  const order = (editor: ShapeEditor) => editor.items.map(({ id }) => id);
  test("a shape goes forward and backward in the stack, and undo puts it back", () => {
    const { editor } = editorWith(BOX, other, BOX);
    editor.choose(1);
    editor.restack("up");
    expect(order(editor)).toEqual([2, 1, 3]);
    editor.restack("top");
    expect(order(editor)).toEqual([2, 3, 1]);
    editor.undo();
    editor.undo();
    expect([order(editor), editor.selected]).toEqual([[1, 2, 3], 1]);
  });
  test("of two that cover as much, the one on top is hit", () => {
    const { editor } = editorWith(BOX, other);
    click(editor, [60, 50]);
    expect(editor.selected).toBe(2);
  });
  test("a locked shape is neither moved, nor relabelled, nor deleted", () => {
    const { editor } = editorWith(BOX);
    editor.choose(1);
    editor.setLocked(true);
    editor.nudge(5, 5, { resize: false, merge: false });
    editor.setLabel("RedBull");
    editor.remove();
    drag(editor, [110, 70], [150, 90]);
    expect(editor.items[0]).toMatchObject({ shape: BOX, label: "DHL", locked: true });
  });
  test("a hidden shape is not hit but stays in the answer", () => {
    const { editor } = editorWith(BOX);
    editor.choose(1);
    editor.setHidden(true);
    editor.choose(null);
    click(editor, [50, 40]);
    expect(editor.selected).toBeNull();
    expect(answerOf("box", editor.items, PICTURE)).toMatchObject({ boundingBoxes: [{ left: 10 }] });
  });
  test("what a hidden label hides is not hit", () => {
    const { editor } = editorWith(BOX);
    editor.setLook("DHL", { hidden: true });
    click(editor, [50, 40]);
    expect(editor.selected).toBeNull();
  });
  test("a duplicate lies beside its original and is selected", () => {
    const { editor } = editorWith(BOX);
    editor.choose(1);
    editor.duplicate();
    expect(shapesOf(editor)[1]).toEqual({ ...BOX, left: 26, top: 36 });
    expect(editor.selected).toBe(2);
  });
});

describe("paths", () => {
  test("a polygon is clicked, ended by a double click, and selected", () => {
    const { editor } = editorFor("polygon");
    click(editor, [100, 100], [200, 100], [100, 200]);
    editor.doubleClick(at(100, 200));
    expect(shapesOf(editor)).toEqual([TRIANGLE]);
    expect(editor.selected).toBe(1);
  });
  test("a double click on a vertex of a chosen shape takes it away", () => {
    const square = { form: "polygon", vertices: [at(10, 10), at(50, 10), at(50, 50), at(10, 50)] } as const;
    const { editor } = editorFor("polygon", square);
    editor.choose(1);
    editor.doubleClick(at(51, 49));
    expect(shapesOf(editor)[0]).toMatchObject({ vertices: [at(10, 10), at(50, 10), at(10, 50)] });
  });
  test("the double click that ends a polyline does not take its last vertex", () => {
    const { editor } = editorFor("polyline");
    click(editor, [100, 100], [200, 100], [200, 100]);
    editor.doubleClick(at(200, 100));
    expect(shapesOf(editor)[0]).toMatchObject({ vertices: [at(100, 100), at(200, 100)] });
  });
  test("undo while drawing takes one vertex, and only then the shape before", () => {
    const { editor } = editorFor("polygon", TRIANGLE);
    click(editor, [300, 300], [400, 300]);
    editor.undo();
    expect(editor.draft?.shape).toMatchObject({ vertices: [at(300, 300)] });
    editor.undo();
    expect([editor.drawingPath, editor.items.length]).toEqual([false, 1]);
  });
  test("a label key while drawing is for what is drawn, not for what is selected", () => {
    const { editor } = editorFor("polygon", TRIANGLE);
    editor.choose(1);
    click(editor, [300, 300], [400, 300]);
    editor.setLabel("RedBull");
    click(editor, [300, 400]);
    editor.play({ type: "finish" });
    expect(editor.items.map(({ label }) => label)).toEqual(["DHL", "RedBull"]);
  });
  test("a vertex lies on a whole pixel, or between two where they can be told apart", () => {
    const { editor } = editorFor("keypoint");
    click(editor, [50.4, 50.6]);
    editor.frame.zoom(8);
    click(editor, [90.404, 90.6]);
    expect(shapesOf(editor).map((shape) => shape.form !== "box" && shape.vertices[0])).toEqual([
      at(50, 51),
      at(90.4, 90.6),
    ]);
  });
  test("a key point that is there is moved, not doubled", () => {
    const { editor } = editorFor("keypoint", { form: "keypoint", vertices: [at(50, 50)] });
    drag(editor, [51, 51], [81, 71]);
    expect(shapesOf(editor)).toEqual([{ form: "keypoint", vertices: [at(80, 70)] }]);
  });
});

test("what changes is painted again where it was and where it is, not everywhere", () => {
  const { editor } = editorWith(BOX, box({ left: 300, top: 300, width: 50, height: 50 }));
  editor.damage = [];
  editor.choose(1);
  editor.nudge(100, 0, { resize: false, merge: false });
  expect(editor.damage).toContainEqual(expect.objectContaining({ left: 10, top: 20 }));
  expect(editor.damage).toContainEqual(expect.objectContaining({ left: 110, top: 20 }));
  expect(editor.damage).not.toContainEqual(expect.objectContaining({ left: 300 }));
});
