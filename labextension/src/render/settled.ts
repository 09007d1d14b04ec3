/**
 * All shapes but the chosen one, painted once and kept. Small changes are mended where they are;
 * while the picture moves the kept painting is moved along, and painted anew in slices at rest.
 * So neither a drag nor a pan ever waits for 20,000 shapes.
 */
import type { Box } from "../geometry/box.js";
import { boundsOf } from "../geometry/shape.js";
import type { Item } from "../store.js";
import { boxToScreen, type Viewport } from "../viewport.js";
import { drawShape, drawTag, type Pen, type Stroke } from "./shapes.js";
import type { StyleOf } from "./style.js";

export interface Settled {
  readonly items: () => readonly Item[];
  readonly touching: (area: Box) => readonly Item[];
  /** Not hidden, and not painted elsewhere. */
  readonly shows: (item: Item) => boolean;
  readonly opacityOf: (label: string) => number;
  readonly styleOf: StyleOf;
  /** What looks different since the last call; null for everything. */
  readonly takeDamage: () => readonly Box[] | null;
}

/** A full painting that took less than this is done in one go, in ms. */
const AT_ONCE_MS = 6;
const SLICE_MS = 6;
const SLICE_ITEMS = 64;
/** The picture has come to rest, in ms. */
const REST_MS = 90;
/** With more shapes than this, labels would only hide the picture. */
const MOST_TAGS = 400;
const MOST_FILLS = 2_000;

export class SettledLayer {
  /** The one in front is shown, the other is painted in slices. */
  private canvases: [HTMLCanvasElement, HTMLCanvasElement];
  private painted: Viewport | null = null;
  private slices: { readonly viewport: Viewport; readonly items: readonly Item[]; next: number } | null =
    null;
  private stale = true;
  private many = 0;
  /** What painting everything took last, in ms. */
  private cost = 0;
  /** Of it, what the slices of the painting under way took so far. */
  private spent = 0;
  private movedTo: Viewport | null = null;
  private movedAt = 0;

  constructor(
    make: () => HTMLCanvasElement,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.canvases = [make(), make()];
    this.canvases[1].hidden = true;
  }

  resize(width: number, height: number): void {
    for (const canvas of this.canvases) [canvas.width, canvas.height] = [width, height];
    this.painted = null;
  }

  /** One frame's work; true while there is more to do. */
  paint(source: Settled, viewport: Viewport, ratio: number): boolean {
    const damage = source.takeDamage();
    const still = this.painted !== null && same(this.painted, viewport);
    const items = source.items();
    if (damage === null || this.many !== rankOf(items)) this.stale = true;
    if (still && !this.stale && !this.slices) {
      if (damage && damage.length > 0) this.mend(source, viewport, ratio, damage);
      return false;
    }
    if (damage && damage.length > 0) this.stale = true;
    if (this.cost <= AT_ONCE_MS) return this.paintAll(source, viewport, ratio);
    return this.paintSlice(source, viewport, ratio);
  }

  private paintAll(source: Settled, viewport: Viewport, ratio: number): boolean {
    this.begin(source, viewport, 0, ratio);
    const began = this.clock();
    while (this.slices && this.slices.next < this.slices.items.length) {
      if (this.clock() - began > 2 * AT_ONCE_MS) {
        this.cost = Infinity; // more than fits into a frame: in slices from now on
        this.slices = this.painted = null;
        return true;
      }
      this.paintSome(source, ratio, 0);
    }
    this.cost = this.clock() - began;
    this.end(0, viewport);
    return false;
  }

  private paintSlice(source: Settled, viewport: Viewport, ratio: number): boolean {
    const now = this.clock();
    if (this.slices && (!same(this.slices.viewport, viewport) || this.stale)) this.slices = null;
    if (this.painted && !same(this.painted, viewport)) {
      this.follow(this.painted, viewport);
      if (!this.slices && this.movedTo !== viewport) [this.movedTo, this.movedAt] = [viewport, now];
      if (!this.slices && now - this.movedAt < REST_MS) return true;
    }
    if (!this.slices) this.begin(source, viewport, 1, ratio);
    while (this.slices && this.slices.next < this.slices.items.length) {
      if (this.clock() - now > SLICE_MS) {
        this.spent += this.clock() - now;
        return true;
      }
      this.paintSome(source, ratio, 1);
    }
    this.cost = this.spent + this.clock() - now;
    this.end(1, viewport);
    return false;
  }

