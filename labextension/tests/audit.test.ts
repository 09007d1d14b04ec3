/** The audit grid: what the kernel sends is read with care, arrows stay inside, clicks toggle. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { moved, parseItems, toggled } from "../src/audit/index.js";

const item = { object_id: "7", src: "data:image/jpeg;base64,AAAA", text: "" };

test("items that are none, and pictures from elsewhere, are left out", () => {
  const elsewhere = { ...item, src: "https://example.com/spy.png" };
  const script = { ...item, src: "data:image/svg+xml,<svg onload='alert(1)'/>" };
  expect(parseItems([item, null, 3, { object_id: 7 }, elsewhere, script])).toEqual([item]);
  const text = { object_id: "8", src: "", text: "a <b>bold</b> claim" };
  expect(parseItems([text])).toEqual([text]);
});

test("an arrow never leaves the grid, and other keys lead nowhere", () => {
  const keys = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
  const grids = fc.record({
    key: fc.constantFrom(...keys),
    length: fc.integer({ min: 1, max: 25 }),
    from: fc.nat(24),
    columns: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(grids, ({ key, length, from, columns }) => {
      const to = moved(key, from % length, length, columns);
      return to !== null && to >= 0 && to < length;
    }),
  );
  expect(moved("ArrowDown", 1, 25, 5)).toBe(6);
  expect(moved("ArrowUp", 1, 25, 5)).toBe(1);
  expect(moved("x", 1, 25, 5)).toBeNull();
});

test("a second click takes the first one back", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string()), fc.string(), (list, value) => {
      expect(new Set(toggled(toggled(list, value), value))).toEqual(new Set(list));
    }),
  );
});
