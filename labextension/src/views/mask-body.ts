/** Semantic and instance segmentation: tools, picture, label map and lists around one editor. */
import { PictureFrame } from "../frame.js";
import type { Point } from "../geometry/box.js";
import type { Action } from "../keys.js";
import { maskShortcuts, maskWords as words } from "../mask-i18n.js";
import { instanceColor } from "../mask/colors.js";
import { MaskEditor, type Layer } from "../mask/editor.js";
import { Helper } from "../mask/helper.js";
import { allowed, type Rect } from "../mask/label-map.js";
import { fromBase64, layersOf, opening, renumbered } from "../mask/saved.js";
import type { Hint } from "../tools/hint-tool.js";
import { isRecord } from "../decode.js";
import { maskHand } from "./mask-hand.js";
import { maskLayer } from "./mask-layer.js";
import { maskList } from "./mask-list.js";
import { maskTools } from "./mask-tools.js";
import { labelBar } from "./label-bar.js";
import { pictureView } from "./picture.js";
import type { BodyOptions, Kit, TaskBody } from "./view.js";

const ZOOM_STEP = 1.25;
const OPACITY = 0.6;

export function maskBody(kit: Kit, options: BodyOptions): TaskBody {
  return new MaskBody(kit, options).body();
}

class MaskBody {
  private readonly size;
  private readonly frame;
  private readonly helper;
  private readonly instances;
  private editor: MaskEditor | null = null;
  /** The label of the next instance. */
  private label: string;
  /** The mask as it is sent, and what its values are; null while a stroke is not yet in it. */
  private packed: { readonly runs: Uint8Array; readonly layers: readonly Layer[] } | null = null;
  /** Goes up with every finished stroke, undo and redo. */
  private version = 0;
  private packing: Promise<void> | null = null;
  private pictureSent = false;
  private readonly readout;
  private readonly busy;
  private readonly view;
  private readonly layer;
  private readonly hand;
  private readonly tools;
  private readonly list;
  private readonly labels;
  private readonly checkbox;

  constructor(
    private readonly kit: Kit,
    private readonly options: BodyOptions,
  ) {
    const { h } = kit;
    const { task } = options;
    this.size = task.picture ?? { width: 1, height: 1 };
    this.frame = new PictureFrame(this.size);
    this.helper = new Helper(kit.signal);
    this.instances = task.kind === "instances";
    this.label = options.lastLabel ?? task.categories[0] ?? "";
    this.readout = h("output", { class: "gt-readout", "aria-live": "off" });
    this.busy = h("p", { class: "gt-busy", role: "status", hidden: true });
    this.checkbox = h("input", { type: "checkbox" }, [], {
      change: () => {
        this.editor?.setNothing(this.checkbox.checked);
        this.options.onDraft();
      },
    });
    this.view = pictureView(kit, {
      task,
      frame: this.frame,
      bitmap: options.bitmap,
      onTool: (event) => this.play(event as { type: string; at?: Point }),
      cursorAt: (at) => this.hover(at),
      onZoom: () => this.moved(),
    });
    this.view.canvas.setAttribute("aria-description", words.canvasHelp);
    const stage = this.view.element;
    this.layer = maskLayer(kit, stage, this.frame);
    this.layer.setOpacity(OPACITY);
    this.hand = maskHand(kit, stage, this.frame, () => this.editor);
    stage.append(this.readout, this.busy);
    this.tools = maskTools(kit, {
      editor: () => this.editor,
      opacity: (share) => this.layer.setOpacity(share),
      view: (type) => this.act({ type }),
      help: options.onHelp,
      hints: task.segment ?? [],
    });
    this.labels = this.instances
      ? labelBar(kit, task.categories, (label) => this.setLabel(label))
      : null;
    this.list = maskList(kit, {
      title: this.instances ? words.instances : words.labels,
      empty: this.instances ? words.noInstances : "",
      keyed: !this.instances,
      onChoose: ({ value }) => this.editor?.choose(value),
      onToggle: ({ value }) => this.editor?.toggle(value),
      nameOf: (layer, all) => this.nameOf(layer, all),
    });
    this.listen();
    void this.open();
  }

