import { expect, test } from "vitest";
import { BoxEditor, type Change } from "../src/editor.js";
import { EMPTY, historyOf, perform, redo, undo } from "../src/store.js";
import type { ToolEvent } from "../src/tools/index.js";

const PICTURE = { width: 640, height: 480 };
const BOX = { left: 10, top: 20, width: 100, height: 50, label: "DHL" };

function editorWith(...boxes: (typeof BOX)[]) {
  const changes: Change[] = [];
  const start = { drawing: { boxes, nothing: false } };
  const editor = new BoxEditor(PICTURE, ["DHL", "RedBull"], (change) => changes.push(change), start);
  editor.frame.resize({ width: 656, height: 496 }); // scale 1
  return { editor, changes };
}
function drag(editor: BoxEditor, from: readonly [number, number], to: readonly [number, number]) {
  const event = (type: "press" | "drag" | "release", [x, y]: readonly [number, number]): ToolEvent =>
    ({ type, at: { x, y } });
  for (const step of [event("press", from), event("drag", to), event("release", to)]) editor.play(step);
}

test("one gesture is one undo step, and redo brings it back", () => {
  const { editor } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  drag(editor, [100, 100], [180, 160]);
  editor.undo();
  expect(editor.boxes).toEqual([{ left: 10, top: 10, width: 50, height: 50, label: "DHL" }]);
  editor.redo();
  expect(editor.boxes).toHaveLength(2);
});

test("a gesture reports the drawing once, however long the drag", () => {
  const { editor, changes } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  expect(changes.filter((change) => change === "drawing")).toHaveLength(1);
});

test("a new command forgets what was undone", () => {
  const one = perform(historyOf(EMPTY), { type: "add", box: BOX });
  const two = perform(undo(one), { type: "nothing", nothing: true });
  expect(redo(two)).toBe(two);
  expect(two.now).toEqual({ boxes: [], nothing: true });
});

test("a label key after drawing is for the next box; on a chosen box it changes that one", () => {
  const { editor } = editorWith();
  drag(editor, [10, 10], [60, 60]);
  editor.setLabel("RedBull");
  drag(editor, [100, 100], [160, 160]);
  expect(editor.boxes.map(({ label }) => label)).toEqual(["DHL", "RedBull"]);
  editor.choose(0);
  editor.setLabel("RedBull");
  expect(editor.boxes[0]?.label).toBe("RedBull");
});

test("a click in drawing mode chooses the box under it", () => {
  const { editor } = editorWith(BOX);
  drag(editor, [50, 40], [50, 40]);
  expect(editor.selected).toBe(0);
  expect(editor.relabels).toBe(true);
});

test("a handle of the selected box resizes it, although the tool is for drawing", () => {
  const { editor } = editorWith(BOX);
  editor.choose(0);
  drag(editor, [110, 70], [150, 90]);
  expect(editor.boxes).toEqual([{ ...BOX, width: 140, height: 70 }]);
});

test("held arrow keys move a box and are undone together", () => {
  const { editor } = editorWith(BOX);
  editor.choose(0);
  editor.nudge(10, 0, { resize: false, merge: false });
  editor.nudge(10, 0, { resize: false, merge: true });
  expect(editor.boxes[0]?.left).toBe(30);
  editor.undo();
  expect(editor.boxes[0]?.left).toBe(10);
});

test("drawing past the edge gives a box inside the picture, in whole pixels", () => {
  const { editor } = editorWith();
  drag(editor, [600.3, 400.4], [900, 900]);
  const { boundingBoxes } = editor.answer()?.boundingBox ?? { boundingBoxes: [] };
  expect(boundingBoxes).toEqual([{ label: "DHL", left: 600, top: 400, width: 40, height: 80 }]);
});

test("no box and no word about it is no answer; nothing to label is one", () => {
  const { editor } = editorWith();
  expect(editor.answer()).toBeNull();
  editor.setNothing(true);
  const boundingBox = { boundingBoxes: [], inputImageProperties: PICTURE };
  expect(editor.answer()).toEqual({ boundingBox });
});

test("a box drawn after all takes the tick from nothing to label", () => {
  const { editor } = editorWith();
  editor.setNothing(true);
  drag(editor, [10, 10], [60, 60]);
  expect(editor.drawing.nothing).toBe(false);
});

test("an added box without a pointer lies in the middle and can be deleted", () => {
  const { editor } = editorWith();
  editor.addBox();
  expect(editor.boxes[0]).toEqual({ left: 240, top: 180, width: 160, height: 120, label: "DHL" });
  editor.remove();
  expect([editor.boxes, editor.selected]).toEqual([[], null]);
});

test("escape drops the gesture first, and the selection next", () => {
  const { editor } = editorWith(BOX);
  editor.choose(0);
  editor.play({ type: "press", at: { x: 300, y: 300 } });
  editor.play({ type: "drag", at: { x: 400, y: 400 } });
  editor.play({ type: "escape" });
  expect([editor.boxes.length, editor.selected]).toEqual([1, 0]);
  editor.play({ type: "escape" });
  expect(editor.selected).toBeNull();
});
