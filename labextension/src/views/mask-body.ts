/** Semantic and instance segmentation: tools, picture, label map and lists around one editor. */
import { PictureFrame } from "../frame.js";
import type { Point } from "../geometry/box.js";
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import type { MaskEditor } from "../mask/editor.js";
import { MaskWork, type Outcome } from "../mask/work.js";
import type { ToolEvent } from "../tools/index.js";
import { tick } from "./controls.js";
import { labelList, numberKey } from "./label-list.js";
import { maskHand } from "./mask-hand.js";
import { maskLayer } from "./mask-layer.js";
import { maskList } from "./mask-list.js";
import { maskTools } from "./mask-tools.js";
import { pictureView } from "./picture.js";
import type { BodyOptions, Kit, TaskBody } from "./view.js";

const OPACITY = 0.6;
const TOOL_KEYS = { b: "brush", e: "eraser", p: "lasso", f: "fill", g: "hint" } as const;

export const maskBody = (kit: Kit, options: BodyOptions): TaskBody =>
  new MaskBody(kit, options).body();

class MaskBody {
  private readonly frame;
  private readonly work;
  private readonly view;
  private readonly layer;
  private readonly hand;
  private readonly tools;
  private readonly list;
  private readonly chooser;
  private readonly nothing;
  /** Which label the pointer is over. */
  private readonly under;
  private readonly busy;
  /** The label of the next instance. */
  private label: string;
  /** Colours and hidden labels as they were painted last. */
  private look = "";

  constructor(
    private readonly kit: Kit,
    private readonly options: BodyOptions,
  ) {
    const { h, signal } = kit;
    const { task } = options;
    const size = task.picture ?? { width: 1, height: 1 };
    this.frame = new PictureFrame(size);
    this.label = options.lastLabel ?? task.categories[0] ?? "";
    this.under = h("output", { class: "gt-under", "aria-live": "off" });
    this.busy = h("p", { class: "gt-busy", role: "status", hidden: true });
    this.nothing = tick(kit, words.nothing, (checked) => this.setNothing(checked));
    this.view = pictureView(kit, {
      task,
      frame: this.frame,
      bitmap: options.bitmap,
      cursor: () => this.work.editor?.cursor ?? null,
      onTool: (event) => this.play(event),
      onLeave: () => this.leave(),
      cursorAt: () => (this.work.editor ? "none" : "wait"),
      onZoom: () => this.moved(),
    });
    this.view.canvas.setAttribute("aria-description", words.paintHelp);
    this.layer = maskLayer(kit, this.view.element, this.frame);
    this.layer.setOpacity(OPACITY);
    this.hand = maskHand(kit, this.view.element, this.frame, () => this.work.editor);
    this.view.element.append(this.under, this.busy);
    this.work = new MaskWork({
      task,
      size,
      draft: options.draft,
      bitmap: options.bitmap,
      scale: () => this.frame.viewport.scale,
      segment: options.segment,
      signal,
      painted: (rect) => this.layer.touched(rect),
      changed: () => this.showAll(),
      kept: options.onDraft,
    });
    this.work.onFlood = (at, value) => void this.waitFor(this.work.flood(at, value));
    this.work.onHint = (hint, value) => void this.waitFor(this.work.propose(hint, value));
    this.tools = maskTools(kit, {
      editor: () => this.work.editor,
      opacity: (share) => this.layer.setOpacity(share),
      act: (action) => this.act(action),
      hints: task.segment ?? [],
    });
    const plain = task.categories.map((label) => ({ label, color: null })); // colours tell instances apart
    const setLabel = (label: string) => this.setLabel(label);
    this.chooser = labelList(kit, plain, numberKey, setLabel, () => this.focus());
    this.list = maskList(kit, {
      instances: this.work.instances,
      onChoose: ({ value }) => this.work.editor?.choose(value),
      onToggle: ({ value }) => this.work.editor?.toggle(value),
      onLeave: () => this.focus(),
    });
    this.listen();
    void this.open();
  }