  body(): TaskBody {
    const { h } = this.kit;
    const more =
      this.instances &&
      h("button", { class: "gt-button gt-small", type: "button" }, words.newInstance, {
        click: () => this.newInstance(),
      });
    const nothing = h("label", { class: "gt-nothing" }, [this.checkbox, words.nothing]);
    const list = h("div", { class: "gt-mask-panel" }, [
      this.list.element,
      h("div", { class: "gt-panel gt-mask-more" }, [more, nothing]),
    ]);
    return {
      side: this.labels?.element ?? list,
      main: h("div", { class: "gt-work" }, [this.tools.element, this.view.element]),
      list: this.instances ? h("div", { class: "gt-region-panel" }, list) : null,
      focus: () => this.view.canvas.focus({ preventScroll: true }),
      act: (action) => this.act(action),
      answer: () => this.answer(),
      draft: () => this.draft(),
      settle: () => this.settle(),
      keys: maskShortcuts,
    };
  }

  private async open(): Promise<void> {
    const { task, draft } = this.options;
    this.say(words.opening);
    const begin = opening(this.size, draft, task.earlier, task.labels);
    let note: string | null = null;
    const data = await this.helper.bytes(begin).catch((error: Error) => {
      note = words.unreadable(error.message);
      return this.helper.bytes({ op: "open", ...this.size });
    });
    if (this.kit.signal.aborted) return;
    const layers = this.instances
      ? layersOf(draft ?? task.earlier?.value, task.labels, instanceColor)
      : task.labels.map(({ label, color }, index) => ({ value: index + 1, label, color }));
    this.editor = this.edit(layers, data);
    const last = layers.find(({ label }) => label === this.options.lastLabel);
    this.editor.chosen = last?.value ?? layers[0]?.value ?? 0;
    this.editor.nothing = isRecord(draft) && draft["nothing"] === true && this.editor.isEmpty;
    this.say(note);
    this.showAll();
    this.view.element.dataset["gtMask"] = "open";
  }

  private edit(layers: readonly Layer[], data: Uint8Array): MaskEditor {
    return new MaskEditor(
      this.size,
      layers,
      {
        painted: (rect) => this.layer.touched(rect),
        finished: (rect) => this.finished(rect),
        changed: () => this.showAll(),
        flood: (at, value) => void this.flood(at, value),
        hint: (hint, value) => void this.propose(hint, value),
      },
      () => this.frame.viewport.scale,
      data,
    );
  }

  // --- what the hand does ----------------------------------------------------------------------

  private play(event: { readonly type: string; readonly at?: Point }): void {
    const { editor } = this;
    if (!editor) return;
    if (event.type === "hover" && event.at) return void this.hover(event.at);
    if (event.type === "cancel") return editor.drop();
    if (event.type === "press" && !this.readyToPaint(editor)) return;
    if (event.type === "press" || event.type === "drag" || event.type === "release") {
      if (event.at) editor.play({ type: event.type, at: event.at });
    }
  }

  /** In instance segmentation the first touch makes the first instance. */
  private readyToPaint(editor: MaskEditor): boolean {
    if (editor.layer || editor.tool === "eraser") return true;
    return this.newInstance();
  }

  private hover(at: Point): string {
    if (!this.editor) return "wait";
    this.editor.cursor = at;
    this.hand.repaint();
    this.read(at);
    return "none";
  }

  private read({ x, y }: Point): void {
    const { editor } = this;
    const inside = x >= 0 && y >= 0 && x < this.size.width && y < this.size.height;
    if (!editor || !inside) {
      this.readout.textContent = "";
      return;
    }
    const value = editor.map.at(x, y);
    const layer = editor.layers.find((each) => each.value === value);
    const name = layer ? this.nameOf(layer, editor.layers) : words.background;
    this.readout.textContent = words.reading(Math.floor(x), Math.floor(y), name);
  }

  private listen(): void {
    const { signal } = this.kit;
    const stage = this.view.element;
    const wheel = (event: WheelEvent) => {
      if (!event.altKey) return; // the wheel alone zooms
      event.preventDefault();
      event.stopPropagation();
      this.editor?.stepBrush(event.deltaY < 0 ? 1 : -1);
    };
    stage.addEventListener("wheel", wheel, { signal, capture: true, passive: false });
    const leave = () => {
      if (!this.editor || this.editor.painting) return;
      this.editor.cursor = null;
      this.hand.repaint();
      this.readout.textContent = "";
    };
    this.view.canvas.addEventListener("pointerleave", leave, { signal });
    this.view.canvas.addEventListener("keydown", (event) => this.key(event), { signal });
  }

