/**
 * The canvas without a canvas: what is drawn, chosen and in view, and what each gesture or key
 * does to it. Knows no DOM; `views/` shows it and `input.ts` feeds it.
 */
import { DrawingState, type Change, type Start } from "./drawing-state.js";
import { PictureFrame } from "./frame.js";
import type { Handle, Point, Size } from "./geometry/box.js";
import { grown, nudged, shapeAround } from "./geometry/keyed.js";
import { moved, sameShape, withoutVertex, type Form, type Shape } from "./geometry/shape.js";
import { indexOf, redo, undo, type Item } from "./store.js";
import {
  DRAG_IDLE,
  dragTool,
  gripAt,
  PATH_IDLE,
  pathDraft,
  pathTool,
  SELECT_IDLE,
  selectTool,
  type DragToolState,
  type PathToolState,
  type Scene,
  type SelectToolState,
  type Step,
  type ToolEvent,
  type ToolName,
} from "./tools/index.js";

/** Screen pixels around a grip that still count as the grip; a finger needs more. */
const REACH = 8;
const COARSE_REACH = 18;
/** Screen pixels a press may wander and still be a click; a shape smaller than this is a slip. */
const SLOP = 4;
/** Screen pixels from which the picture's border draws a point to itself. */
const SNAP = 5;
/** From here on a vertex may lie between two pixels: four screen pixels to each. */
const FRACTIONS_FROM_SCALE = 4;
/** How far a duplicate lies from its original, in screen pixels. */
const BESIDE = 16;

const CURSORS: Readonly<Record<Handle, string>> = {
  nw: "nwse-resize",
  se: "nwse-resize",
  ne: "nesw-resize",
  sw: "nesw-resize",
  n: "ns-resize",
  s: "ns-resize",
  e: "ew-resize",
  w: "ew-resize",
};

/** What is painted over everything else. */
export interface Active {
  readonly shape: Shape;
  readonly label: string;
  /** null while it is being drawn. */
  readonly item: Item | null;
  readonly vertex: number | null;
}

const ENDS: ReadonlySet<ToolEvent["type"]> = new Set(["release", "escape", "cancel"]);

export class ShapeEditor extends DrawingState {
  readonly frame: PictureFrame;
  tool: ToolName = "draw";
  /** Where the pointer is, in image pixels. */
  cursor: Point | null = null;
  private coarse = false;
  private dragState: DragToolState = DRAG_IDLE;
  private pathState: PathToolState = PATH_IDLE;
  private selectState: SelectToolState = SELECT_IDLE;
  private gesture: ToolName | null = null;

  constructor(
    picture: Size,
    readonly form: Form,
    labels: readonly string[],
    onChange: (change: Change) => void,
    start: Start = {},
  ) {
    super(picture, labels, onChange, start);
    this.frame = new PictureFrame(picture);
  }

  /** A path has been begun and not ended. */
  get drawingPath(): boolean {
    return this.pathState.mode === "drawing";
  }

  /** While a path is being drawn, a label is meant for that. */
  override get relabels(): boolean {
    return super.relabels && !this.drawingPath;
  }

  /** One pointer step, in image pixels. */
  play(raw: ToolEvent): void {
    const event = "at" in raw ? { ...raw, at: this.meant(raw.at) } : raw;
    if ("at" in event) {
      this.cursor = event.at;
      this.coarse = event.coarse === true;
    }
    if (event.type === "press") this.gesture = this.toolFor(event.at);
    const tool = this.gesture ?? this.tool;
    if (ENDS.has(event.type)) this.gesture = null;
    if (tool === "select") return this.take(selectTool(this.selectState, event, this.scene), event);
    if (event.type === "escape" && this.isIdle) return this.choose(null);
    const { form } = this;
    if (form === "polygon" || form === "polyline") {
      const step = pathTool(form)(this.pathState, event, this.scene);
      this.pathState = step.state;
      return this.finish(step);
    }
    const step = dragTool(form)(this.dragState, event, this.scene);
    this.dragState = step.state;
    this.finish(step);
  }

