/** A picture seen through a window: the viewport that survives resizing, zooming and panning. */
import type { Point, Size } from "./geometry/box.js";
import { actualSize, fit, panBy, toImage, zoomAt, type Viewport } from "./viewport.js";

export class PictureFrame {
  viewport: Viewport = { scale: 1, x: 0, y: 0 };
  view: Size = { width: 0, height: 0 };
  /** The whole picture is wanted in sight; any zoom or pan of the worker's ends that. */
  private fitted = true;

  constructor(readonly picture: Size) {}

  /** The window changed its size, in CSS pixels. */
  resize(view: Size): void {
    const middle = this.middle();
    const known = this.view.width > 0;
    this.view = view;
    if (this.fitted || !known) return this.fit();
    const { scale } = this.viewport;
    const by = {
      x: view.width / 2 - middle.x * scale - this.viewport.x,
      y: view.height / 2 - middle.y * scale - this.viewport.y,
    };
    this.viewport = panBy(this.viewport, by, this.picture, view);
  }

  fit(): void {
    this.fitted = true;
    this.viewport = fit(this.picture, this.view);
  }

  actualSize(): void {
    this.fitted = false;
    this.viewport = actualSize(this.picture, this.view);
  }

  /** Closer by `factor`, around a point of the window or its middle. */
  zoom(factor: number, at?: Point): void {
    this.fitted = false;
    const around = at ?? { x: this.view.width / 2, y: this.view.height / 2 };
    this.viewport = zoomAt(this.viewport, around, factor, this.picture, this.view);
  }

  pan(by: Point): void {
    this.fitted = false;
    this.viewport = panBy(this.viewport, by, this.picture, this.view);
  }

  /** Bring an image point into the middle of the window. */
  centre(at: Point): void {
    const middle = this.middle();
    const { scale } = this.viewport;
    this.pan({ x: (middle.x - at.x) * scale, y: (middle.y - at.y) * scale });
  }

  /** The image point in the middle of the window. */
  middle(): Point {
    return toImage({ x: this.view.width / 2, y: this.view.height / 2 }, this.viewport);
  }
}
