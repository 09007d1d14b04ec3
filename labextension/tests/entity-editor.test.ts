/** Marking entities, played as plain data. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { firstMarked, markedFrom, UNMARKED } from "../src/text/entities.js";
import { EntityEditor, type Change } from "../src/text/entity-editor.js";
import { TextPoints } from "../src/text/points.js";
import { taskNamed } from "./helpers.js";

const LABELS = ["carrier", "place"];
const TEXT = "Kivi 😀 Cargo in Oslo";

function editing(ready: string | null = null, text = TEXT) {
  const changes: Change[] = [];
  const points = new TextPoints(text);
  const start = { marked: UNMARKED, ready };
  const editor = new EntityEditor(points, LABELS, (change) => changes.push(change), start);
  const found = () => editor.entities.map(({ label, start, end }) => `${label} ${start}-${end}`);
  return { editor, found, changes };
}

test("text is highlighted, then labeled; offsets count the emoji once", () => {
  const { editor, found, changes } = editing();
  editor.mark({ start: 0, end: 12 }, "pointer");
  expect([editor.target, found()]).toEqual(["highlight", []]);
  editor.label("carrier");
  expect(found()).toEqual(["carrier 0-12"]);
  expect(editor.answer()).toEqual({ entities: [{ label: "carrier", startOffset: 0, endOffset: 12 }] });
  expect(changes).toEqual(["choice", "marked"]);
});

test("a label that is ready goes to whatever the pointer highlights", () => {
  const { editor, found } = editing();
  editor.label("place");
  editor.mark({ start: 15, end: 20 }, "pointer"); // with the blank before it
  expect(found()).toEqual(["place 16-20"]);
  editor.label("carrier"); // the next one's, not that of the one just marked
  expect([editor.ready, found()]).toEqual(["carrier", ["place 16-20"]]);
  editor.label("carrier");
  expect(editor.ready).toBeNull();
});

test("what the keys highlight waits for its label, blanks and all", () => {
  const { editor, found } = editing("carrier");
  editor.mark({ start: 4, end: 6 }, "keys");
  expect([editor.target, found()]).toEqual(["highlight", []]);
  editor.label("place");
  expect(found()).toEqual(["place 4-6"]);
});

test("entities may overlap, and one stretch may have two labels but none of them twice", () => {
  const { editor, found } = editing();
  for (const [start, end, label] of [[0, 12, "carrier"], [7, 20, "place"], [0, 12, "place"], [0, 12, "carrier"]] as const) {
    editor.mark({ start, end }, "keys");
    editor.label(label);
  }
  expect(found()).toEqual(["carrier 0-12", "place 0-12", "place 7-20"]);
});

test("a click chooses the shortest entity there, and another click the next longer", () => {
  const { editor } = editing();
  for (const [start, end] of [[0, 20], [7, 12]] as const) {
    editor.mark({ start, end }, "keys");
    editor.label("carrier");
  }
  const clicked = () => {
    editor.clickAt(8);
    return editor.chosen?.start;
  };
  expect([clicked(), clicked(), clicked()]).toEqual([0, 7, 0]); // 7-12 was chosen when marked
  editor.clickAt(15);
  editor.escape();
  editor.clickAt(3);
  editor.remove();
  expect(editor.entities).toHaveLength(1);
});

test("the chosen entity takes another label, another end, and goes; all of it can be undone", () => {
  const { editor, found } = editing();
  editor.mark({ start: 0, end: 4 }, "pointer");
  editor.label("carrier");
  editor.label("place");
  editor.resize("end", 1);
  editor.resize("end", 1); // over the emoji
  editor.resize("start", 1);
  expect(found()).toEqual(["place 1-6"]);
  editor.remove();
  expect(found()).toEqual([]);
  for (let turn = 0; turn < 5; turn++) editor.undo();
  expect(found()).toEqual(["carrier 0-4"]);
  editor.redo();
  expect(found()).toEqual(["place 0-4"]);
  editor.undo();
  editor.undo();
  editor.undo();
  expect([found(), editor.canUndo]).toEqual([[], false]);
});

test("an entity never becomes empty, nor longer than the text", () => {
  const { editor, found } = editing(null, "ab");
  editor.mark({ start: 0, end: 2 }, "keys");
  editor.label("carrier");
  for (let turn = 0; turn < 3; turn++) editor.resize("end", 1);
  expect(found()).toEqual(["carrier 0-2"]);
  for (let turn = 0; turn < 3; turn++) editor.resize("start", 1);
  expect(found()).toEqual(["carrier 1-2"]);
});

test("nothing to mark has to be said, and is taken back by the first entity", () => {
  const { editor } = editing();
  expect(editor.answer()).toBeNull();
  editor.setNothing(true);
  expect(editor.answer()).toEqual({ entities: [] });
  editor.mark({ start: 0, end: 4 }, "pointer");
  editor.label("carrier");
  expect(editor.marked.nothing).toBe(false);
  editor.setNothing(true);
  expect(editor.marked.nothing).toBe(false);
});

test("with whole words on, a part of a word stands for the word", () => {
  const { editor } = editing();
  editor.byWords = true;
  editor.mark({ start: 8, end: 10 }, "pointer");
  expect(editor.highlight).toEqual({ start: 7, end: 12 });
});

test("a draft is read with care: what does not fit the text or the labels is left out", () => {
  const entity = (label: string, startOffset: number, endOffset: number) => ({ label, startOffset, endOffset });
  const draft = { v: 1, entities: [entity("carrier", 0, 4), entity("gone", 0, 4), entity("place", 3, 99), entity("place", 5, 5)] };
  expect(markedFrom(draft, LABELS, 20)?.entities).toEqual([{ label: "carrier", start: 0, end: 4 }]);
  expect(markedFrom({ v: 1 }, LABELS, 20)).toBeNull();
  const earlier = { colors: null, attribute: "one", kind: "entities", labels: LABELS, value: draft };
  const task = taskNamed("t", { categories: LABELS, purpose: "adjust", earlier });
  expect(firstMarked(task, null, 20).entities).toHaveLength(1);
  expect(firstMarked(task, { entities: [], nothing: true }, 20)).toEqual({ entities: [], nothing: true });
});

type Do = (editor: EntityEditor) => void;
const doing: fc.Arbitrary<Do> = fc.oneof(
  fc.tuple(fc.nat(20), fc.nat(20), fc.constantFrom("pointer" as const, "keys" as const)).map(
    ([a, b, by]): Do => (editor) => editor.mark({ start: Math.min(a, b), end: Math.max(a, b) }, by),
  ),
  fc.constantFrom(...LABELS).map((label): Do => (editor) => editor.label(label)),
  fc.nat(20).map((at): Do => (editor) => editor.clickAt(at)),
  fc.constantFrom<Do>(
    (editor) => editor.remove(),
    (editor) => editor.undo(),
    (editor) => editor.redo(),
    (editor) => editor.escape(),
    (editor) => editor.chooseNext(1),
    (editor) => editor.setNothing(true),
    (editor) => editor.resize("end", -1),
    (editor) => editor.resize("start", 1),
  ),
);

test("whatever is done, the answer is one that the engine takes, and undo leads back to nothing", () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 40 }), (steps) => {
      const { editor, found } = editing();
      for (const step of steps) {
        step(editor);
        const { entities, marked } = editor;
        expect(new Set(found()).size).toBe(entities.length);
        for (const { start, end } of entities) expect(0 <= start && start < end && end <= 20).toBe(true);
        expect(marked.nothing && entities.length > 0).toBe(false);
      }
      while (editor.canUndo) editor.undo();
      expect(editor.marked).toEqual(UNMARKED);
    }),
  );
});
