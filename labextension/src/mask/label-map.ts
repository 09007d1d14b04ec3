/**
 * A class for every pixel: one byte each, 0 for background. A stroke writes one value and keeps
 * what it overwrote as runs, so that undo costs what was painted and not what the picture has.
 */
import type { Size } from "../geometry/box.js";

/** Whole image pixels: left and top inclusive, right and bottom exclusive. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What one gesture changed. `runs`: pairs of offset and `count << 8 | value before`. */
export interface Patch {
  readonly value: number;
  readonly runs: Uint32Array;
  readonly bounds: Rect;
}

export const VALUES = 256;
/** Instances or labels besides the background, at most. */
export const MAX_VALUE = 254;

export class LabelMap {
  readonly width: number;
  readonly height: number;
  /** Pixels of each value. */
  readonly counts = new Float64Array(VALUES);

  constructor(
    { width, height }: Size,
    readonly data: Uint8Array = new Uint8Array(width * height),
  ) {
    this.width = width;
    this.height = height;
    for (const value of data) this.counts[value]! += 1;
  }

  at(x: number, y: number): number {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    const inside = column >= 0 && row >= 0 && column < this.width && row < this.height;
    return inside ? (this.data[row * this.width + column] ?? 0) : 0;
  }

  /** Undo (`back`) or do again what a patch did. */
  apply(patch: Patch, back: boolean): void {
    const { runs, value } = patch;
    for (let at = 0; at < runs.length; at += 2) {
      const offset = runs[at] as number;
      const [count, before] = [(runs[at + 1] as number) >>> 8, (runs[at + 1] as number) & 0xff];
      const [from, to] = back ? [value, before] : [before, value];
      this.data.fill(to, offset, offset + count);
      this.counts[from]! -= count;
      this.counts[to]! += count;
    }
  }

  /** The bytes of a rectangle, row by row. */
  bytes({ left, top, right, bottom }: Rect): Uint8Array<ArrayBuffer> {
    const across = right - left;
    const out = new Uint8Array(across * (bottom - top));
    for (let y = top; y < bottom; y++) {
      const from = y * this.width + left;
      out.set(this.data.subarray(from, from + across), (y - top) * across);
    }
    return out;
  }
}

/** Which values a stroke may overwrite: one byte per value, 1 for yes. */
export type Allowed = Uint8Array;

/**
 * With `respect` on, painting goes over background only and erasing over the chosen label only.
 */
export function allowed(value: number, chosen: number, respect: boolean): Allowed {
  const table = new Uint8Array(VALUES).fill(respect ? 0 : 1);
  if (respect) table[value === 0 ? chosen : 0] = 1;
  table[value] = 0; // what is there already is not painted again
  return table;
}

export class Stroke {
  private runs = new Uint32Array(512);
  private used = 0;
  private all: Rect | null = null;
  private fresh: Rect | null = null;

  constructor(
    private readonly map: LabelMap,
    readonly value: number,
    private readonly over: Allowed,
  ) {}

  /** Paint the columns from `left` to before `right` of one row; outside the picture is nothing. */
  span(row: number, left: number, right: number): void {
    const { width, height, data } = this.map;
    if (row < 0 || row >= height) return;
    const end = row * width + Math.min(right, width);
    let at = row * width + Math.max(left, 0);
    let [first, last] = [-1, -1];
    while (at < end) {
      const before = data[at] as number;
      let to = at + 1;
      while (to < end && data[to] === before) to++;
      if (this.over[before] === 1) {
        this.keep(at, to - at, before);
        if (first < 0) first = at;
        last = to;
      }
      at = to;
    }
    if (first < 0) return;
    const start = row * width;
    this.grow({ left: first - start, top: row, right: last - start, bottom: row + 1 });
  }

  /** Runs of offset and count, which may go on from one row to the next. */
  offsets(runs: Uint32Array): void {
    const { width } = this.map;
    for (let index = 0; index < runs.length; index += 2) {
      let at = runs[index] as number;
      const end = at + (runs[index + 1] as number);
      while (at < end) {
        const row = Math.floor(at / width);
        const to = Math.min(end, (row + 1) * width);
        this.span(row, at - row * width, to - row * width);
        at = to;
      }
    }
  }

  /** What changed since this was asked last. */
  takeFresh(): Rect | null {
    const fresh = this.fresh;
    this.fresh = null;
    return fresh;
  }

  /** One undo step, or null when nothing changed. */
  finish(): Patch | null {
    if (!this.all) return null;
    return { value: this.value, runs: this.runs.slice(0, this.used), bounds: this.all };
  }

  private keep(offset: number, count: number, before: number): void {
    const { data, counts } = this.map;
    if (this.used + 2 > this.runs.length) {
      const larger = new Uint32Array(this.runs.length * 2);
      larger.set(this.runs);
      this.runs = larger;
    }
    this.runs[this.used++] = offset;
    this.runs[this.used++] = (count << 8) | before;
    data.fill(this.value, offset, offset + count);
    counts[before]! -= count;
    counts[this.value]! += count;
  }

  private grow(by: Rect): void {
    this.all = union(this.all, by);
    this.fresh = union(this.fresh, by);
  }
}

export function union(a: Rect | null, b: Rect): Rect {
  if (!a) return b;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}
