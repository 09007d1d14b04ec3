/** A picture on its stage: painted, zoomed, panned, and telling tests where it lies. */
import type { PictureFrame } from "../frame.js";
import type { Point } from "../geometry/box.js";
import { words } from "../i18n.js";
import { listenToPointers } from "../input.js";
import type { Task } from "../protocol.js";
import type { Shape } from "../render/shapes.js";
import { Stage, type Layer } from "../render/stage.js";
import type { ToolEvent } from "../tools/index.js";
import { setAttributes } from "./dom.js";
import type { Kit } from "./view.js";

export interface PictureOptions {
  readonly task: Task;
  readonly frame: PictureFrame;
  readonly bitmap: Promise<ImageBitmap> | null;
  readonly shapes?: () => {
    readonly settled: readonly Shape[];
    readonly active: { readonly shape: Shape; readonly handles: boolean } | null;
  };
  /** Absent where there is nothing to draw: then the left button pans. */
  readonly onTool?: (event: ToolEvent) => void;
  readonly cursorAt?: (at: Point) => string;
  readonly onZoom?: () => void;
}

export interface PictureView {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly repaint: (...layers: Layer[]) => void;
  /** The viewport changed: everything is painted anew. */
  readonly moved: () => void;
}

export function pictureView(kit: Kit, options: PictureOptions): PictureView {
  const { h, signal } = kit;
  const { task, frame } = options;
  const note = h("div", { class: "gt-stage-note" }, words.loadingPicture);
  const element = h("div", { class: "gt-stage" }, [note]);
  let bitmap: ImageBitmap | null = null;

  const stage = new Stage(
    element,
    () => ({
      viewport: frame.viewport,
      picture: frame.picture,
      bitmap,
      ...(options.shapes?.() ?? { settled: [], active: null }),
    }),
    (scene) => publish(canvas, scene.viewport, scene.bitmap !== null),
  );
  const canvas = stage.top;
  describe(canvas, task);

  const moved = () => {
    stage.invalidate("image", "settled", "active");
    options.onZoom?.();
  };
  options.bitmap?.then(
    (ready) => {
      if (signal.aborted) return;
      bitmap = ready;
      note.remove();
      moved();
    },
    (error: unknown) => {
      note.classList.add("gt-error");
      note.setAttribute("role", "alert");
      note.textContent = words.pictureFailed(error instanceof Error ? error.message : String(error));
    },
  );
  if (!options.bitmap) note.textContent = words.noPicture;

  watchSize(element, signal, (view) => {
    frame.resize(view);
    stage.resize(view);
    options.onZoom?.();
  });
  listen(kit, canvas, options, moved);
  signal.addEventListener("abort", () => stage.close(), { once: true });
  return { element, canvas, repaint: (...layers) => stage.invalidate(...layers), moved };
}

function listen(kit: Kit, canvas: HTMLCanvasElement, options: PictureOptions, moved: () => void) {
  const { frame, onTool, cursorAt } = options;
  let space = false;
  const setSpace = (down: boolean) => {
    space = down;
    canvas.classList.toggle("gt-panning", down);
  };
  canvas.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== " ") return;
      event.preventDefault();
      setSpace(true);
    },
    { signal: kit.signal },
  );
  canvas.addEventListener("keyup", (event) => event.key === " " && setSpace(false), {
    signal: kit.signal,
  });
  canvas.addEventListener("blur", () => setSpace(false), { signal: kit.signal });
  if (!onTool) canvas.classList.add("gt-panning");

  const gestures = {
    viewport: () => frame.viewport,
    pans: () => space || !onTool,
    onTool: (event: ToolEvent) => onTool?.(event),
    onPan: (by: Point) => {
      frame.pan(by);
      moved();
    },
    onZoom: (factor: number, at: Point) => {
      frame.zoom(factor, at);
      moved();
    },
    onHover: (at: Point) => {
      if (cursorAt) canvas.style.cursor = space ? "" : cursorAt(at);
    },
  };
  listenToPointers(canvas, gestures, kit.signal);
}

function describe(canvas: HTMLCanvasElement, task: Task): void {
  setAttributes(canvas, {
    tabindex: 0,
    role: "application",
    "aria-label": words.canvasLabel(task.title, task.object_id),
    "aria-description": words.canvasHelp,
    "data-gt-task": task.task_id,
    "data-gt-object": task.object_id,
  });
}

/** Facts a test reads instead of waiting for time: where image pixels are on the screen. */
function publish(
  canvas: HTMLCanvasElement,
  { scale, x, y }: { readonly scale: number; readonly x: number; readonly y: number },
  shown: boolean,
): void {
  canvas.dataset["gtScale"] = String(scale);
  canvas.dataset["gtOffsetX"] = String(x);
  canvas.dataset["gtOffsetY"] = String(y);
  if (shown) canvas.dataset["gtShown"] = "1";
}

function watchSize(
  element: HTMLElement,
  signal: AbortSignal,
  onSize: (view: { width: number; height: number }) => void,
): void {
  const observer = new ResizeObserver(() => {
    const view = { width: element.clientWidth, height: element.clientHeight };
    if (view.width > 0 && view.height > 0) onSize(view);
  });
  observer.observe(element);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