  body(): TaskBody {
    const { h } = this.kit;
    const { instances } = this.work;
    const more =
      instances &&
      h("button", { class: "gt-button gt-small", type: "button" }, words.newInstance, {
        click: () => this.newInstance(),
      });
    const list = h("div", { class: "gt-mask-panel" }, [
      this.list.element,
      h("div", { class: "gt-panel gt-mask-more" }, [more, this.nothing.element]),
    ]);
    return {
      side: instances ? this.chooser.element : list,
      main: h("div", { class: "gt-work" }, [this.tools.element, this.view.element]),
      list: instances ? h("div", { class: "gt-region-panel" }, list) : null,
      focus: () => this.focus(),
      act: (action) => this.act(action),
      answer: () => this.answer(),
      draft: () => this.work.draft(),
      settle: () => this.work.settle(),
      keys: words.maskShortcuts,
    };
  }

  private async open(): Promise<void> {
    this.say(words.opening);
    const trouble = await this.work.open().catch((error: Error) => error.message);
    const { editor } = this.work;
    if (this.kit.signal.aborted || !editor) return;
    const last = editor.layers.find(({ label }) => label === this.options.lastLabel);
    editor.chosen = last?.value ?? editor.layers[0]?.value ?? 0;
    this.say(trouble === null ? null : words.unreadable(trouble));
    this.showAll();
    this.view.element.dataset["gtMask"] = "open";
  }

  // --- what the hand does ----------------------------------------------------------------------

  private play(event: ToolEvent): void {
    const { editor } = this.work;
    if (!editor) return;
    if (event.type === "cancel") return editor.cancel();
    if (!("at" in event)) return;
    if (event.type === "hover") this.hover(editor, event.at);
    else if (event.type !== "press" || this.readyToPaint(editor)) editor.play({ type: event.type, at: event.at });
  }

  /** In instance segmentation the first touch makes the first instance. */
  private readyToPaint(editor: MaskEditor): boolean {
    return editor.layer !== undefined || editor.tool === "eraser" || this.newInstance();
  }

  private hover(editor: MaskEditor, at: Point): void {
    editor.cursor = at;
    const layer = editor.layers.find(({ value }) => value === editor.map.at(at.x, at.y));
    this.under.textContent = layer ? this.list.nameOf(layer) : "";
    this.showHand();
  }

  private leave(): void {
    const { editor } = this.work;
    if (!editor || editor.painting) return;
    editor.cursor = null;
    this.under.textContent = "";
    this.showHand();
  }

  private listen(): void {
    const { signal } = this.kit;
    const wheel = (event: WheelEvent) => {
      if (!event.altKey) return; // the wheel alone zooms
      event.preventDefault();
      event.stopPropagation();
      this.work.editor?.stepBrush((event.deltaY || event.deltaX) < 0 ? 1 : -1);
    };
    this.view.element.addEventListener("wheel", wheel, { signal, capture: true, passive: false });
    const key = (event: KeyboardEvent) => {
      const { editor } = this.work;
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      // what is used here is left alone by the page's key map
      if (editor && plain && this.letter(editor, event.key.toLowerCase())) event.preventDefault();
    };
    this.view.canvas.addEventListener("keydown", key, { signal });
  }

  /** Keys that only masks have; the page's key map has the others. */
  private letter(editor: MaskEditor, key: string): boolean {
    if (key in TOOL_KEYS) {
      const tool = TOOL_KEYS[key as keyof typeof TOOL_KEYS];
      if (tool === "hint" && !this.options.task.segment?.length) return false;
      editor.setTool(tool);
    } else if (key === "[" || key === "]") editor.stepBrush(key === "]" ? 1 : -1);
    else if (key === "r") editor.setRespect(!editor.respect);
    else if (key === "h") editor.toggle(editor.chosen);
    else if (key === "a") {
      if (this.readyToPaint(editor)) editor.press();
    } else if (key === "i" && this.work.instances) this.newInstance();
    else if (key === "backspace" || key === "delete") editor.back();
    else return false;
    return true;
  }

  private focus(): void {
    this.view.canvas.focus({ preventScroll: true });
  }

