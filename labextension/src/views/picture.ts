/** A picture on its stage: painted, zoomed, panned, and telling tests where it lies. */
import type { PictureFrame } from "../frame.js";
import type { Point } from "../geometry/box.js";
import * as words from "../i18n.js";
import { listenToPointers } from "../input.js";
import type { Action } from "../keys.js";
import type { Task } from "../protocol.js";
import { levelsOf, type Levels } from "../render/levels.js";
import type { Settled } from "../render/settled.js";
import { Stage, type Held, type Layer } from "../render/stage.js";
import type { ToolEvent } from "../tools/index.js";
import { setAttributes } from "./dom.js";
import { minimap } from "./minimap.js";
import { pictureControls } from "./picture-controls.js";
import { readOut } from "./read-out.js";
import type { Kit } from "./view.js";

export interface PictureOptions {
  readonly task: Task;
  readonly frame: PictureFrame;
  readonly bitmap: Promise<ImageBitmap> | null;
  /** What is painted once and kept. */
  readonly settled?: Settled;
  /** What is painted on top of that, anew in every frame. */
  readonly active?: () => readonly Held[];
  /** Where the crosshair is, if the tool wants one. */
  readonly crosshair?: () => Point | null;
  /** Where the pointer is, in image pixels. */
  readonly cursor?: () => Point | null;
  /** Absent where there is nothing to draw: then the left button pans. */
  readonly onTool?: (event: ToolEvent) => void;
  readonly onDouble?: (at: Point) => void;
  readonly onLeave?: () => void;
  readonly cursorAt?: (at: Point) => string;
  readonly onZoom?: () => void;
}

export interface PictureView {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly repaint: (...layers: Layer[]) => void;
  /** The viewport changed: everything is painted anew. */
  readonly moved: () => void;
  /** Keys about how the picture is shown; true when it was one. */
  readonly act: (action: Action) => boolean;
}

export function pictureView(kit: Kit, options: PictureOptions): PictureView {
  const { h, signal } = kit;
  const { task, frame } = options;
  const note = h("div", { class: "gt-stage-note" }, words.loadingPicture);
  const element = h("div", { class: "gt-stage" }, [note]);
  let levels: Levels | null = null;

  const stage = new Stage(
    element,
    () => ({
      viewport: frame.viewport,
      picture: frame.picture,
      levels,
      settled: options.settled ?? null,
      active: options.active?.() ?? [],
      crosshair: (controls.crosshair() && options.crosshair?.()) || null,
    }),
    (scene) => {
      publish(canvas, scene.viewport, scene.levels !== null);
      map.show(scene.levels);
      out.show(options.cursor?.() ?? null, scene.levels?.full ?? null);
    },
  );
  const canvas = stage.top;
  describe(canvas, task);
  const moved = () => {
    stage.invalidate("image", "settled", "active");
    options.onZoom?.();
  };
  const controls = pictureControls(kit, stage.image, {
    crosshair: options.crosshair !== undefined,
    changed: () => stage.invalidate("active"),
  });
  const map = minimap(kit, frame, moved);
  const out = readOut(kit);
  element.append(controls.element, map.element, out.element);

  options.bitmap?.then(
    (ready) => {
      if (signal.aborted) return;
      levels = levelsOf(ready);
      note.remove();
      moved();
      afterPaint(() => void levels?.make(() => stage.invalidate("image")).catch(() => undefined));
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
  const close = () => {
    stage.close();
    levels?.close();
  };
  signal.addEventListener("abort", close);
  return {
    element,
    canvas,
    repaint: (...layers) => stage.invalidate(...layers),
    moved,
    act(action) {
      const zoom = ZOOMS[action.type];
      if (!zoom) return controls.act(action);
      zoom(frame);
      moved();
      return true;
    },
  };
}

const ZOOM_STEP = 1.25;
const ZOOMS: { readonly [T in Action["type"]]?: (frame: PictureFrame) => void } = {
  "zoom-in": (frame) => frame.zoom(ZOOM_STEP),
  "zoom-out": (frame) => frame.zoom(1 / ZOOM_STEP),
  fit: (frame) => frame.fit(),
  actual: (frame) => frame.actualSize(),
};

/** When the frame that is due has been painted and the page is idle for a moment. */
const afterPaint = (work: () => void): void =>
  void requestAnimationFrame(() => setTimeout(work, 50));

function listen(kit: Kit, canvas: HTMLCanvasElement, options: PictureOptions, moved: () => void) {
  const { frame, onTool, cursorAt, onDouble, onLeave } = options;
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
    onTool: (event: ToolEvent) => {
      onTool?.(event);
      if (event.type === "hover" && cursorAt) canvas.style.cursor = cursorAt(event.at);
    },
    onPan: (by: Point) => {
      frame.pan(by);
      moved();
    },
    onZoom: (factor: number, at: Point) => {
      frame.zoom(factor, at);
      moved();
    },
    ...(onDouble && { onDouble }),
    ...(onLeave && { onLeave }),
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
  const facts = canvas.dataset;
  if (facts["gtScale"] !== String(scale)) facts["gtScale"] = String(scale);
  if (facts["gtOffsetX"] !== String(x)) facts["gtOffsetX"] = String(x);
  if (facts["gtOffsetY"] !== String(y)) facts["gtOffsetY"] = String(y);
  if (shown && facts["gtShown"] !== "1") facts["gtShown"] = "1";
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
  signal.addEventListener("abort", () => observer.disconnect());
}