  /** Keys that only masks have; the page's key map has the others. */
  private key(event: KeyboardEvent): void {
    const { editor } = this;
    if (!editor || event.ctrlKey || event.metaKey || event.altKey) return;
    const used = event.key === "Enter" ? editor.closeLasso() : this.letter(editor, event.key.toLowerCase());
    if (!used) return;
    event.preventDefault(); // and so the key map leaves it alone
  }

  private letter(editor: MaskEditor, key: string): boolean {
    const tool = ({ b: "brush", e: "eraser", p: "lasso", f: "fill", g: "hint" } as const)[key];
    if (tool === "hint" && !this.options.task.segment?.length) return false;
    if (tool) editor.setTool(tool);
    else if (key === "[" || key === "]") editor.stepBrush(key === "]" ? 1 : -1);
    else if (key === "r") {
      editor.respect = !editor.respect;
      this.showAll();
    } else if (key === "h") editor.toggle(editor.chosen);
    else if (key === "a") {
      if (this.readyToPaint(editor)) editor.press();
    } else if (key === "i" && this.instances) this.newInstance();
    else if (key === "backspace" || key === "delete") editor.back();
    else return false;
    return true;
  }

  private act(action: Action): boolean {
    const { editor, frame } = this;
    const { type } = action;
    if (type === "help") this.options.onHelp();
    else if (type === "zoom-in") frame.zoom(ZOOM_STEP);
    else if (type === "zoom-out") frame.zoom(1 / ZOOM_STEP);
    else if (type === "fit") frame.fit();
    else if (type === "actual") frame.actualSize();
    else if (!editor) return false;
    else if (type === "label") return this.labelKey(editor, action.index);
    else if (type === "nudge") editor.nudge(action.dx, action.dy, action.resize);
    else if (type === "undo") editor.undo();
    else if (type === "redo") editor.redo();
    else if (type === "escape") editor.drop();
    else if (type === "nothing") {
      editor.setNothing(!editor.nothing);
      this.options.onDraft();
    } else return false;
    if (VIEW_ACTIONS.has(type)) this.view.moved();
    return true;
  }

  private labelKey(editor: MaskEditor, index: number): boolean {
    const label = this.options.task.categories[index];
    if (label === undefined) return false;
    if (this.instances) this.setLabel(label);
    else editor.choose(index + 1);
    return true;
  }

  /** The label of the next instance, and of the chosen one while nothing of it is painted. */
  private setLabel(label: string): void {
    this.label = label;
    const { editor } = this;
    const chosen = editor?.layer;
    if (editor && chosen && !editor.map.counts[chosen.value]) editor.relabel(chosen.value, label);
    else if (editor) editor.chosen = 0; // the next touch begins an instance of it
    this.showAll();
  }

  private newInstance(): boolean {
    const { editor } = this;
    if (!editor || !this.instances) return false;
    const waiting = editor.layers.find(({ value }) => !editor.map.counts[value]);
    if (waiting) {
      editor.relabel(waiting.value, this.label);
      editor.choose(waiting.value);
      return true;
    }
    const made = editor.addLayer(this.label, instanceColor);
    if (!made) this.say(words.tooMany);
    return made !== null;
  }

  // --- fill and auto-segment -------------------------------------------------------------------

  private async flood(at: Point, value: number): Promise<void> {
    const { editor } = this;
    if (!editor) return;
    const [x, y] = [Math.min(Math.floor(at.x), this.size.width - 1), Math.min(Math.floor(at.y), this.size.height - 1)];
    const seed = editor.map.at(x, y);
    const over = allowed(value, editor.chosen, editor.respect);
    if (over[seed] !== 1) return this.say(seed === value ? null : words.blocked);
    await this.sendPicture();
    const runs = await this.helper
      .ask({ op: "flood", x, y, tolerance: editor.tolerance })
      .catch(() => null);
    if (runs instanceof Uint32Array) editor.fill(runs, value);
  }

  /** The helper gets its own copy of the picture when it first needs one. */
  private async sendPicture(): Promise<void> {
    const bitmap = await this.options.bitmap;
    if (this.pictureSent || !bitmap) return;
    this.pictureSent = true;
    const copy = await createImageBitmap(bitmap);
    this.helper.tell({ op: "picture", bitmap: copy }, [copy]);
  }

