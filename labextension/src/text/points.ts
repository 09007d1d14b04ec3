/**
 * Offsets into a text. The engine counts Unicode code points, as Python does; the browser counts
 * UTF-16 units. All spans of ours are in code points, `start` inclusive, `end` exclusive.
 */

export interface Span {
  readonly start: number;
  readonly end: number;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const words = new Intl.Segmenter(undefined, { granularity: "word" });

export class TextPoints {
  /** Code points in the text. */
  readonly length: number;
  /** Where, in units, the surrogate pairs begin; empty for most texts. */
  private readonly pairs: readonly number[];
  private readonly characters: Intl.Segments;
  private readonly pieces: Intl.Segments;

  constructor(readonly text: string) {
    this.pairs = [...text.matchAll(/[\u{10000}-\u{10ffff}]/gu)].map(({ index }) => index);
    this.length = text.length - this.pairs.length;
    this.characters = graphemes.segment(text);
    this.pieces = words.segment(text);
  }

  /** The unit at which a code point begins. */
  unitOf(point: number): number {
    return point + below(this.pairs.length, (at) => (this.pairs[at] ?? 0) - at < point);
  }

  /** The code point that begins at a unit, or the one whose second half it is. */
  pointOf(unit: number): number {
    return unit - below(this.pairs.length, (at) => (this.pairs[at] ?? 0) < unit);
  }

  slice({ start, end }: Span): string {
    return this.text.slice(this.unitOf(start), this.unitOf(end));
  }

  /** Widened so that no character a reader sees as one is cut, nor CR from LF. */
  whole(span: Span): Span {
    return this.widened(span, this.characters);
  }

  /** Widened to whole words; a blank at the edge does not bring its neighbours in. */
  toWords(span: Span): Span {
    return this.widened(this.trimmed(span), this.pieces);
  }

  /** Without the blanks at both ends; of blanks alone nothing is left. */
  trimmed({ start, end }: Span): Span {
    const text = this.slice({ start, end });
    const before = text.length - text.trimStart().length; // blanks are never surrogate pairs
    if (before === text.length) return { start, end: start };
    return { start: start + before, end: end - (text.length - text.trimEnd().length) };
  }

  /** The place one character further on or back; no further than the ends of the text. */
  step(point: number, by: 1 | -1): number {
    const unit = this.unitOf(point);
    const piece = this.characters.containing(by > 0 ? unit : unit - 1);
    if (!piece) return point;
    return this.pointOf(by > 0 ? piece.index + piece.segment.length : piece.index);
  }

  private widened({ start, end }: Span, segments: Intl.Segments): Span {
    if (start === end) return { start, end };
    const first = segments.containing(this.unitOf(start));
    const last = segments.containing(this.unitOf(end) - 1);
    if (!first || !last) return { start, end };
    return {
      start: this.pointOf(first.index),
      end: this.pointOf(last.index + last.segment.length),
    };
  }
}

/** How many of `count` ordered things come before the first that does not fit. */
function below(count: number, fits: (at: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
