/**
 * A mask task without a screen: the editor, the helper that keeps a copy of the map, what is
 * packed for drafts and answers, fills and proposals that come from elsewhere.
 */
import { isRecord } from "../decode.js";
import type { Point, Size } from "../geometry/box.js";
import type { Proposal, Task } from "../protocol.js";
import type { Hint } from "../tools/hint-tool.js";
import { instanceColor } from "./colors.js";
import { MaskEditor, type Layer } from "./editor.js";
import { Helper } from "./helper.js";
import { allowed, type Rect } from "./label-map.js";
import { fromBase64, layersOf, opening, renumbered } from "./saved.js";

export interface MaskWorkOptions {
  readonly task: Task;
  readonly size: Size;
  readonly draft: unknown;
  readonly bitmap: Promise<ImageBitmap> | null;
  /** CSS pixels per image pixel. */
  readonly scale: () => number;
  readonly segment?: ((prompt: object) => Promise<Proposal>) | undefined;
  readonly signal: AbortSignal;
  readonly painted: (rect: Rect) => void;
  readonly changed: () => void;
  /** A stroke is finished and in the packed mask. */
  readonly kept: () => void;
}

/** How a fill or a proposal went; null when there is nothing to say. */
export type Outcome =
  | { readonly type: "blocked" }
  | { readonly type: "empty" }
  | { readonly type: "failed"; readonly why: string }
  | null;

interface Packed {
  readonly runs: Uint8Array;
  readonly layers: readonly Layer[];
}

export class MaskWork {
  editor: MaskEditor | null = null;
  readonly instances: boolean;
  private readonly helper: Helper;
  /** The mask as it is sent, and what its values are; null while a stroke is not yet in it. */
  private packed: Packed | null = null;
  private packing: Promise<void> | null = null;
  /** Goes up with every finished stroke, undo and redo. */
  private version = 0;
  private pictureSent = false;

  constructor(private readonly options: MaskWorkOptions) {
    this.instances = options.task.kind === "instances";
    this.helper = new Helper(options.signal);
  }

  /** Read the draft or the earlier mask; gives why it could not be read, if so. */
  async open(): Promise<string | null> {
    const { task, draft, size } = this.options;
    let trouble: string | null = null;
    const begin = opening(size, draft, task.earlier, task.labels);
    const data = await this.helper.bytes(begin).catch((error: Error) => {
      trouble = error.message;
      return this.helper.bytes({ op: "open", ...size });
    });
    const layers = this.instances
      ? layersOf(draft ?? task.earlier?.value, task.labels, instanceColor)
      : task.labels.map(({ label, color }, index) => ({ value: index + 1, label, color }));
    this.editor = this.edit(layers, data);
    this.editor.nothing = isRecord(draft) && draft["nothing"] === true && this.editor.isEmpty;
    return trouble;
  }

  /** Resolves when the packed mask holds every finished stroke. */
  settle(): Promise<void> {
    if (!this.editor || this.packed) return Promise.resolve();
    this.packing ??= this.pack().finally(() => {
      this.packing = null;
    });
    return this.packing;
  }

  /** The value of the answer; null before `settle`. */
  value(): object | null {
    return this.packed && this.sendable(this.packed);
  }

  draft(): object {
    const { editor, packed } = this;
    if (!editor) return isRecord(this.options.draft) ? this.options.draft : {};
    return { nothing: editor.nothing, ...(packed ? this.sendable(packed) : {}) };
  }

  /** The chosen instance of a label, or a new one; null when there is no room for it. */
  newInstance(label: string): Layer | null {
    const { editor } = this;
    if (!editor) return null;
    const waiting = editor.layers.find(({ value }) => !editor.map.counts[value]);
    if (!waiting) return editor.addLayer(label, instanceColor);
    editor.relabel(waiting.value, label);
    editor.choose(waiting.value);
    return waiting;
  }

  async flood(at: Point, value: number): Promise<Outcome> {
    const { editor } = this;
    if (!editor) return null;
    const { width, height } = this.options.size;
    const x = Math.min(Math.floor(at.x), width - 1);
    const y = Math.min(Math.floor(at.y), height - 1);
    const seed = editor.map.at(x, y);
    if (seed === value) return null;
    if (allowed(value, editor.chosen, editor.respect)[seed] !== 1) return { type: "blocked" };
    await this.sendPicture();
    const runs = await this.helper.ask({ op: "flood", x, y, tolerance: editor.tolerance });
    if (runs instanceof Uint32Array) editor.fill(runs, value);
    return null;
  }

  async propose(hint: Hint, value: number): Promise<Outcome> {
    const { editor } = this;
    const { segment, signal } = this.options;
    if (!editor || !segment) return null;
    try {
      const { left, top, width, height, mask_runs } = await segment(hint);
      const packed = fromBase64(mask_runs) ?? new Uint8Array();
      const bytes = await this.helper.bytes({ op: "unpack", packed, count: width * height });
      if (signal.aborted) return null;
      const place = { left, top, right: left + width, bottom: top + height };
      return editor.stamp(place, bytes, value) ? null : { type: "empty" };
    } catch (error) {
      return { type: "failed", why: error instanceof Error ? error.message : String(error) };
    }
  }

  /** What the editor calls when the hand asks for something that takes a moment. */
  onFlood: (at: Point, value: number) => void = () => undefined;
  onHint: (hint: Hint, value: number) => void = () => undefined;

  private edit(layers: readonly Layer[], data: Uint8Array): MaskEditor {
    const events = {
      painted: this.options.painted,
      finished: (rect: Rect) => this.finished(rect),
      changed: this.options.changed,
      flood: (at: Point, value: number) => this.onFlood(at, value),
      hint: (hint: Hint, value: number) => this.onHint(hint, value),
    };
    return new MaskEditor(this.options.size, layers, events, this.options.scale, data);
  }

  private finished(rect: Rect): void {
    const { editor } = this;
    if (!editor) return;
    this.options.painted(rect);
    const bytes = editor.map.bytes(rect);
    const { left, top } = rect;
    this.helper.tell({ op: "patch", left, top, width: rect.right - left, bytes }, [bytes.buffer]);
    this.packed = null;
    this.version += 1;
    void this.settle().catch(() => undefined); // Submit asks again and says what is wrong
    this.options.changed();
  }

  private async pack(): Promise<void> {
    const { editor } = this;
    while (editor) {
      const { version } = this;
      const { table, kept } = renumbered(editor.layers, editor.map.counts);
      const ask = this.instances ? ({ op: "pack", table } as const) : ({ op: "pack" } as const);
      const runs = await this.helper.bytes(ask);
      if (this.version !== version) continue; // painted meanwhile
      this.packed = { runs, layers: kept };
      return this.options.kept();
    }
  }

  private sendable({ runs, layers }: Packed): object {
    const mask_runs = runs;
    return this.instances
      ? { instances: layers.map(({ label }) => ({ label })), mask_runs }
      : { mask_runs };
  }

  /** The helper gets its own copy of the picture when it first needs one. */
  private async sendPicture(): Promise<void> {
    const bitmap = await this.options.bitmap;
    if (this.pictureSent || !bitmap) return;
    this.pictureSent = true;
    const copy = await createImageBitmap(bitmap);
    this.helper.tell({ op: "picture", bitmap: copy }, [copy]);
  }
}
