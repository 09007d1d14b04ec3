/** A canvas with a mask on it, laid over the picture of a stage; also for looking only. */
import type { PictureFrame } from "../frame.js";
import type { LabelMap, Rect } from "../mask/label-map.js";
import { Overlay, type Look } from "../mask/overlay.js";
import type { Kit } from "./view.js";

export interface MaskLayer {
  readonly canvas: HTMLCanvasElement;
  /** Another mask, or other colours. */
  readonly show: (map: LabelMap, look: Look) => void;
  /** Some pixels of it changed. */
  readonly touched: (rect: Rect) => void;
  /** The window or the place of the picture in it changed. */
  readonly moved: () => void;
  readonly setOpacity: (opacity: number) => void;
}

export function maskLayer(kit: Kit, stage: HTMLElement, frame: PictureFrame): MaskLayer {
  const canvas = kit.doc.createElement("canvas");
  canvas.className = "gt-layer gt-layer-mask";
  stage.querySelector(".gt-layer-image")?.after(canvas);
  const overlay = new Overlay(canvas);
  let map: LabelMap | null = null;
  let asked = 0;

  const paint = () => {
    asked = 0;
    const { width, height } = frame.view;
    if (!map || width === 0) return;
    const ratio = globalThis.devicePixelRatio || 1;
    const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (canvas.width !== across || canvas.height !== down) {
      canvas.width = across;
      canvas.height = down;
    }
    overlay.paintAll(map, frame.viewport, ratio);
  };
  const moved = () => {
    if (asked === 0) asked = requestAnimationFrame(paint);
  };
  kit.signal.addEventListener("abort", () => cancelAnimationFrame(asked));
  return {
    canvas,
    show(shown, look) {
      map = shown;
      overlay.setLook(look);
      moved();
    },
    touched: (rect) => {
      if (map && asked === 0) overlay.paint(map, rect);
    },
    moved,
    setOpacity: (opacity) => canvas.style.setProperty("opacity", String(opacity)),
  };
}