  private begin(source: Settled, viewport: Viewport, at: 0 | 1, ratio: number): void {
    const items = source.items();
    this.slices = { viewport, items, next: 0 };
    this.stale = false;
    this.spent = 0;
    this.many = rankOf(items);
    const pen = penOf(this.canvases[at], ratio);
    pen?.clearRect(0, 0, this.canvases[at].width, this.canvases[at].height);
  }

  private paintSome(source: Settled, ratio: number, at: 0 | 1): void {
    const { slices } = this;
    const pen = slices && penOf(this.canvases[at], ratio);
    if (!slices || !pen) return;
    const some = slices.items.slice(slices.next, slices.next + SLICE_ITEMS);
    slices.next += SLICE_ITEMS;
    const { width, height } = this.canvases[at];
    const view = { left: 0, top: 0, width: width / ratio, height: height / ratio };
    this.draw(pen, source, some, slices.viewport, view);
  }

  private end(at: 0 | 1, viewport: Viewport): void {
    this.slices = null;
    this.painted = viewport;
    if (at === 1) {
      const [front, back] = this.canvases;
      front.hidden = true;
      back.hidden = false;
      this.canvases = [back, front];
    }
    this.canvases[0].style.transform = "";
  }

  /** The kept painting where the picture is now, a little blurred until it is painted anew. */
  private follow(from: Viewport, to: Viewport): void {
    const scale = to.scale / from.scale;
    const [x, y] = [to.x - from.x * scale, to.y - from.y * scale];
    this.canvases[0].style.transform = `matrix(${scale},0,0,${scale},${x},${y})`;
  }

  private mend(source: Settled, viewport: Viewport, ratio: number, damage: readonly Box[]): void {
    const pen = penOf(this.canvases[0], ratio);
    if (!pen) return;
    const tagged = this.many <= 1;
    const [across, down] = tagged ? [200, 26] : [8, 8];
    for (const place of damage) {
      const area = grown(boxToScreen(place, viewport), across, down);
      pen.save();
      pen.beginPath();
      pen.rect(area.left, area.top, area.width, area.height);
      pen.clip();
      pen.clearRect(area.left, area.top, area.width, area.height);
      const reach = grown(area, across, down);
      const { scale, x, y } = viewport;
      const near = source.touching({
        left: (reach.left - x) / scale,
        top: (reach.top - y) / scale,
        width: reach.width / scale,
        height: reach.height / scale,
      });
      this.draw(pen, source, near, viewport, reach);
      pen.restore();
    }
  }

  private draw(
    pen: Pen,
    source: Settled,
    items: readonly Item[],
    viewport: Viewport,
    view: Box,
  ): void {
    const shown = items.filter((item) => source.shows(item) && meets(item, viewport, view));
    const fill = this.many <= 2 ? 0.12 : 0;
    for (const { shape, label } of shown) {
      const stroke: Stroke = { width: 2, opacity: source.opacityOf(label), fill };
      drawShape(pen, shape, source.styleOf(label), viewport, stroke);
    }
    if (this.many > 1) return;
    for (const { shape, label } of shown) {
      drawTag(pen, shape, source.styleOf(label), viewport, source.opacityOf(label));
    }
  }
}

/** 1: with tags; 2: with fills only; 3: outlines. A change of rank paints everything anew. */
const rankOf = (items: readonly Item[]): number =>
  items.length <= MOST_TAGS ? 1 : items.length <= MOST_FILLS ? 2 : 3;

const same = (a: Viewport, b: Viewport): boolean =>
  a.scale === b.scale && a.x === b.x && a.y === b.y;

const grown = ({ left, top, width, height }: Box, across: number, down: number): Box => ({
  left: left - across,
  top: top - down,
  width: width + 2 * across,
  height: height + 2 * down,
});

function meets({ shape }: Item, viewport: Viewport, view: Box): boolean {
  const { left, top, width, height } = boxToScreen(boundsOf(shape), viewport);
  return (
    left <= view.left + view.width + 8 &&
    left + width >= view.left - 200 &&
    top <= view.top + view.height + 26 &&
    top + height >= view.top - 8
  );
}

function penOf(canvas: HTMLCanvasElement, ratio: number): Pen | null {
  const pen = canvas.getContext("2d");
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}