  private async propose(hint: Hint, value: number): Promise<void> {
    const { editor } = this;
    if (!editor || !this.options.segment) return;
    this.say(words.working);
    try {
      const { left, top, width, height, mask_runs } = await this.options.segment(hint);
      const packed = fromBase64(mask_runs) ?? new Uint8Array();
      const bytes = await this.helper.bytes({ op: "unpack", packed, count: width * height });
      if (this.kit.signal.aborted) return;
      const changed = editor.stamp(
        { left, top, right: left + width, bottom: top + height },
        bytes,
        value,
      );
      this.say(changed ? null : words.noProposal(words.background));
    } catch (error) {
      this.say(words.noProposal(error instanceof Error ? error.message : String(error)));
    }
  }

  // --- what is kept and sent -------------------------------------------------------------------

  private finished(rect: Rect): void {
    const { editor } = this;
    if (!editor) return;
    this.layer.touched(rect);
    const bytes = editor.map.bytes(rect);
    const { left, top } = rect;
    this.helper.tell({ op: "patch", left, top, width: rect.right - left, bytes }, [bytes.buffer]);
    this.packed = null;
    this.version += 1;
    void this.settle().catch(() => undefined);
    this.showAll();
  }

  /** Resolves when the packed mask holds every finished stroke; the draft is kept then. */
  private settle(): Promise<void> {
    if (!this.editor || this.packed) return Promise.resolve();
    this.packing ??= this.pack().finally(() => {
      this.packing = null;
    });
    return this.packing;
  }

  private async pack(): Promise<void> {
    const { editor } = this;
    if (!editor) return;
    for (;;) {
      const { version } = this;
      const { table, kept } = renumbered(editor.layers, editor.map.counts);
      const ask = this.instances ? ({ op: "pack", table } as const) : ({ op: "pack" } as const);
      const runs = await this.helper.bytes(ask);
      if (this.version !== version) continue; // painted meanwhile
      this.packed = { runs, layers: kept };
      this.options.onDraft();
      return;
    }
  }

  private answer(): ReturnType<TaskBody["answer"]> {
    const { editor, packed } = this;
    const { element } = this.options.task;
    if (!editor || !packed) return { missing: words.opening };
    if (editor.isEmpty && !editor.nothing) return { missing: words.askNothing };
    return { content: { [element]: this.sendable(packed) } };
  }

  private draft(): object {
    const { editor, packed } = this;
    if (!editor) return isRecord(this.options.draft) ? this.options.draft : {};
    return { nothing: editor.nothing, ...(packed ? this.sendable(packed) : {}) };
  }

  private sendable({ runs, layers }: NonNullable<MaskBody["packed"]>): object {
    const mask_runs = runs;
    return this.instances
      ? { instances: layers.map(({ label }) => ({ label })), mask_runs }
      : { mask_runs };
  }

  // --- what is shown ---------------------------------------------------------------------------

  private moved(): void {
    this.layer?.moved();
    this.hand?.repaint();
    if (this.editor) this.tools.show(this.editor, this.frame.viewport.scale);
  }

  private looks = "";
  private showAll(): void {
    const { editor } = this;
    if (!editor) return;
    const look = JSON.stringify([editor.layers, [...editor.hidden]]);
    if (look !== this.looks) {
      this.looks = look;
      const colors = new Map(editor.layers.map(({ value, color }) => [value, color]));
      this.layer.show(editor.map, { colors, hidden: editor.hidden });
    }
    this.hand.repaint();
    if (editor.painting) return; // the lists wait for the end of the stroke
    this.tools.show(editor, this.frame.viewport.scale);
    this.list.show(editor);
    this.labels?.show(editor.layer?.label ?? this.label, false);
    this.checkbox.checked = editor.nothing;
    this.checkbox.disabled = !editor.isEmpty;
    const label = editor.layer?.label;
    if (label !== undefined && !this.instances) this.options.onLabel(label);
    this.view.element.dataset["gtSteps"] = String(editor.past.length);
  }

  private nameOf(layer: Layer, all: readonly Layer[]): string {
    if (!this.instances) return layer.label;
    const alike = all.filter(({ label }) => label === layer.label);
    return words.instanceOf(layer.label, alike.indexOf(layer) + 1);
  }

  private say(message: string | null): void {
    this.busy.hidden = message === null;
    this.busy.textContent = message;
  }
}

const VIEW_ACTIONS: ReadonlySet<Action["type"]> = new Set(["zoom-in", "zoom-out", "fit", "actual"]);
