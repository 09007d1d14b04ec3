/** The panels of automated labeling: what the kernel sends is read with care, bars stay inside. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { standing, words } from "../src/panel/act.js";
import { along, parseAct, parseBlocks, parseChoices } from "../src/panel/blocks.js";

const bar = { block: "bar", total: 10, parts: [{ kind: "people", count: 4, label: "4 by people" }] };

test("blocks that we know are read, others are refused with their place", () => {
  expect(parseBlocks([bar, { block: "note", words: "<b>as text</b>" }])).toHaveLength(2);
  expect(() => parseBlocks([{ block: "script", words: "" }])).toThrow(/blocks\[0\]/);
  expect(() => parseBlocks([{ ...bar, total: "many" }])).toThrow(/total/);
  expect(() => parseChoices([{ label: "95%", blocks: [{ block: "note" }] }])).toThrow(/words/);
});

test("a chart's points are pairs and its band has both ends", () => {
  const chart = {
    block: "chart", name: "n", x: [0, 1], y: [0, 1], x_ticks: [], y_ticks: [], x_label: "", band: [[0, 0, 1]],
    line: [[0, 0.5]], mark: null, rule: null,
  };
  expect(parseBlocks([chart])[0]).toMatchObject({ block: "chart", band: [[0, 0, 1]] });
  expect(() => parseBlocks([{ ...chart, band: [[0, 1]] }])).toThrow(/3 numbers/);
});

test("nothing is drawn beyond the ends of its axis", () => {
  const numbers = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(numbers, numbers, numbers, (from, to, value) => {
      const found = along([from, to], value);
      return found >= 0 && found <= 1;
    }),
  );
  expect(along([10, 20], 15)).toBe(0.5);
});

const act = {
  state: "ready", heard: 3, said: "", label: "Label 41% now …", words: "w", confirm: "c",
  rests: [{ value: "people", label: "People go on" }],
};

test("a panel without a button has none, and a button is read with care", () => {
  expect(parseAct({})).toBeNull();
  expect(parseAct(undefined)).toBeNull();
  expect(parseAct(act)).toEqual(act);
  expect(() => parseAct({ ...act, state: "armed" })).toThrow(/act/);
  expect(() => parseAct({ ...act, rests: [{ value: "people" }] })).toThrow(/label/);
});

test("once pressed, a button waits until the kernel has heard it, and not longer", () => {
  const found = parseAct(act)!;
  expect(standing(found, null).state).toBe("ready");
  expect(standing(found, 3)).toEqual({ state: "busy", said: words.asked });
  expect(standing({ ...found, label: "Label 43% now …" }, 3).state).toBe("busy"); // a newer forecast only
  expect(standing({ ...found, heard: 4, said: "not asked: the disk is full" }, 3)).toMatchObject({
    state: "ready", said: "not asked: the disk is full",
  });
});
