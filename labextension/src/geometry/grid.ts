/** A grid over the picture: what lies near a point, without looking at everything drawn. */
import type { Box, Size } from "./box.js";

const CELLS_ACROSS = 64;
/** What covers more cells than this is looked at every time instead of being put into each. */
const MOST_CELLS = 256;

export class Grid {
  private readonly cell: number;
  private readonly cells = new Map<number, Set<number>>();
  private readonly large = new Set<number>();
  private readonly bounds = new Map<number, Box>();

  constructor(within: Size) {
    this.cell = Math.max(Math.max(within.width, within.height) / CELLS_ACROSS, 1);
  }

  set(id: number, bounds: Box): void {
    this.delete(id);
    this.bounds.set(id, bounds);
    const keys = this.keys(bounds);
    if (!keys) this.large.add(id);
    else for (const key of keys) this.at(key).add(id);
  }

  delete(id: number): void {
    const bounds = this.bounds.get(id);
    if (!bounds) return;
    this.bounds.delete(id);
    if (this.large.delete(id)) return;
    for (const key of this.keys(bounds) ?? []) this.cells.get(key)?.delete(id);
  }

  /** Ids whose bounds touch a box, in no order. */
  touching(area: Box): readonly number[] {
    const keys = this.keys(area);
    const near = keys ? new Set(this.large) : this.bounds.keys();
    if (keys && near instanceof Set) {
      for (const key of keys) for (const id of this.cells.get(key) ?? []) near.add(id);
    }
    return [...near].filter((id) => touches(this.bounds.get(id), area));
  }

  private at(key: number): Set<number> {
    let found = this.cells.get(key);
    if (!found) this.cells.set(key, (found = new Set()));
    return found;
  }

  private keys({ left, top, width, height }: Box): readonly number[] | null {
    const [from, to] = [this.line(left), this.line(left + width)];
    const [above, below] = [this.line(top), this.line(top + height)];
    if ((to - from + 1) * (below - above + 1) > MOST_CELLS) return null;
    const keys: number[] = [];
    for (let row = above; row <= below; row++) {
      for (let column = from; column <= to; column++) keys.push(row * 65_536 + column);
    }
    return keys;
  }

  private line(value: number): number {
    return Math.floor(Math.max(value, 0) / this.cell);
  }
}

const touches = (a: Box | undefined, b: Box): boolean =>
  a !== undefined &&
  a.left <= b.left + b.width &&
  a.left + a.width >= b.left &&
  a.top <= b.top + b.height &&
  a.top + a.height >= b.top;
