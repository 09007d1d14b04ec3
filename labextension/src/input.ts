/**
 * DOM events in, plain data out: pointers become `ToolEvent`s in image pixels, pans and zooms
 * come in CSS pixels. One finger or the left button works the tool; Space, the middle button
 * or two fingers move the picture; the wheel zooms at the pointer.
 */
import type { Point } from "./geometry/box.js";
import { PAN_IDLE, panTool, type PanToolState, type ToolEvent } from "./tools/index.js";
import { toImage, type Viewport } from "./viewport.js";

export interface Gestures {
  readonly viewport: () => Viewport;
  /** Space is down, or there is nothing to draw: the left button pans too. */
  readonly pans: () => boolean;
  readonly onTool: (event: ToolEvent) => void;
  readonly onPan: (by: Point) => void;
  readonly onZoom: (factor: number, at: Point) => void;
  readonly onDouble?: (at: Point) => void;
  readonly onLeave?: () => void;
}

const WHEEL_SPEED = 0.0016;
/** A pinch on a touch pad comes as a wheel with Ctrl, in small steps. */
const PINCH_SPEED = 0.01;
const LINE_PX = 16;
const MIDDLE_BUTTON = 1;

type Mode = "none" | "tool" | "pan" | "pinch";

export function listenToPointers(canvas: HTMLElement, gestures: Gestures, signal: AbortSignal): void {
  const hand = new Hand(canvas, gestures);
  const on = <K extends keyof HTMLElementEventMap>(
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ) => canvas.addEventListener(type, listener, { signal, passive: false });

  on("pointerdown", (event) => hand.down(event));
  on("pointermove", (event) => hand.move(event));
  on("pointerup", (event) => hand.up(event));
  on("pointercancel", (event) => hand.cancel(event));
  on("lostpointercapture", (event) => hand.cancel(event)); // after a release: nothing is left to end
  on("pointerleave", () => hand.leave());
  on("dblclick", (event) => hand.double(event));
  on("wheel", (event) => hand.wheel(event));
  on("contextmenu", (event) => event.preventDefault());
}

class Hand {
  private mode: Mode = "none";
  private pan: PanToolState = PAN_IDLE;
  private readonly fingers = new Map<number, Point>();

  constructor(
    private readonly canvas: HTMLElement,
    private readonly gestures: Gestures,
  ) {}

  down(event: PointerEvent): void {
    if (event.button > MIDDLE_BUTTON) return;
    event.preventDefault();
    this.canvas.focus({ preventScroll: true });
    this.canvas.setPointerCapture(event.pointerId);
    const at = this.point(event);
    this.fingers.set(event.pointerId, at);
    if (this.fingers.size === 2) return this.startPinch();
    if (this.fingers.size > 2) return;
    this.mode = event.button === MIDDLE_BUTTON || this.gestures.pans() ? "pan" : "tool";
    this.send("press", at, event);
  }

  move(event: PointerEvent): void {
    const at = this.point(event);
    if (!this.fingers.has(event.pointerId)) return this.hover(at, event);
    const before = [...this.fingers.values()];
    this.fingers.set(event.pointerId, at);
    if (this.mode === "pinch") this.pinch(before, [...this.fingers.values()]);
    else this.send("drag", at, event);
  }

  up(event: PointerEvent): void {
    if (!this.fingers.delete(event.pointerId)) return;
    if (this.mode !== "pinch") this.send("release", this.point(event), event);
    if (this.fingers.size === 0) this.mode = "none";
  }

  cancel(event: PointerEvent): void {
    if (this.fingers.delete(event.pointerId) && this.mode !== "pinch") this.drop();
    if (this.fingers.size === 0) this.mode = "none";
  }

  leave(): void {
    if (this.fingers.size === 0) this.gestures.onLeave?.();
  }

  double(event: MouseEvent): void {
    if (!this.gestures.pans()) this.gestures.onDouble?.(this.image(this.point(event)));
  }

  wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1;
    const [dx, dy] = [event.deltaX * lines, event.deltaY * lines];
    if (event.shiftKey) return this.gestures.onPan({ x: -(dx || dy), y: dx ? -dy : 0 });
    const factor = Math.exp(-dy * (event.ctrlKey ? PINCH_SPEED : WHEEL_SPEED));
    this.gestures.onZoom(Math.min(Math.max(factor, 0.5), 2), this.point(event));
  }

  private startPinch(): void {
    this.drop();
    this.mode = "pinch";
  }

  private pinch(before: readonly Point[], after: readonly Point[]): void {
    const [a, b, c, d] = [before[0], before[1], after[0], after[1]];
    if (!a || !b || !c || !d) return;
    const from = middle(a, b);
    const to = middle(c, d);
    this.gestures.onPan({ x: to.x - from.x, y: to.y - from.y });
    this.gestures.onZoom(distance(c, d) / Math.max(distance(a, b), 1), to);
  }

  private hover(at: Point, event: PointerEvent): void {
    if (!this.gestures.pans()) this.gestures.onTool(this.told("hover", at, event));
  }

  private told(type: "press" | "drag" | "release" | "hover", at: Point, event: PointerEvent): ToolEvent {
    const coarse = event.pointerType === "touch";
    return { type, at: this.image(at), free: event.altKey, coarse };
  }

  private send(type: "press" | "drag" | "release", at: Point, event: PointerEvent): void {
    if (this.mode === "tool") this.gestures.onTool(this.told(type, at, event));
    if (this.mode !== "pan") return;
    const step = panTool(this.pan, { type, at });
    this.pan = step.state;
    if (step.by) this.gestures.onPan(step.by);
  }

  /** Another gesture begins or the browser took the pointer: what was half done is not done. */
  private drop(): void {
    if (this.mode === "tool") this.gestures.onTool({ type: "cancel" });
    this.pan = PAN_IDLE;
  }

  private point(event: MouseEvent): Point {
    const { left, top } = this.canvas.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private image(at: Point): Point {
    return toImage(at, this.gestures.viewport());
  }
}

const middle = (a: Point, b: Point): Point => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);
