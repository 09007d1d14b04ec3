/**
 * What is drawn, what of it is chosen, and how it is shown; and the one door through which it
 * changes. The editor puts gestures and keys on top.
 */
import type { Box, Size } from "./geometry/box.js";
import { boundsOf, sameShape, settled, type Shape } from "./geometry/shape.js";
import { ShapeIndex } from "./shape-index.js";
import {
  EMPTY,
  historyOf,
  indexOf,
  perform,
  type Command,
  type Drawing,
  type Facts,
  type History,
  type Item,
} from "./store.js";

/** How all items of one label are shown; no part of the answer. */
export interface Look {
  readonly hidden: boolean;
  /** In (0, 1]. */
  readonly opacity: number;
}
const PLAIN: Look = { hidden: false, opacity: 1 };

/** "drawing": the answer changed; "choice": label, tool, look or selection; "active": mid-gesture. */
export type Change = "drawing" | "choice" | "active";

export interface Start {
  readonly drawing?: Drawing;
  readonly label?: string | undefined;
}

export class DrawingState {
  readonly index: ShapeIndex;
  history: History;
  selected: number | null = null;
  /** The vertex that keys move and delete. */
  vertex: number | null = null;
  /** The label of the next shape. */
  label: string;
  /** Places that look different since they were last painted; null for everywhere. */
  damage: Box[] | null = null;
  /** The selected shape was drawn just now: a label key means the next one, not this one. */
  protected fresh = false;
  private readonly looks = new Map<string, Look>();
  private nextId: number;

  constructor(
    readonly picture: Size,
    readonly labels: readonly string[],
    protected readonly onChange: (change: Change) => void,
    start: Start = {},
  ) {
    this.index = new ShapeIndex(picture);
    this.history = historyOf(start.drawing ?? EMPTY);
    this.index.sync(this.items);
    this.nextId = this.items.reduce((most, { id }) => Math.max(most, id), 0) + 1;
    const known = start.label !== undefined && labels.includes(start.label);
    this.label = known ? (start.label as string) : (labels[0] ?? "");
  }

  get drawing(): Drawing {
    return this.history.now;
  }
  get items(): readonly Item[] {
    return this.history.now.items;
  }
  get selectedItem(): Item | null {
    return this.index.get(this.selected);
  }
  /** True when choosing a label changes the selected shape rather than the next one. */
  get relabels(): boolean {
    const item = this.selectedItem;
    return item !== null && !item.locked && !this.fresh;
  }
  lookOf(label: string): Look {
    return this.looks.get(label) ?? PLAIN;
  }
  setLook(label: string, by: Partial<Look>): void {
    this.looks.set(label, { ...this.lookOf(label), ...by });
    this.damage = null;
    this.onChange("choice");
  }
  isShown(item: Item): boolean {
    return !item.hidden && !this.lookOf(item.label).hidden;
  }

  choose(id: number | null): void {
    const item = this.index.get(id);
    this.lift(item);
    this.selected = item?.id ?? null;
    this.vertex = null;
    this.fresh = false;
    this.onChange("choice");
  }

  /** The item after or before the selected one, going round. */
  chooseNext(step: 1 | -1): void {
    const count = this.items.length;
    if (count === 0) return;
    const at = this.selected === null ? -1 : indexOf(this.drawing, this.selected);
    const from = at < 0 && step < 0 ? 0 : at;
    this.choose(this.items[(from + step + count) % count]?.id ?? null);
  }

  protected add(shape: Shape, label = this.label): void {
    const id = this.nextId++;
    const whole = settled(shape, this.picture);
    const item = { id, shape: whole, label, locked: false, hidden: false };
    this.lift(item);
    this.selected = id;
    this.vertex = null;
    this.fresh = true;
    this.run({ type: "add", item });
  }

  protected reshape(item: Item, shape: Shape, merge = false): void {
    if (item.locked) return;
    this.fresh = false;
    const whole = settled(shape, this.picture);
    if (sameShape(whole, item.shape)) this.onChange("choice");
    else this.change(item, { shape: whole }, merge);
  }

  protected change(item: Item, by: Facts, merge = false): void {
    this.run({ type: "change", id: item.id, by }, merge);
  }

  protected run(command: Command, merge = false): void {
    this.travel(perform(this.history, command, merge));
  }

  protected travel(history: History): void {
    if (history === this.history) return;
    this.history = history;
    this.wound(this.index.sync(this.items));
    const item = this.selectedItem;
    if (!item) this.selected = null;
    const count = item && item.shape.form !== "box" ? item.shape.vertices.length : 0;
    if (this.vertex !== null && this.vertex >= count) this.vertex = null;
    this.onChange("drawing");
  }

  /** The chosen item is painted apart: where it was and where it is must be painted again. */
  private lift(item: Item | null): void {
    const places = [this.selectedItem, item].filter((each) => each !== null);
    this.wound(places.map(({ shape }) => boundsOf(shape)));
  }

  private wound(places: readonly Box[] | null): void {
    if (places === null) this.damage = null;
    else this.damage?.push(...places);
  }
}