  private act(action: Action): boolean {
    if (action.type === "help") this.options.onHelp();
    else return this.view.act(action) || this.edit(action);
    return true;
  }

  private edit(action: Action): boolean {
    const { editor } = this.work;
    if (!editor) return false;
    switch (action.type) {
      case "search":
        return (this.work.instances ? this.chooser : this.list).search();
      case "label":
        return this.labelKey(editor, action.index);
      case "nudge":
        editor.nudge(action.dx, action.dy, action.resize && this.readyToPaint(editor));
        return true;
      case "submit":
        return editor.closeLasso(); // an open outline ends before the task does
      case "nothing":
        this.setNothing(!editor.nothing);
        return true;
      default:
        EDIT_ACTIONS[action.type]?.(editor);
        return action.type in EDIT_ACTIONS;
    }
  }

  private labelKey(editor: MaskEditor, index: number): boolean {
    const label = this.options.task.categories[index];
    if (label === undefined) return false;
    if (this.work.instances) this.setLabel(label);
    else editor.choose(index + 1);
    return true;
  }

  /** The label of the next instance, and of the chosen one while nothing of it is painted. */
  private setLabel(label: string): void {
    this.label = label;
    const { editor } = this.work;
    const chosen = editor?.layer;
    if (editor && chosen && !editor.map.counts[chosen.value]) editor.relabel(chosen.value, label);
    else if (editor) editor.chosen = 0; // the next touch begins an instance of it
    this.options.onLabel(label);
    this.showAll();
  }

  private newInstance(): boolean {
    if (!this.work.instances) return false;
    const made = this.work.newInstance(this.label);
    if (!made) this.say(words.tooMany);
    return made !== null;
  }

  private setNothing(nothing: boolean): void {
    this.work.editor?.setNothing(nothing);
    this.options.onDraft();
  }

  private async waitFor(work: Promise<Outcome>): Promise<void> {
    this.say(words.working);
    const outcome = await work.catch((error: unknown) => ({ type: "failed", why: String(error) }) as const);
    this.say(
      outcome === null
        ? null
        : outcome.type === "blocked"
          ? words.blocked
          : words.noProposal(outcome.type === "failed" ? outcome.why : words.nothingProposed),
    );
  }

  private answer(): ReturnType<TaskBody["answer"]> {
    const { editor } = this.work;
    const value = this.work.value();
    if (!editor || !value) return { missing: words.opening };
    if (editor.isEmpty && !editor.nothing) return { missing: words.askPaint };
    return { content: { [this.options.task.element]: value } };
  }

  // --- what is shown ---------------------------------------------------------------------------

  private moved(): void {
    this.layer.moved();
    this.showHand();
    const { editor } = this.work;
    if (editor) this.tools.show(editor, this.frame.viewport.scale);
  }

  private showHand(): void {
    this.hand.repaint();
    this.view.repaint("active"); // the minimap and the pixel under the pointer
  }

  private showAll(): void {
    const { editor } = this.work;
    if (!editor) return;
    const look = JSON.stringify([editor.layers, [...editor.hidden]]);
    if (look !== this.look) {
      this.look = look;
      const colors = new Map(editor.layers.map(({ value, color }) => [value, color]));
      this.layer.show(editor.map, { colors, hidden: editor.hidden });
    }
    this.hand.repaint();
    if (editor.painting) return; // the lists wait for the end of the stroke
    this.tools.show(editor, this.frame.viewport.scale);
    this.list.show(editor);
    this.chooser.show(editor.layer?.label ?? this.label, words.chooseLabel);
    this.nothing.input.checked = editor.nothing;
    this.nothing.input.disabled = !editor.isEmpty;
    if (editor.layer && !this.work.instances) this.options.onLabel(editor.layer.label);
    this.view.element.dataset["gtSteps"] = String(editor.past.length);
  }

  private say(message: string | null): void {
    this.busy.hidden = message === null;
    this.busy.textContent = message;
  }
}

const EDIT_ACTIONS: { readonly [T in Action["type"]]?: (editor: MaskEditor) => void } = {
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
  escape: (editor) => editor.drop(),
};
