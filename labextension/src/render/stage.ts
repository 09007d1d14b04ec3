/**
 * Layers on top of each other: the picture; the settled shapes, painted once and kept; the shape
 * in hand. A drag repaints only the top one, so 20,000 shapes cost as much as one.
 */
import type { Point, Size } from "../geometry/box.js";
import type { Shape } from "../geometry/shape.js";
import type { Viewport } from "../viewport.js";
import type { Levels } from "./levels.js";
import { SettledLayer, type Settled } from "./settled.js";
import { drawCrosshair, drawGrips, drawShape, drawTag, type Pen } from "./shapes.js";
import type { LabelStyle } from "./style.js";

export type Layer = "image" | "settled" | "active";

export interface Held {
  readonly shape: Shape;
  readonly style: LabelStyle;
  /** All of a shape that may be changed; of one being drawn, the vertices it has. */
  readonly grips: "all" | "vertices" | "none";
  readonly vertex: number | null;
  readonly opacity: number;
}
export interface StageScene {
  readonly viewport: Viewport;
  readonly picture: Size;
  readonly levels: Levels | null;
  readonly settled: Settled | null;
  /** The chosen shape and the one being drawn. */
  readonly active: readonly Held[];
  readonly crosshair: Point | null;
}

/** From this scale on single pixels are shown as squares. */
const PIXELS_FROM_SCALE = 4;
const LAYERS: readonly Layer[] = ["image", "settled", "active"];

export class Stage {
  /** The top canvas: it takes the pointer, the keys and the facts tests read. */
  readonly top: HTMLCanvasElement;
  /** The bottom one: brightness and contrast are its style. */
  readonly image: HTMLCanvasElement;
  private readonly settled: SettledLayer;
  private readonly dirty = new Set<Layer>();
  private frame = 0;
  private view: Size = { width: 0, height: 0 };
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
    this.image = canvas("image");
    this.settled = new SettledLayer(() => canvas("settled"));
    this.top = canvas("active");
  }

  /** The window's size in CSS pixels; the backing store follows the screen's pixel ratio. */
  resize(view: Size): void {
    this.ratio = globalThis.devicePixelRatio || 1;
    this.view = view;
    const [width, height] = [Math.round(view.width * this.ratio), Math.round(view.height * this.ratio)];
    for (const canvas of [this.image, this.top]) [canvas.width, canvas.height] = [width, height];
    this.settled.resize(width, height);
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
    const dirty = new Set(this.dirty);
    this.dirty.clear();
    if (dirty.has("active")) this.paintActive(this.cleared(this.top), scene);
    if (dirty.has("image")) this.paintImage(this.cleared(this.image), scene);
    const { settled, viewport } = scene;
    const more = dirty.has("settled") && settled && this.settled.paint(settled, viewport, this.ratio);
    this.onPainted(scene);
    if (more) this.invalidate("settled");
  }

  private cleared(canvas: HTMLCanvasElement): Pen | null {
    const pen = canvas.getContext("2d");
    pen?.setTransform(1, 0, 0, 1, 0, 0);
    pen?.clearRect(0, 0, canvas.width, canvas.height);
    pen?.scale(this.ratio, this.ratio);
    return pen;
  }

  private paintImage(pen: Pen | null, { levels, picture, viewport: { scale, x, y } }: StageScene): void {
    if (!pen || !levels) return;
    const { width, height } = picture;
    pen.imageSmoothingEnabled = scale < PIXELS_FROM_SCALE;
    pen.imageSmoothingQuality = "medium";
    const level = levels.for(width * scale * this.ratio);
    if (level.width === 0) return; // freed: its task is no longer held
    pen.fillStyle = "#fff"; // what is transparent is paper; not under edges, where it would shine through
    const [left, top] = [Math.ceil(x), Math.ceil(y)];
    pen.fillRect(left, top, Math.floor(x + width * scale) - left, Math.floor(y + height * scale) - top);
    pen.drawImage(level, x, y, width * scale, height * scale);
  }

  private paintActive(pen: Pen | null, { active, crosshair, viewport }: StageScene): void {
    if (!pen) return;
    if (crosshair) drawCrosshair(pen, crosshair, viewport, { left: 0, top: 0, ...this.view });
    for (const { shape, style, opacity, grips, vertex } of active) {
      drawShape(pen, shape, style, viewport, { width: 2.5, opacity, fill: 0.18 });
      drawTag(pen, shape, style, viewport, opacity);
      if (grips !== "none") drawGrips(pen, shape, viewport, vertex, grips === "all");
    }
  }
}
