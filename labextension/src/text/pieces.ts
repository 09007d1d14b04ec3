/** A text cut where entities begin and end, and the line under the text that each entity has. */
import type { Span } from "./points.js";

export interface Piece extends Span {
  /** Entities over this piece, by their place in the list; the shortest, which is seen, is last. */
  readonly over: readonly number[];
  /** Of them, those that end with it. */
  readonly ending: readonly number[];
}

/** The pieces cover the text without gaps; a text of no characters has none. */
export function piecesOf(spans: readonly Span[], length: number): readonly Piece[] {
  const cuts = [...new Set([0, length, ...spans.flatMap(({ start, end }) => [start, end])])];
  cuts.sort((a, b) => a - b);
  const byStart = spans.map((_, index) => index).sort((a, b) => at(spans, a) - at(spans, b));
  const open = new Set<number>();
  let next = 0;
  return cuts.slice(0, -1).map((start, index) => {
    const end = cuts[index + 1] ?? length;
    for (const each of open) if ((spans[each]?.end ?? 0) <= start) open.delete(each);
    for (; next < byStart.length && at(spans, byStart[next]) <= start; next++) {
      const each = byStart[next];
      if (each !== undefined) open.add(each);
    }
    const over = [...open].sort((a, b) => long(spans, b) - long(spans, a) || a - b);
    return { start, end, over, ending: over.filter((each) => spans[each]?.end === end) };
  });
}

/** Which line under the text each span has, so that spans that share text share no line. */
export function linesOf(spans: readonly Span[]): readonly number[] {
  const lines = spans.map(() => 0);
  const ends: number[] = [];
  const order = spans.map((_, index) => index);
  order.sort((a, b) => at(spans, a) - at(spans, b) || long(spans, b) - long(spans, a));
  for (const index of order) {
    const free = ends.findIndex((end) => end <= at(spans, index));
    const line = free < 0 ? ends.length : free;
    ends[line] = spans[index]?.end ?? 0;
    lines[index] = line;
  }
  return lines;
}

const at = (spans: readonly Span[], index: number | undefined): number =>
  spans[index ?? -1]?.start ?? 0;
const long = (spans: readonly Span[], index: number): number =>
  (spans[index]?.end ?? 0) - (spans[index]?.start ?? 0);
