import { expect, test } from "vitest";
import { box } from "../src/geometry/shape.js";
import { applied, EMPTY, historyOf, perform, redo, undo, type Command, type History } from "../src/store.js";
import { forAll } from "./helpers.js";

const item = (id: number) => ({
  id,
  shape: box({ left: id, top: 0, width: 5, height: 5 }),
  label: "DHL",
  locked: false,
  hidden: false,
});

/** Some command about one of the first eight ids. */
function commandOf(random: () => number, history: History, id: number): Command {
  const some = history.now.items[Math.floor(random() * history.now.items.length)]?.id ?? 0;
  const kind = Math.floor(random() * 6);
  if (kind <= 1) return { type: "add", item: item(id) };
  if (kind === 2) return { type: "remove", id: some };
  if (kind === 3) return { type: "change", id: some, by: { label: `label ${id}`, locked: random() < 0.5 } };
  if (kind === 4) return { type: "place", id: some, at: Math.floor(random() * history.now.items.length) };
  return { type: "nothing", nothing: random() < 0.5 };
}

test("undone to the beginning and done again to the end, every drawing is the same", () => {
  forAll(
    (random) => random,
    (random) => {
      const seen = [EMPTY];
      let history = historyOf(EMPTY);
      for (let id = 1; id <= 40; id++) {
        const next = perform(history, commandOf(random, history, id));
        if (next !== history) seen.push(next.now);
        history = next;
      }
      for (const drawing of seen.toReversed()) {
        expect(history.now).toEqual(drawing);
        history = undo(history);
      }
      expect(history.past).toBeNull();
      for (const drawing of seen.slice(1)) expect((history = redo(history)).now).toEqual(drawing);
    },
    100,
  );
});

test("undo has no limit", () => {
  let history = historyOf(EMPTY);
  for (let id = 1; id <= 5_000; id++) history = perform(history, { type: "add", item: item(id) });
  for (let id = 1; id <= 5_000; id++) history = undo(history);
  expect(history.now).toEqual(EMPTY);
});

test("a new command forgets what was undone", () => {
  const one = perform(historyOf(EMPTY), { type: "add", item: item(1) });
  const two = perform(undo(one), { type: "nothing", nothing: true });
  expect(redo(two)).toBe(two);
  expect(two.now).toEqual({ items: [], nothing: true });
});

test("what changes nothing makes no undo step", () => {
  const history = perform(historyOf(EMPTY), { type: "add", item: item(1) });
  expect(perform(history, { type: "remove", id: 9 })).toBe(history);
  expect(perform(history, { type: "nothing", nothing: true })).toBe(history);
});

test("a merged change is redone whole, with what the one before it set", () => {
  let history = perform(historyOf(EMPTY), { type: "add", item: item(1) });
  history = perform(history, { type: "change", id: 1, by: { label: "Halo" } });
  history = perform(history, { type: "change", id: 1, by: { locked: true } }, true);
  expect(redo(undo(history)).now.items[0]).toMatchObject({ label: "Halo", locked: true });
  expect(undo(history).now).toEqual(applied(EMPTY, { type: "add", item: item(1) }));
});
