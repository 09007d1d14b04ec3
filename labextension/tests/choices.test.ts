/** Categories by mouse and by key, as a draft keeps them and as the engine takes them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { labelKey, labelOfKey } from "../src/label-keys.js";
import { fold } from "../src/views/search.js";
import {
  answerOf,
  choiceFrom,
  firstChoice,
  toggled,
  UNDECIDED,
  withOnly,
  type Choice,
} from "../src/work/choices.js";
import { taskNamed } from "./helpers.js";

const CATEGORIES = ["late", "damaged", "lost"];
const key = (name: string, more: object = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});
const takes = fc.array(fc.option(fc.constantFrom(...CATEGORIES), { nil: null }), { maxLength: 12 });
const after = (steps: readonly (string | null)[]): Choice =>
  steps.reduce((choice: Choice, label) => toggled(choice, label, CATEGORIES), UNDECIDED);

test("the keys 1 to 9 and then letters choose the label that shows the key, and no other", () => {
  for (let index = 0; index < 31; index++) {
    expect(labelOfKey(key(labelKey(index)), 31)).toBe(index);
    expect(labelOfKey(key(labelKey(index)), index)).toBeNull();
  }
  expect(labelKey(40)).toBe("·");
  expect(["n", "w", "c", "h", "?"].map((name) => labelOfKey(key(name), 100))).toEqual(
    Array(5).fill(null),
  );
  expect(labelOfKey(key("s", { ctrlKey: true }), 100)).toBeNull();
});

test("a second choice of one takes the place of the first", () => {
  const choice = withOnly(withOnly(UNDECIDED, "late"), "lost");
  expect(answerOf(choice, false)).toEqual({ label: "lost" });
  expect(answerOf(UNDECIDED, false)).toBeNull();
});

test("labels stand in the order of the job whatever the order of the clicks", () => {
  expect(answerOf(after(["lost", "late"]), true)).toEqual({ labels: ["late", "lost"] });
  expect(answerOf(after(["lost", "late", "lost"]), true)).toEqual({ labels: ["late"] });
});

test("none of the above excludes every label, and a label excludes it", () => {
  expect(answerOf(after(["late", null]), true)).toEqual({ labels: [] });
  expect(after([null, "late"])).toEqual({ labels: ["late"], none: false, comment: "" });
  expect(answerOf(after([null, null]), true)).toBeNull();
  fc.assert(
    fc.property(takes, (steps) => {
      const { labels, none } = after(steps);
      expect(none && labels.length > 0).toBe(false);
    }),
  );
});

test("a draft gives back what was chosen; a label that the job has not is dropped", () => {
  fc.assert(
    fc.property(takes, (steps) => {
      const choice = after(steps);
      const kept = JSON.parse(JSON.stringify({ v: 1, time_spent_s: 2, ...choice }));
      expect(choiceFrom(kept, CATEGORIES)).toEqual(choice);
    }),
  );
  expect(choiceFrom({ label: "gone" }, CATEGORIES)).toEqual(UNDECIDED);
  expect(choiceFrom([3], CATEGORIES)).toBeNull();
});

test("an adjustment begins with the earlier label, and a draft goes before it", () => {
  const earlier = { colors: null, attribute: "one", kind: "class", labels: CATEGORIES, value: { label: "lost" } };
  const task = taskNamed("t", { categories: CATEGORIES, purpose: "adjust", earlier });
  expect(firstChoice(task, null).labels).toEqual(["lost"]);
  expect(firstChoice(task, { label: "late" }).labels).toEqual(["late"]);
  const nothing = { ...earlier, value: { labels: [] } };
  expect(firstChoice({ ...task, earlier: nothing }, null).none).toBe(true);
  expect(firstChoice({ ...task, purpose: "label" }, null)).toEqual(UNDECIDED);
});

test("a comment goes along with a verdict, without the blanks around it", () => {
  const choice = { ...withOnly(UNDECIDED, "late"), comment: "  cut off \n" };
  expect(answerOf(choice, false)).toEqual({ label: "late", workerComment: "cut off" });
  expect(answerOf({ ...choice, comment: " " }, false)).toEqual({ label: "late" });
});

test("a search finds a label by any part of it, whatever its case and accents", () => {
  expect(fold("Ålesund")).toContain(fold("alE"));
  expect(fold("Ｗｉｄｅ")).toBe("wide");
});
