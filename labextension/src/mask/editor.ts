/**
 * The mask canvas without a canvas: what is painted, by which tool, in whose colour, and what each
 * gesture and key does to it. Knows no DOM; `views/mask-body.ts` shows it.
 */
import { clamp, pointWithin, type Point, type Size } from "../geometry/box.js";
import { brushTool, IDLE as BRUSH_IDLE } from "../tools/brush-tool.js";
import { hintTool, IDLE as HINT_IDLE, type Hint } from "../tools/hint-tool.js";
import {
  closeLasso,
  IDLE as LASSO_IDLE,
  lassoTool,
  shortenLasso,
  type LassoStep,
} from "../tools/lasso-tool.js";
import type { Gesture } from "./gesture.js";
import { allowed, LabelMap, MAX_VALUE, Stroke, type Patch, type Rect } from "./label-map.js";
import { capsule, polygon } from "./paint.js";

export type MaskTool = "brush" | "eraser" | "lasso" | "fill" | "hint";

/** One thing that can be painted: a label, or in instance segmentation one instance of a label. */
export interface Layer {
  readonly value: number;
  readonly label: string;
  readonly color: string;
}

export interface MaskEvents {
  /** These pixels changed; the gesture may still go on. */
  readonly painted: (rect: Rect) => void;
  /** One undo step came, went or came back. */
  readonly finished: (rect: Rect) => void;
  /** Tool, layer, brush, or what the hand holds. */
  readonly changed: () => void;
  /** The worker asks for all that looks like the pixel under the pointer. */
  readonly flood: (at: Point, value: number) => void;
  readonly hint: (hint: Hint, value: number) => void;
}

export const MIN_BRUSH = 1;
export const MAX_BRUSH = 500;
/** Screen pixels that still count as "on a corner", and that a press may wander as a click. */
const REACH = 10;
const SLOP = 5;

export class MaskEditor {
  readonly map: LabelMap;
  tool: MaskTool = "brush";
  /** Diameter in image pixels. */
  brush: number;
  /** Paint over background only, erase the chosen layer only. */
  respect = false;
  /** Largest difference of a colour channel, 0..255. */
  tolerance = 24;
  readonly hidden = new Set<number>();
  chosen = 1;
  nothing = false;
  /** Where the pointer, or the keyboard's cross, is. */
  cursor: Point | null = null;
  past: Patch[] = [];
  future: Patch[] = [];
  lasso = LASSO_IDLE;
  hintState = HINT_IDLE;
  /** A model takes single clicks in place of extreme points. */
  clicks = false;
  private brushState = BRUSH_IDLE;
  private stroke: Stroke | null = null;

  constructor(
    readonly picture: Size,
    public layers: readonly Layer[],
    private readonly events: MaskEvents,
    /** CSS pixels per image pixel. */
    private readonly scale: () => number,
    data?: Uint8Array,
  ) {
    this.map = new LabelMap(picture, data);
    this.brush = clamp(Math.round(Math.max(picture.width, picture.height) / 60), 3, 60);
  }

  get layer(): Layer | undefined {
    return this.layers.find(({ value }) => value === this.chosen);
  }
  get painting(): boolean {
    return this.stroke !== null;
  }
  get isEmpty(): boolean {
    return (this.map.counts[0] ?? 0) === this.map.data.length;
  }
  /** What a stroke of the tool in hand writes. */
  get value(): number {
    return this.tool === "eraser" ? 0 : this.chosen;
  }

  play(event: Gesture): void {
    const inside =
      event.type === "escape" || this.tool === "brush" || this.tool === "eraser"
        ? event
        : { ...event, at: pointWithin(event.at, this.picture) };
    if (inside.type !== "escape") this.cursor = inside.at;
    PLAY[this.tool](this, inside);
    this.events.changed();
  }

  setTool(tool: MaskTool): void {
    this.drop();
    this.tool = tool;
    this.events.changed();
  }

