/**
 * Marking entities without a page: what is marked, chosen and highlighted, and what each gesture
 * or key does to it. Highlight and then choose a label, or choose a label and then highlight.
 */
import {
  answerOf,
  entityAt,
  isSame,
  withEntity,
  without,
  type Entity,
  type Marked,
} from "./entities.js";
import { done, historyOf, redone, undone, type History } from "./history.js";
import type { Span, TextPoints } from "./points.js";

/** "marked": the answer changed; "choice": what is chosen, highlighted or ready did. */
export type Change = "marked" | "choice";

export class EntityEditor {
  private history: History<Marked>;
  selected: number | null = null;
  /** Text that waits for a label. */
  highlight: Span | null = null;
  /** Highlighted text gets this label at once. */
  ready: string | null;
  /** The pointer takes whole words. */
  byWords = false;
  /** The chosen entity was marked just now with the ready label: a key means the next one. */
  private fresh = false;

  constructor(
    readonly points: TextPoints,
    readonly labels: readonly string[],
    private readonly onChange: (change: Change) => void,
    start: { readonly marked: Marked; readonly ready: string | null },
  ) {
    this.history = historyOf(start.marked);
    this.ready = start.ready !== null && labels.includes(start.ready) ? start.ready : null;
  }

  get marked(): Marked {
    return this.history.now;
  }
  get entities(): readonly Entity[] {
    return this.history.now.entities;
  }
  get canUndo(): boolean {
    return this.history.past.length > 0;
  }
  get canRedo(): boolean {
    return this.history.future.length > 0;
  }
  get chosen(): Entity | null {
    return this.selected === null ? null : (this.entities[this.selected] ?? null);
  }
  /** What a label would be given to. */
  get target(): "highlight" | "chosen" | "next" {
    if (this.highlight) return "highlight";
    return this.chosen && !this.fresh ? "chosen" : "next";
  }

  /**
   * The hand is off: a stretch of text is highlighted. A pointer's is cleaned of blanks at its
   * ends; what keys have highlighted is taken as it is, in whole characters.
   */
  mark(stretch: Span, by: "pointer" | "keys"): void {
    const { points } = this;
    const whole = points.whole(stretch);
    const meant = by === "keys" ? whole : this.byWords ? points.toWords(whole) : points.trimmed(whole);
    this.highlight = meant.start < meant.end ? meant : null;
    this.selected = null;
    if (this.highlight && this.ready !== null && by === "pointer") this.label(this.ready);
    else this.onChange("choice");
  }

  /** A click without a drag, or the caret put down: the entity there is chosen. */
  clickAt(point: number): void {
    this.highlight = null;
    this.choose(entityAt(this.entities, point, this.selected));
  }

  /** A label's key or button. */
  label(label: string): void {
    if (!this.labels.includes(label)) return;
    const { target } = this;
    if (target === "highlight" && this.highlight) {
      this.put({ ...this.highlight, label }, this.marked, label === this.ready);
    } else if (target === "chosen" && this.chosen && this.selected !== null) {
      if (this.chosen.label === label) return;
      this.put({ ...this.chosen, label }, without(this.marked, this.selected));
    } else {
      this.ready = label === this.ready ? null : label;
      this.onChange("choice");
    }
  }

  choose(index: number | null): void {
    this.selected = index !== null && index in this.entities ? index : null;
    this.highlight = null;
    this.fresh = false;
    this.onChange("choice");
  }

  /** The entity after or before the chosen one, going round. */
  chooseNext(step: 1 | -1): void {
    const count = this.entities.length;
    if (count === 0) return;
    const from = this.selected ?? (step > 0 ? -1 : 0);
    this.choose((from + step + count) % count);
  }

  /** Move an end of the chosen entity by one character as readers see it. */
  resize(edge: "start" | "end", step: 1 | -1): void {
    const { chosen, selected, points } = this;
    if (!chosen || selected === null) return;
    const { start, end, label } = chosen;
    const moved = points.step(edge === "start" ? start : end, step);
    const next = edge === "start" ? { start: moved, end, label } : { start, end: moved, label };
    if (next.start < next.end) this.put(next, without(this.marked, selected));
  }

  remove(): void {
    const { selected } = this;
    if (selected === null) return;
    this.selected = null;
    this.run(without(this.marked, selected));
  }

  /** Back out: the highlight first, then the choice, then the ready label. */
  escape(): void {
    if (this.highlight) this.highlight = null;
    else if (this.selected !== null) this.selected = null;
    else this.ready = null;
    this.onChange("choice");
  }

  setNothing(nothing: boolean): void {
    const { entities } = this;
    if (entities.length === 0 && nothing !== this.marked.nothing) this.run({ entities, nothing });
  }

  undo(): void {
    this.travel(undone(this.history));
  }
  redo(): void {
    this.travel(redone(this.history));
  }

  /** The answer, or null when the worker has said nothing yet. */
  answer(): object | null {
    return this.entities.length > 0 || this.marked.nothing ? answerOf(this.marked) : null;
  }

  private put(entity: Entity, before: Marked, fresh = false): void {
    this.history = done(this.history, withEntity(before, entity));
    this.highlight = null;
    this.fresh = fresh;
    this.selected = this.entities.findIndex((each) => isSame(each, entity));
    this.onChange("marked");
  }

  private run(marked: Marked): void {
    this.history = done(this.history, marked);
    this.onChange("marked");
  }

  private travel(history: History<Marked>): void {
    if (history === this.history) return;
    this.history = history;
    this.selected = null;
    this.highlight = null;
    this.onChange("marked");
  }
}
