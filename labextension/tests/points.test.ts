/** Offsets: what the browser counts in UTF-16 units, the engine counts in code points. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { linesOf, piecesOf } from "../src/text/pieces.js";
import { TextPoints, type Span } from "../src/text/points.js";

const BITS = ["a", " ", "é", "e\u0301", "😀", "👩‍👩‍👧", "🇫🇮", "שלום", "مرحبا", "\r\n", "\n", "ड़ी", "𝒳", "\ud800", "-"];
const texts = fc.array(fc.constantFrom(...BITS), { maxLength: 30 }).map((bits) => bits.join(""));
const textAndSpan = texts.chain((text) => {
  const { length } = new TextPoints(text);
  const place = fc.nat({ max: length });
  return fc.tuple(place, place).map(([a, b]) => ({
    points: new TextPoints(text),
    span: { start: Math.min(a, b), end: Math.max(a, b) },
  }));
});

test("every code point survives the way to the browser's offsets and back", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const points = new TextPoints(text);
      const characters = Array.from(text); // by code point, as Python's str
      expect(points.length).toBe(characters.length);
      for (let at = 0; at <= points.length; at++) {
        expect(points.unitOf(at)).toBe(characters.slice(0, at).join("").length);
        expect(points.pointOf(points.unitOf(at))).toBe(at);
      }
    }),
  );
});

test("a slice is what Python's slice of the same offsets is", () => {
  fc.assert(
    fc.property(textAndSpan, ({ points, span }) => {
      const expected = Array.from(points.text).slice(span.start, span.end).join("");
      expect(points.slice(span)).toBe(expected);
    }),
  );
});

test("an offset in the middle of a surrogate pair is the character's own", () => {
  const points = new TextPoints("a😀b😀");
  expect([0, 1, 2, 3, 4, 5, 6].map((unit) => points.pointOf(unit))).toEqual([0, 1, 1, 2, 3, 3, 4]);
});

test("a widened stretch cuts no character a reader sees as one, and widening again adds nothing", () => {
  fc.assert(
    fc.property(textAndSpan, ({ points, span }) => {
      const whole = points.whole(span);
      expect(points.whole(whole)).toEqual(whole);
      if (span.start === span.end) return;
      expect(whole.start <= span.start && span.end <= whole.end).toBe(true);
      const cut = (at: number) => /^\r$/.test(points.slice({ start: at - 1, end: at })) &&
        points.slice({ start: at, end: at + 1 }) === "\n";
      expect(cut(whole.start) || cut(whole.end)).toBe(false);
    }),
  );
});

test.each([
  ["e\u0301a", { start: 0, end: 1 }, { start: 0, end: 2 }], // a combining mark
  ["👩‍👩‍👧!", { start: 2, end: 3 }, { start: 0, end: 5 }], // a family of five code points
  ["a\r\nb", { start: 0, end: 2 }, { start: 0, end: 3 }], // CR and LF
])("in %j no character is cut", (text, span, whole) => {
  expect(new TextPoints(text).whole(span)).toEqual(whole);
});

test("blanks at the ends of a stretch are left out; of blanks alone nothing is left", () => {
  const points = new TextPoints("  😀 Oslo \r\n");
  expect(points.trimmed({ start: 1, end: 11 })).toEqual({ start: 2, end: 8 });
  expect(points.trimmed({ start: 0, end: 2 })).toEqual({ start: 0, end: 0 });
});

test("whole words are taken from a part of them, in any script", () => {
  const taken = (text: string, span: Span) => {
    const points = new TextPoints(text);
    return points.slice(points.toWords(span));
  };
  expect(taken("My parcel from Kivi", { start: 5, end: 12 })).toBe("parcel from");
  expect(taken("My parcel from Kivi", { start: 2, end: 5 })).toBe("parcel");
  expect(taken("שלום עולם", { start: 1, end: 2 })).toBe("שלום");
});

test("one step goes over one character as readers see it, and no further than the text", () => {
  const points = new TextPoints("e\u0301😀");
  expect([points.step(0, 1), points.step(2, 1), points.step(3, 1)]).toEqual([2, 3, 3]);
  expect([points.step(3, -1), points.step(2, -1), points.step(0, -1)]).toEqual([2, 0, 0]);
});

const spans = fc.array(
  fc.tuple(fc.nat(20), fc.integer({ min: 1, max: 8 })).map(([start, long]) => ({ start, end: start + long })),
  { maxLength: 12 },
);

test("the pieces cover the text without gaps and know every entity over them", () => {
  fc.assert(
    fc.property(spans, (all) => {
      const pieces = piecesOf(all, 30);
      expect([pieces[0]?.start, pieces.at(-1)?.end]).toEqual([0, 30]);
      pieces.forEach((piece, index) => {
        expect(piece.start).toBe(index === 0 ? 0 : pieces[index - 1]?.end);
        const over = all.flatMap((span, at) => (span.start <= piece.start && piece.end <= span.end ? [at] : []));
        expect([...piece.over].sort((a, b) => a - b)).toEqual(over);
      });
      expect(pieces.flatMap(({ ending }) => ending)).toHaveLength(all.length);
    }),
  );
});

test("entities that share text have lines of their own", () => {
  fc.assert(
    fc.property(spans, (all) => {
      const lines = linesOf(all);
      all.forEach((one, a) =>
        all.forEach((two, b) => {
          const meet = a < b && one.start < two.end && two.start < one.end;
          if (meet) expect(lines[a]).not.toBe(lines[b]);
        }),
      );
    }),
  );
});
