/** The panels of automated labeling: what the kernel sends is read with care, bars stay inside. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { along, parseBlocks, parseChoices } from "../src/panel/blocks.js";

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