  /** A double click ends a path; on a vertex of the selected shape it takes that away. */
  doubleClick(at: Point): void {
    if (this.drawingPath) return this.play({ type: "finish" });
    const grip = this.fresh ? null : gripAt(at, this.scene);
    if (grip?.kind !== "vertex") return;
    const item = this.selectedItem;
    const less = item && withoutVertex(item.shape, grip.index);
    this.vertex = null;
    if (item && less) this.reshape(item, less);
  }

  /** The pointer left the canvas. */
  leave(): void {
    this.cursor = null;
    this.onChange("active");
  }

  /** What is being drawn, before it exists. */
  get draft(): Active | null {
    const { form, label, dragState, pathState } = this;
    const path = form === "polygon" || form === "polyline" ? pathDraft(form, pathState) : null;
    const shape = dragState.mode === "drawing" ? dragState.draft : path;
    return shape && { shape, label, item: null, vertex: null };
  }

  /** The selected item, where the pointer's hand holds it now. */
  get held(): (Active & { readonly item: Item }) | null {
    const item = this.selectedItem;
    if (!item) return null;
    const { selectState: held, vertex } = this;
    const shape = held.mode === "holding" && held.id === item.id ? held.draft : item.shape;
    return { shape, label: item.label, item, vertex };
  }

  /** The vertex after or before the chosen one, going round. */
  chooseVertex(step: 1 | -1): void {
    const shape = this.selectedItem?.shape;
    if (!shape || shape.form === "box") return;
    const count = shape.vertices.length;
    this.vertex = ((this.vertex ?? (step > 0 ? -1 : 0)) + step + count) % count;
    this.onChange("choice");
  }

  /** The CSS cursor for a point: what a press there would do. */
  cursorAt(at: Point): string {
    const grip = this.drawingPath ? null : gripAt(at, this.scene);
    if (grip?.kind === "handle") return CURSORS[grip.handle];
    if (grip) return grip.kind === "edge" ? "copy" : "move";
    if (this.toolFor(at) === "draw") return "crosshair";
    return this.hits(at).some((item) => !item.locked) ? "move" : "";
  }

  setTool(tool: ToolName): void {
    this.tool = tool;
    this.pathState = PATH_IDLE;
    this.onChange("choice");
  }

  /** The label of the next shape, and of the selected one if the worker chose it. */
  setLabel(label: string): void {
    if (!this.labels.includes(label)) return;
    this.label = label;
    const item = this.selectedItem;
    if (item && this.relabels && item.label !== label) this.change(item, { label });
    else this.onChange("choice");
  }

  /** Move the selected shape, its vertex, or its lower right corner, by whole image pixels. */
  nudge(dx: number, dy: number, how: { readonly resize: boolean; readonly merge: boolean }): void {
    const item = this.selectedItem;
    if (!item) {
      this.frame.pan({ x: -dx * BESIDE, y: -dy * BESIDE });
      this.onChange("active");
      return;
    }
    const at = { vertex: this.vertex, resize: how.resize };
    this.reshape(item, nudged(item.shape, { x: dx, y: dy }, at, this.picture), how.merge);
  }

  /** A shape in the middle of the view, for hands that use no pointer. */
  addInMiddle(): void {
    const { scale } = this.frame.viewport;
    const { width, height } = this.frame.view;
    const room = { width: width / 4 / scale, height: height / 4 / scale };
    this.add(shapeAround(this.form, this.frame.middle(), room, this.picture));
  }

  /** A vertex after the chosen one, or after the last. */
  insertVertex(): void {
    const item = this.selectedItem;
    if (!item || item.locked || item.shape.form === "box") return;
    const after = this.vertex ?? item.shape.vertices.length - 1;
    const made = grown(item.shape, after, this.picture);
    if (!made) return;
    this.vertex = made.vertex;
    this.reshape(item, made.shape);
  }

