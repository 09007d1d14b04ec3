/** Where everything drawn lies: found by id, by place and in stacking order, kept up by differences. */
import type { Box, Point, Size } from "./geometry/box.js";
import { Grid } from "./geometry/grid.js";
import { boundsOf, coverOf, covers } from "./geometry/shape.js";
import type { Item } from "./store.js";

/** More changes than this are not worth mending piece by piece. */
const MOST_PIECES = 64;

export class ShapeIndex {
  private items: readonly Item[] = [];
  private readonly byId = new Map<number, Item>();
  private ranks: Map<number, number> | null = null;
  private readonly grid: Grid;

  constructor(within: Size) {
    this.grid = new Grid(within);
  }

  get(id: number | null): Item | null {
    return id === null ? null : (this.byId.get(id) ?? null);
  }

  /** Take over a new list. Gives the places that look different now, or null for "everywhere". */
  sync(items: readonly Item[]): readonly Box[] | null {
    const before = this.items;
    const shorter = Math.min(before.length, items.length);
    let [head, tail] = [0, 0];
    while (head < shorter && before[head] === items[head]) head++;
    while (tail < shorter - head && before.at(-1 - tail) === items.at(-1 - tail)) tail++;
    const gone = before.slice(head, before.length - tail);
    const come = items.slice(head, items.length - tail);
    for (const { id } of gone) this.drop(id);
    for (const item of come) this.keep(item);
    this.items = items;
    if (gone.length !== 1 || come.length !== 1) this.ranks = null;
    if (gone.length + come.length > MOST_PIECES) return null;
    return [...gone, ...come].map(({ shape }) => boundsOf(shape));
  }

  /** Items touching a box, the top one last. */
  touching(area: Box): readonly Item[] {
    const ranks = this.ranked();
    return this.grid
      .touching(area)
      .toSorted((a, b) => (ranks.get(a) ?? 0) - (ranks.get(b) ?? 0))
      .map((id) => this.byId.get(id))
      .filter((item) => item !== undefined);
  }

  /** Items at a point: the one that covers least first, so that nested ones can be reached. */
  at({ x, y }: Point, reach: number): readonly Item[] {
    const around = { left: x - reach, top: y - reach, width: 2 * reach, height: 2 * reach };
    return this.touching(around)
      .filter(({ shape }) => covers(shape, { x, y }, reach))
      .reverse()
      .map((item) => ({ item, cover: coverOf(item.shape) }))
      .sort((a, b) => a.cover - b.cover)
      .map(({ item }) => item);
  }

  private keep(item: Item): void {
    this.byId.set(item.id, item);
    this.grid.set(item.id, boundsOf(item.shape));
  }
  private drop(id: number): void {
    this.byId.delete(id);
    this.grid.delete(id);
  }
  private ranked(): Map<number, number> {
    this.ranks ??= new Map(this.items.map(({ id }, rank) => [id, rank]));
    return this.ranks;
  }
}
