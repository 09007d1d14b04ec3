/** A picture at half sizes, so that painting it small costs what is seen and not what is stored. */
import type { Size } from "../geometry/box.js";

/** No level is made below this width: it would save nothing. */
const SMALLEST = 900;

export class Levels {
  private readonly levels: ImageBitmap[] = [];
  private closed = false;
  private making: Promise<void> | null = null;
  private done = () => {};

  constructor(readonly full: ImageBitmap) {}

  /** The smallest version that is at least so many pixels wide. */
  for(width: number): ImageBitmap {
    return this.levels.findLast((level) => level.width >= width) ?? this.full;
  }

  /** Made one after the other, ahead or after the first painting; `done` after each. */
  make(done: () => void): Promise<void> {
    this.done = done;
    return (this.making ??= this.halve());
  }

  private async halve(): Promise<void> {
    let from: ImageBitmap = this.full;
    while (from.width / 2 >= SMALLEST && !this.closed) {
      const size: Size = { width: Math.ceil(from.width / 2), height: Math.ceil(from.height / 2) };
      const half = await createImageBitmap(from, {
        resizeWidth: size.width,
        resizeHeight: size.height,
        resizeQuality: "medium",
      });
      if (this.closed) return half.close();
      this.levels.push((from = half));
      this.done();
    }
  }

  close(): void {
    this.closed = true;
    known.delete(this.full);
    for (const level of this.levels.splice(0)) level.close();
  }
}

const known = new WeakMap<ImageBitmap, Levels>();

/** Those of a picture; the same ones from its decoding to its end. */
export function levelsOf(full: ImageBitmap): Levels {
  const found = known.get(full) ?? new Levels(full);
  known.set(full, found);
  return found;
}