  choose(value: number): void {
    if (!this.layers.some((layer) => layer.value === value)) return;
    this.chosen = value;
    this.hidden.delete(value); // what is painted must be seen
    if (this.tool === "eraser") this.tool = "brush";
    this.events.changed();
  }

  /** One more instance, chosen at once; null when there are as many as can be. */
  addLayer(label: string, colorOf: (index: number) => string): Layer | null {
    const value = this.layers.reduce((most, layer) => Math.max(most, layer.value), 0) + 1;
    if (value > MAX_VALUE) return null;
    const layer = { value, label, color: colorOf(value - 1) };
    this.layers = [...this.layers, layer];
    this.choose(value);
    return layer;
  }

  relabel(value: number, label: string): void {
    this.layers = this.layers.map((each) => (each.value === value ? { ...each, label } : each));
    this.events.changed();
  }

  toggle(value: number): void {
    if (!this.hidden.delete(value)) this.hidden.add(value);
    this.events.changed();
  }

  setRespect(respect: boolean): void {
    this.respect = respect;
    this.events.changed();
  }
  setTolerance(tolerance: number): void {
    this.tolerance = clamp(Math.round(tolerance), 0, 255);
    this.events.changed();
  }
  setBrush(size: number): void {
    this.brush = clamp(Math.round(size), MIN_BRUSH, MAX_BRUSH);
    this.events.changed();
  }
  /** One step up or down: a pixel for small brushes, a tenth for large ones. */
  stepBrush(direction: 1 | -1): void {
    this.setBrush(this.brush + direction * Math.max(1, Math.round(this.brush / 8)));
  }

  /** The keyboard's cross, by whole image pixels; `paint` draws on the way. */
  nudge(dx: number, dy: number, paint: boolean): void {
    const { width, height } = this.picture;
    const from = this.cursor ?? { x: width / 2, y: height / 2 };
    this.cursor = {
      x: clamp(Math.floor(from.x) + dx, 0, width - 1) + 0.5,
      y: clamp(Math.floor(from.y) + dy, 0, height - 1) + 0.5,
    };
    if (paint && (this.tool === "brush" || this.tool === "eraser")) {
      this.whole((stroke) => this.dab(stroke, from, this.cursor as Point));
    }
    this.events.changed();
  }

  /** A press and release at the keyboard's cross. */
  press(): void {
    const { width, height } = this.picture;
    const at = this.cursor ?? { x: width / 2, y: height / 2 };
    this.play({ type: "press", at });
    this.play({ type: "release", at });
  }

  closeLasso(): boolean {
    if (this.tool !== "lasso" || this.lasso.points.length === 0) return false;
    this.stepLasso(closeLasso(this.lasso));
    this.events.changed();
    return true;
  }

  /** Take back the last corner or point of what is begun; false when nothing is. */
  back(): boolean {
    if (this.lasso.points.length > 0) this.lasso = shortenLasso(this.lasso);
    else if (this.hintState.points.length > 0) {
      this.hintState = { ...HINT_IDLE, points: this.hintState.points.slice(0, -1) };
    } else return false;
    this.events.changed();
    return true;
  }

  /** Fill runs of offset and count with a value, as one undo step. True when anything changed. */
  fill(runs: Uint32Array, value: number): boolean {
    return this.whole((stroke) => stroke.offsets(runs), value);
  }

  /** Paint a proposal: bytes of 0 and 1 of a rectangle. */
  stamp(rect: Rect, bytes: Uint8Array, value: number): boolean {
    const across = rect.right - rect.left;
    return this.whole((stroke) => {
      for (let row = rect.top; row < rect.bottom; row++) {
        const start = (row - rect.top) * across;
        for (let x = 0; x < across; ) {
          let to = x + 1;
          while (to < across && bytes[start + to] === bytes[start + x]) to++;
          if (bytes[start + x] === 1) stroke.span(row, rect.left + x, rect.left + to);
          x = to;
        }
      }
    }, value);
  }

