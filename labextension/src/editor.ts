/**
 * The box canvas without a canvas: what is drawn, chosen and in view, and what each gesture or
 * key does to it. Knows no DOM; `views/` shows it and `input.ts` feeds it.
 */
import {
  boxAt,
  clamp,
  MIN_SIDE,
  moveBox,
  pointWithin,
  resizeBox,
  toPixels,
  type Box,
  type Handle,
  type Point,
  type Size,
} from "./geometry/box.js";
import {
  EMPTY,
  historyOf,
  perform,
  redo,
  undo,
  type Command,
  type Drawing,
  type History,
  type LabeledBox,
} from "./store.js";
import {
  BOX_IDLE,
  boxTool,
  gripAt,
  SELECT_IDLE,
  selectTool,
  type Scene,
  type ToolEvent,
  type ToolName,
} from "./tools/index.js";
import { PictureFrame } from "./frame.js";

/** Screen pixels around a handle that still count as the handle. */
const REACH = 8;
/** Screen pixels a press may wander and still be a click. */
const SLOP = 4;

const CURSORS: Readonly<Record<Handle, string>> = {
  nw: "nwse",
  se: "nwse",
  ne: "nesw",
  sw: "nesw",
  n: "ns",
  s: "ns",
  e: "ew",
  w: "ew",
};

/** "drawing": the answer changed; "choice": label, tool or selection; "active": mid-gesture. */
export type Change = "drawing" | "choice" | "active";

export class BoxEditor {
  readonly frame: PictureFrame;
  history: History;
  tool: ToolName = "box";
  selected: number | null = null;
  /** The label of the next box. */
  label: string;
  /** The selected box was drawn just now: a label key means the next box, not this one. */
  private fresh = false;
  private boxState = BOX_IDLE;
  private selectState = SELECT_IDLE;
  private gesture: ToolName | null = null;

  constructor(
    readonly picture: Size,
    readonly categories: readonly string[],
    private readonly onChange: (change: Change) => void,
    start: { readonly drawing?: Drawing; readonly label?: string | undefined } = {},
  ) {
    this.frame = new PictureFrame(picture);
    this.history = historyOf(start.drawing ?? EMPTY);
    const known = start.label !== undefined && categories.includes(start.label);
    this.label = known ? (start.label as string) : (categories[0] ?? "");
  }

  get drawing(): Drawing {
    return this.history.now;
  }
  get boxes(): readonly LabeledBox[] {
    return this.history.now.boxes;
  }
  get selectedBox(): LabeledBox | null {
    return this.selected === null ? null : (this.boxes[this.selected] ?? null);
  }
  /** True when choosing a label changes the selected box rather than the next one. */
  get relabels(): boolean {
    return this.selectedBox !== null && !this.fresh;
  }

  /** One pointer step, in image pixels. */
  play(event: ToolEvent): void {
    const inside = event.type === "escape" ? event : clamped(event, this.picture);
    if (inside.type === "press") this.gesture = this.toolFor(inside);
    const tool = this.gesture ?? this.tool;
    if (inside.type === "release" || inside.type === "escape") this.gesture = null;
    if (tool === "box") this.playBox(inside);
    else this.playSelect(inside);
  }

  /** What the pointer's hand holds now, drawn over everything else. */
  get active(): { readonly box: Box; readonly label: string; readonly index: number | null } | null {
    if (this.boxState.mode === "drawing") {
      return { box: this.boxState.draft, label: this.label, index: null };
    }
    if (this.selectState.mode === "holding") {
      const { index, draft } = this.selectState;
      return { box: draft, label: this.boxes[index]?.label ?? "", index };
    }
    const box = this.selectedBox;
    return box && { box, label: box.label, index: this.selected };
  }

  choose(index: number | null): void {
    this.selected = index !== null && index in this.boxes ? index : null;
    this.fresh = false;
    this.onChange("choice");
  }

  /** The box after or before the selected one, going round. */
  chooseNext(step: 1 | -1): void {
    const count = this.boxes.length;
    if (count === 0) return;
    const from = this.selected ?? (step > 0 ? -1 : 0);
    this.choose((from + step + count) % count);
  }

  /** The CSS cursor for a point: what a press there would do. */
  cursorAt(at: Point): string {
    const grip = gripAt(at, this.scene);
    if (grip) return `${CURSORS[grip]}-resize`;
    if (this.tool === "box") return "crosshair";
    return boxAt(this.boxes, at, REACH / 2 / this.frame.viewport.scale) === null ? "" : "move";
  }

  setTool(tool: ToolName): void {
    this.tool = tool;
    this.onChange("choice");
  }

