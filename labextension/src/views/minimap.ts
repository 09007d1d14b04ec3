/** The whole picture in a corner, once the view shows only a small part of it; drag to go there. */
import type { PictureFrame } from "../frame.js";
import type { Levels } from "../render/levels.js";
import { fit } from "../viewport.js";
import type { Kit } from "./view.js";

const WIDTH = 150;
const HEIGHT = 110;
/** How much closer than the whole picture, or than its own pixels, the view must be. */
const FROM_ZOOM = 4;

export interface Minimap {
  readonly element: HTMLElement;
  readonly show: (levels: Levels | null) => void;
}

export function minimap(kit: Kit, frame: PictureFrame, moved: () => void): Minimap {
  const { width, height } = frame.picture;
  const scale = Math.min(WIDTH / width, HEIGHT / height);
  const size = { width: Math.max(width * scale, 1), height: Math.max(height * scale, 1) };
  const canvas = kit.h("canvas", { width: Math.round(size.width), height: Math.round(size.height) });
  const mark = kit.h("div", { class: "gt-minimap-view" });
  const element = kit.h("div", { class: "gt-minimap", hidden: true, "aria-hidden": "true" }, [
    canvas,
    mark,
  ]);
  let painted: ImageBitmap | null = null;

  const go = (event: PointerEvent) => {
    const { left, top } = canvas.getBoundingClientRect();
    frame.centre({ x: (event.clientX - left) / scale, y: (event.clientY - top) / scale });
    moved();
  };
  const on = (type: "pointerdown" | "pointermove", listener: (event: PointerEvent) => void) =>
    element.addEventListener(type, listener, { signal: kit.signal });
  on("pointerdown", (event) => {
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    go(event);
  });
  on("pointermove", (event) => event.buttons > 0 && go(event));

  return {
    element,
    show(levels) {
      const { viewport, view, picture } = frame;
      const whole = fit(picture, view).scale;
      const near = viewport.scale > Math.max(FROM_ZOOM * Math.min(whole, 1), whole);
      element.hidden = !near || !levels;
      if (element.hidden || !levels) return;
      const level = levels.for(canvas.width);
      if (painted !== level && level.width > 0) {
        canvas.getContext("2d")?.drawImage(level, 0, 0, canvas.width, canvas.height);
        painted = level;
      }
      const by = scale / viewport.scale;
      const across = clipped(-viewport.x * by, view.width * by, size.width);
      const down = clipped(-viewport.y * by, view.height * by, size.height);
      mark.style.translate = `${across.from}px ${down.from}px`;
      mark.style.width = `${across.length}px`;
      mark.style.height = `${down.length}px`;
    },
  };
}

function clipped(from: number, length: number, end: number) {
  const start = Math.max(from, 0);
  return { from: start, length: Math.max(Math.min(from + length, end) - start, 2) };
}
