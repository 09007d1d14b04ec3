/**
 * Three canvases on top of each other: the picture; the settled boxes, painted once and kept;
 * the box in hand. A drag repaints only the top one, so 20,000 boxes cost as much as one.
 */
import type { Size } from "../geometry/box.js";
import type { Viewport } from "../viewport.js";
import { drawFill, drawHandles, drawOutline, drawTag, type Pen, type Shape } from "./shapes.js";

export type Layer = "image" | "settled" | "active";

export interface StageScene {
  readonly viewport: Viewport;
  readonly picture: Size;
  readonly bitmap: ImageBitmap | null;
  readonly settled: readonly Shape[];
  /** The box in hand, with handles once it exists. */
  readonly active: { readonly shape: Shape; readonly handles: boolean } | null;
}

/** From this scale on single pixels are shown as squares. */
const PIXELS_FROM_SCALE = 4;
const LAYERS: readonly Layer[] = ["image", "settled", "active"];

export class Stage {
  /** The top canvas: it takes the pointer, the keys and the facts tests read. */
  readonly top: HTMLCanvasElement;
  private readonly canvases: Readonly<Record<Layer, HTMLCanvasElement>>;
  private readonly dirty = new Set<Layer>();
  private frame = 0;
  /** Screen pixels per CSS pixel; 0 until the window's size is known, and nothing is painted. */
  private ratio = 0;

  constructor(
    parent: HTMLElement,
    private readonly scene: () => StageScene,
    private readonly onPainted: (scene: StageScene) => void,
  ) {
    const canvas = (layer: Layer): HTMLCanvasElement => {
      const made = parent.ownerDocument.createElement("canvas");
      made.className = `gt-layer gt-layer-${layer}`;
      parent.append(made);
      return made;
    };
    this.canvases = { image: canvas("image"), settled: canvas("settled"), active: canvas("active") };
    this.top = this.canvases.active;
  }

  /** The window's size in CSS pixels; the backing store follows the screen's pixel ratio. */
  resize(view: Size): void {
    this.ratio = globalThis.devicePixelRatio || 1;
    for (const canvas of Object.values(this.canvases)) {
      canvas.width = Math.round(view.width * this.ratio);
      canvas.height = Math.round(view.height * this.ratio);
    }
    this.invalidate(...LAYERS);
  }

  /** Repaint these layers in the next frame; many calls make one frame. */
  invalidate(...layers: Layer[]): void {
    for (const layer of layers) this.dirty.add(layer);
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.paint());
  }

  close(): void {
    cancelAnimationFrame(this.frame);
  }

  private paint(): void {
    this.frame = 0;
    if (this.ratio === 0) return; // a picture decoded ahead comes before the first layout
    const scene = this.scene();
    for (const layer of this.dirty) {
      const canvas = this.canvases[layer];
      const pen = canvas.getContext("2d");
      if (!pen) continue;
      pen.setTransform(1, 0, 0, 1, 0, 0);
      pen.clearRect(0, 0, canvas.width, canvas.height);
      pen.scale(this.ratio, this.ratio);
      PAINT[layer](pen, scene);
    }
    this.dirty.clear();
    this.onPainted(scene);
  }
}

const PAINT: Readonly<Record<Layer, (pen: Pen, scene: StageScene) => void>> = {
  image(pen, { bitmap, picture, viewport: { scale, x, y } }) {
    if (!bitmap) return;
    pen.imageSmoothingEnabled = scale < PIXELS_FROM_SCALE;
    pen.imageSmoothingQuality = "high";
    pen.drawImage(bitmap, x, y, picture.width * scale, picture.height * scale);
  },
  settled(pen, { settled, viewport }) {
    for (const shape of settled) drawOutline(pen, shape, viewport);
    for (const shape of settled) drawTag(pen, shape, viewport);
  },
  active(pen, { active, viewport }) {
    if (!active) return;
    drawFill(pen, active.shape, viewport, 0.16);
    drawOutline(pen, active.shape, viewport, 2.5);
    drawTag(pen, active.shape, viewport);
    if (active.handles) drawHandles(pen, active.shape.box, viewport);
  },
};
