/**
 * The painted labels at the resolution of the view: one screen pixel shows the label of one image
 * pixel, and only what a stroke touched is painted anew. A picture of 12 million pixels costs no
 * more here than the window it is seen through.
 */
import type { Viewport } from "../viewport.js";
import type { LabelMap, Rect } from "./label-map.js";

export interface Look {
  /** `#rrggbb` by value; a value without one is not shown. */
  readonly colors: ReadonlyMap<number, string>;
  readonly hidden: ReadonlySet<number>;
}

export class Overlay {
  private image: ImageData | null = null;
  private words = new Uint32Array(0);
  /** Image column of each screen column and image row of each screen row; -1 outside. */
  private columns = new Int32Array(0);
  private rows = new Int32Array(0);
  private readonly table = new Uint32Array(256);
  private readonly pen: CanvasRenderingContext2D | null;

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.pen = canvas.getContext("2d");
  }

  setLook({ colors, hidden }: Look): void {
    this.table.fill(0);
    for (const [value, color] of colors) {
      if (!hidden.has(value)) this.table[value] = pixelOf(color);
    }
  }

  /** The window or the place of the picture in it changed: all is painted. */
  paintAll(map: LabelMap, viewport: Viewport, ratio: number): void {
    const { width, height } = this.canvas;
    if (width === 0 || height === 0 || !this.pen) return;
    if (this.image?.width !== width || this.image.height !== height) {
      this.image = this.pen.createImageData(width, height);
      this.words = new Uint32Array(this.image.data.buffer);
    }
    this.columns = places(width, viewport.x, viewport.scale, ratio, map.width);
    this.rows = places(height, viewport.y, viewport.scale, ratio, map.height);
    this.sample(map, { left: 0, top: 0, right: width, bottom: height });
  }

  /** Image pixels changed: the screen pixels that show them are painted. */
  paint(map: LabelMap, rect: Rect): void {
    if (!this.image) return;
    const [left, right] = within(this.columns, rect.left, rect.right);
    const [top, bottom] = within(this.rows, rect.top, rect.bottom);
    if (left < right && top < bottom) this.sample(map, { left, top, right, bottom });
  }

  private sample(map: LabelMap, { left, top, right, bottom }: Rect): void {
    if (!this.image || !this.pen) return;
    const { columns, rows, table, words } = this;
    const { data, width } = map;
    const across = this.image.width;
    for (let y = top; y < bottom; y++) {
      const row = rows[y] as number;
      const start = y * across;
      if (row < 0) {
        words.fill(0, start + left, start + right);
        continue;
      }
      const from = row * width;
      for (let x = left; x < right; x++) {
        const column = columns[x] as number;
        words[start + x] = column < 0 ? 0 : (table[data[from + column] as number] as number);
      }
    }
    this.pen.putImageData(this.image, 0, 0, left, top, right - left, bottom - top);
  }
}

/** For each of `count` screen pixels the image pixel it shows. */
function places(
  count: number,
  offset: number,
  scale: number,
  ratio: number,
  size: number,
): Int32Array<ArrayBuffer> {
  const out = new Int32Array(count);
  for (let at = 0; at < count; at++) {
    const place = Math.floor(((at + 0.5) / ratio - offset) / scale);
    out[at] = place >= 0 && place < size ? place : -1;
  }
  return out;
}

/** The range of screen pixels that show image pixels from `low` to before `high`. */
function within(places: Int32Array, low: number, high: number): [number, number] {
  let first = 0;
  while (first < places.length && (places[first] as number) < low) first++;
  let last = first;
  while (last < places.length && (places[last] as number) >= 0 && (places[last] as number) < high) {
    last++;
  }
  return [first, last];
}

/** `#rrggbb` as the four bytes of an opaque pixel, in the order of this machine. */
function pixelOf(color: string): number {
  const bytes = [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
  return new Uint32Array(Uint8Array.from([...bytes, 255]).buffer)[0] as number;
}