  /** All pixels of the chosen layer become background. */
  clearChosen(): void {
    const over = new Uint8Array(256);
    over[this.chosen] = 1;
    const stroke = new Stroke(this.map, 0, over);
    for (let row = 0; row < this.picture.height; row++) stroke.span(row, 0, this.picture.width);
    this.keep(stroke);
  }

  undo(): void {
    if (this.lasso.points.length > 0 || this.hintState.points.length > 0) return void this.back();
    const patch = this.past.pop();
    if (!patch) return;
    this.map.apply(patch, true);
    this.future.push(patch);
    this.events.finished(patch.bounds);
  }
  redo(): void {
    const patch = this.future.pop();
    if (!patch) return;
    this.map.apply(patch, false);
    this.past.push(patch);
    this.events.finished(patch.bounds);
  }

  setNothing(nothing: boolean): void {
    this.nothing = nothing && this.isEmpty;
    this.events.changed();
  }

  /** A second finger came down: what its first one did is taken back, earlier corners stay. */
  cancel(): void {
    if (this.tool === "lasso") {
      if (this.lasso.dragging) this.lasso = shortenLasso(this.lasso);
    } else if (this.tool === "hint") {
      this.hintState = { ...HINT_IDLE, points: this.hintState.points };
    } else return this.drop();
    this.events.changed();
  }

  /** What is half done is not done. */
  drop(): void {
    this.play({ type: "escape" });
  }

  // --- the tools: what their reducers say is done here -----------------------------------------

  playBrush(event: Gesture): void {
    const step = brushTool(this.brushState, event);
    this.brushState = step.state;
    if (step.dab) {
      this.stroke ??= this.newStroke(this.value);
      this.dab(this.stroke, step.dab.from, step.dab.to);
      const fresh = this.stroke.takeFresh();
      if (fresh) this.events.painted(fresh);
    }
    if (!step.end || !this.stroke) return;
    const stroke = this.stroke;
    this.stroke = null;
    if (step.end === "done") return void this.keep(stroke);
    const patch = stroke.finish();
    if (!patch) return;
    this.map.apply(patch, true);
    this.events.painted(patch.bounds);
  }

  playLasso(event: Gesture): void {
    this.stepLasso(lassoTool(this.lasso, event, REACH / this.scale()));
  }

  playFill(event: Gesture): void {
    if (event.type === "release") this.events.flood(event.at, this.value);
  }

  playHint(event: Gesture): void {
    const rules = { slop: SLOP / this.scale(), clicks: this.clicks };
    const step = hintTool(this.hintState, event, rules);
    this.hintState = step.state;
    if (step.hint) this.events.hint(step.hint, this.value);
  }

  private stepLasso(step: LassoStep): void {
    this.lasso = step.state;
    const { closed } = step;
    if (closed) this.whole((stroke) => polygon(closed, (...span) => stroke.span(...span)));
  }

  private dab(stroke: Stroke, from: Point, to: Point): void {
    capsule(from, to, this.brush, (...span) => stroke.span(...span));
  }

  private newStroke(value: number): Stroke {
    return new Stroke(this.map, value, allowed(value, this.chosen, this.respect));
  }

  private whole(paint: (stroke: Stroke) => void, value = this.value): boolean {
    const stroke = this.newStroke(value);
    paint(stroke);
    return this.keep(stroke) !== null;
  }

  private keep(stroke: Stroke): Patch | null {
    const patch = stroke.finish();
    if (!patch) return null;
    this.past.push(patch);
    this.future = [];
    this.nothing = false;
    this.events.finished(patch.bounds);
    return patch;
  }
}

const PLAY: Readonly<Record<MaskTool, (editor: MaskEditor, event: Gesture) => void>> = {
  brush: (editor, event) => editor.playBrush(event),
  eraser: (editor, event) => editor.playBrush(event),
  lasso: (editor, event) => editor.playLasso(event),
  fill: (editor, event) => editor.playFill(event),
  hint: (editor, event) => editor.playHint(event),
};