  /** The label of the next box, and of the selected one if the worker chose it. */
  setLabel(label: string): void {
    if (!this.categories.includes(label)) return;
    this.label = label;
    const index = this.selected;
    if (index !== null && this.relabels && this.boxes[index]?.label !== label) {
      this.run({ type: "relabel", index, label });
    } else {
      this.onChange("choice");
    }
  }

  /** Move the selected box, or its lower right corner, by whole image pixels. */
  nudge(dx: number, dy: number, how: { readonly resize: boolean; readonly merge: boolean }): void {
    const box = this.selectedBox;
    if (!box || this.selected === null) return;
    const corner = { x: box.left + box.width + dx, y: box.top + box.height + dy };
    const moved = how.resize
      ? resizeBox(box, "se", corner, this.picture)
      : moveBox(box, dx, dy, this.picture);
    this.fresh = false;
    this.run({ type: "reshape", index: this.selected, box: bare(moved) }, how.merge);
  }

  /** A box in the middle of the view, for hands that use no pointer. */
  addBox(): void {
    const { width, height } = this.picture;
    const side = { width: Math.max(width / 4, MIN_SIDE), height: Math.max(height / 4, MIN_SIDE) };
    const middle = this.frame.middle();
    const left = clamp(middle.x - side.width / 2, 0, width - side.width);
    const top = clamp(middle.y - side.height / 2, 0, height - side.height);
    this.add(toPixels({ left, top, ...side }, this.picture));
  }

  remove(): void {
    if (this.selected === null) return;
    const index = this.selected;
    this.selected = null;
    this.run({ type: "remove", index });
  }

  setNothing(nothing: boolean): void {
    if (this.boxes.length === 0) this.run({ type: "nothing", nothing });
  }

  undo(): void {
    this.travel(undo(this.history));
  }
  redo(): void {
    this.travel(redo(this.history));
  }

  /** The answer as the crowd element gives it, or null when the worker has said nothing yet. */
  answer(): { readonly boundingBox: {
    readonly boundingBoxes: readonly object[];
    readonly inputImageProperties: Size;
  } } | null {
    const { boxes, nothing } = this.drawing;
    if (boxes.length === 0 && !nothing) return null;
    const { width, height } = this.picture;
    const boundingBoxes = boxes.map((box) => ({
      label: box.label,
      ...toPixels(box, this.picture),
    }));
    return { boundingBox: { boundingBoxes, inputImageProperties: { width, height } } };
  }

  private get scene(): Scene {
    const reach = REACH / this.frame.viewport.scale;
    return { boxes: this.boxes, selected: this.selected, picture: this.picture, reach };
  }

  /** A handle of the selected box wins over drawing, so that mending needs no other tool. */
  private toolFor(event: ToolEvent & { readonly type: "press" | "drag" | "release" }): ToolName {
    return gripAt(event.at, this.scene) ? "select" : this.tool;
  }

  private playBox(event: ToolEvent): void {
    const idle = this.boxState.mode === "idle";
    const step = boxTool(this.boxState, event, SLOP / this.frame.viewport.scale);
    this.boxState = step.state;
    if (step.drawn) return this.add(step.drawn);
    if (step.clicked) return this.playClick(step.clicked);
    if (event.type === "escape" && idle) return this.choose(null);
    this.onChange("active");
  }

  /** A click in drawing mode chooses what is under it. */
  private playClick(at: Point): void {
    const press = selectTool(SELECT_IDLE, { type: "press", at }, { ...this.scene, selected: null });
    this.choose(press.selected ?? null);
  }

  private playSelect(event: ToolEvent): void {
    const step = selectTool(this.selectState, event, this.scene);
    this.selectState = step.state;
    if (step.selected !== undefined) this.choose(step.selected);
    if (step.edited) {
      this.fresh = false;
      this.run({ type: "reshape", index: step.edited.index, box: bare(step.edited.box) });
    } else {
      this.onChange("active");
    }
  }

  private add(box: Box): void {
    this.selected = this.boxes.length;
    this.fresh = true;
    this.run({ type: "add", box: { ...box, label: this.label } });
  }

  private run(command: Command, merge = false): void {
    this.history = perform(this.history, command, merge);
    this.onChange("drawing");
  }

  private travel(history: History): void {
    if (history === this.history) return;
    this.history = history;
    if (this.selected !== null && !(this.selected in this.boxes)) this.selected = null;
    this.onChange("drawing");
  }
}

type Pointed = ToolEvent & { readonly type: "press" | "drag" | "release" };

const clamped = (event: Pointed, picture: Size): Pointed => ({
  ...event,
  at: pointWithin(event.at, picture),
});

const bare = ({ left, top, width, height }: Box): Box => ({ left, top, width, height });