  /** The last vertex of a path being drawn, else the chosen vertex, else the selected shape. */
  remove(): void {
    if (this.drawingPath) return this.play({ type: "back" });
    const item = this.selectedItem;
    if (!item || item.locked) return;
    const less = this.vertex === null ? null : withoutVertex(item.shape, this.vertex);
    if (less) {
      this.vertex = null;
      return this.reshape(item, less);
    }
    this.selected = null;
    this.run({ type: "remove", id: item.id });
  }

  duplicate(): void {
    const item = this.selectedItem;
    if (!item) return;
    const by = BESIDE / this.frame.viewport.scale;
    const shape = moved(item.shape, { x: by, y: by }, this.picture);
    const back = sameShape(shape, item.shape) ? moved(shape, { x: -by, y: -by }, this.picture) : shape;
    this.add(back, item.label);
    this.fresh = false;
  }

  setLocked(locked: boolean): void {
    if (this.selectedItem) this.change(this.selectedItem, { locked });
  }
  setHidden(hidden: boolean): void {
    if (this.selectedItem) this.change(this.selectedItem, { hidden });
  }

  /** One place up or down in the stack of overlapping shapes; `all` the way with "top". */
  restack(to: "up" | "down" | "top" | "bottom"): void {
    const at = this.selected === null ? -1 : indexOf(this.drawing, this.selected);
    if (at < 0 || this.selected === null) return;
    const last = this.items.length - 1;
    const place = { up: Math.min(at + 1, last), down: Math.max(at - 1, 0), top: last, bottom: 0 }[to];
    if (place !== at) this.run({ type: "place", id: this.selected, at: place });
  }

  setNothing(nothing: boolean): void {
    if (this.items.length === 0) this.run({ type: "nothing", nothing });
  }

  undo(): void {
    if (this.drawingPath) return this.play({ type: "back" });
    this.travel(undo(this.history));
  }
  redo(): void {
    this.travel(redo(this.history));
  }

  /** Where single pixels cannot be told apart, whole ones are meant. */
  private meant(at: Point): Point {
    if (this.frame.viewport.scale >= FRACTIONS_FROM_SCALE) return at;
    return { x: Math.round(at.x), y: Math.round(at.y) };
  }

  private get isIdle(): boolean {
    return this.dragState.mode === "idle" && this.pathState.mode === "idle";
  }
  private get reach(): number {
    return (this.coarse ? COARSE_REACH : REACH) / this.frame.viewport.scale;
  }
  private get scene(): Scene {
    const { scale } = this.frame.viewport;
    return {
      hits: (at) => this.hits(at),
      selected: this.selectedItem,
      picture: this.picture,
      reach: this.reach,
      slop: SLOP / scale,
      snap: SNAP / scale,
    };
  }

  private hits(at: Point): readonly Item[] {
    return this.index.at(at, this.reach / 2).filter((item) => this.isShown(item));
  }

  /**
   * A grip of the selected shape wins over drawing, so that mending needs no other tool; so does
   * a key point that is there already. A path that was begun goes on whatever lies under it.
   */
  private toolFor(at: Point): ToolName {
    if (this.tool === "select" || this.drawingPath) return this.tool;
    if (gripAt(at, this.scene)) return "select";
    return this.form === "keypoint" && this.hits(at).length > 0 ? "select" : "draw";
  }

  private take(step: Step<typeof this.selectState>, event: ToolEvent): void {
    this.selectState = step.state;
    if (step.selected !== undefined) this.choose(step.selected);
    if (step.vertex !== undefined) {
      this.vertex = step.vertex;
      this.onChange("choice");
    }
    const item = step.edited && this.index.get(step.edited.id);
    if (step.edited && item) return this.reshape(item, step.edited.shape);
    if (event.type !== "hover") this.fresh = false;
    this.onChange("active");
  }

  private finish(step: Step<unknown>): void {
    if (step.drawn) return this.add(step.drawn);
    if (step.clicked) return this.choose(this.hits(step.clicked)[0]?.id ?? null);
    this.onChange("active");
  }
}
