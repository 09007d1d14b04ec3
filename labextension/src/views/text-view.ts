/** A text to read: as it is stored, whitespace kept, in its own direction, as text nodes only. */
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { inkOn } from "../render/palette.js";
import type { Entity } from "../text/entities.js";
import { linesOf, piecesOf, type Piece } from "../text/pieces.js";
import type { Span, TextPoints } from "../text/points.js";
import { setAttributes } from "./dom.js";
import type { Kit } from "./view.js";

/** Facts a test reads. */
const factsOf = ({ task_id, object_id }: Task) => ({
  "data-gt-task": task_id,
  "data-gt-object": object_id,
  "data-gt-shown": "1",
});

/** A text that is only read; it can be scrolled by keys. */
export function plainText(kit: Kit, text: string, task: Task): HTMLElement {
  const props = {
    class: "gt-text",
    dir: "auto",
    tabindex: 0,
    role: "group",
    "aria-label": words.textLabel(task.object_id),
    "data-gt-surface": true,
    ...factsOf(task),
  };
  return kit.h("div", props, text === "" ? kit.h("em", { class: "gt-muted" }, words.emptyText) : text);
}

/** How a label looks in the text. */
export interface Look {
  readonly color: string;
  readonly tag: string;
}

/** Lines under the text that are told apart; entities deeper than that share the last. */
const LINES = 4;

/** A text with entities over it; where it is in the page and in the browser's selection. */
export class MarkedText {
  readonly element: HTMLElement;
  private shown: readonly Entity[] | null = null;
  private pieces: readonly Piece[] = [];
  private texts: readonly Text[] = [];

  constructor(
    private readonly kit: Kit,
    private readonly points: TextPoints,
    private readonly lookOf: (label: string) => Look,
    task: Task,
  ) {
    this.element = plainText(kit, points.text, task);
    this.show([], null);
  }

  show(entities: readonly Entity[], chosen: number | null): void {
    if (entities !== this.shown) this.render(entities);
    const color = chosen === null ? "" : this.lookOf(entities[chosen]?.label ?? "").color;
    this.pieces.forEach(({ over }, index) => {
      const element = this.texts[index]?.parentElement;
      const isChosen = chosen !== null && over.includes(chosen);
      element?.classList.toggle("gt-chosen", isChosen);
      if (isChosen) element?.style.setProperty("--gt-chosen", color);
    });
  }

  /** Scroll an entity into the middle of the window, if it is out of sight. */
  reveal(chosen: number | null): void {
    const index = this.pieces.findIndex(({ over }) => chosen !== null && over.includes(chosen));
    const element = this.texts[index]?.parentElement;
    if (!element) return;
    const { element: frame } = this;
    const at = element.getBoundingClientRect().top - frame.getBoundingClientRect().top;
    if (at < 0 || at > frame.clientHeight - 30) frame.scrollTop += at - frame.clientHeight / 2;
  }

  /** Something wrote into the text: put it back. */
  restore(): void {
    this.render(this.shown ?? []);
  }

  /** The browser's selection in code points, in the order it was made; null if it is elsewhere. */
  selection(): { readonly anchor: number; readonly focus: number } | null {
    const found = this.browserSelection();
    if (!found?.anchorNode || !found.focusNode) return null;
    const anchor = this.unitAt(found.anchorNode, found.anchorOffset);
    const focus = this.unitAt(found.focusNode, found.focusOffset);
    if (anchor === null || focus === null) return null;
    return { anchor: this.points.pointOf(anchor), focus: this.points.pointOf(focus) };
  }

  select({ start, end }: Span): void {
    const [from, to] = [this.placeOf(start), this.placeOf(end)];
    if (from && to) this.browserSelection()?.setBaseAndExtent(...from, ...to);
  }

  /** Where a stretch ends on the screen. */
  endOf({ end }: Span): DOMRect | null {
    const place = this.placeOf(end);
    if (!place) return null;
    const range = this.kit.doc.createRange();
    range.setStart(...place);
    return [...range.getClientRects()].at(-1) ?? range.startContainer.parentElement?.getBoundingClientRect() ?? null;
  }

  private render(entities: readonly Entity[]): void {
    this.shown = entities;
    const { points } = this;
    if (points.length === 0) return;
    const lines = linesOf(entities);
    this.pieces = piecesOf(entities, points.length);
    this.texts = this.pieces.map((piece) => this.kit.doc.createTextNode(points.slice(piece)));
    const parts = this.pieces.flatMap((piece, index) => [
      this.piece(piece, this.texts[index] as Text, entities, lines),
      ...piece.ending.map((at) => this.tag(entities[at] as Entity, at)),
    ]);
    this.element.replaceChildren(...parts);
  }

  private piece(piece: Piece, text: Text, entities: readonly Entity[], lines: readonly number[]) {
    const element = this.kit.h("span", { class: piece.over.length > 0 ? "gt-marked" : "gt-piece" }, text);
    if (piece.over.length === 0) return element;
    const colors = piece.over.map((at) => this.lookOf(entities[at]?.label ?? "").color);
    const under = piece.over.map((at, index) => {
      const line = Math.min(lines[at] ?? 0, LINES - 1);
      return `linear-gradient(${colors[index]} 0 0) 0 calc(100% - ${line * 3}px) / 100% 2px no-repeat`;
    });
    element.style.setProperty("--gt-label", colors.at(-1) ?? "");
    element.style.setProperty("background", under.join(", "));
    return element;
  }

  /** The name at the end of an entity is no text of the page: it is drawn by the stylesheet. */
  private tag({ label }: Entity, at: number): HTMLElement {
    const { color, tag } = this.lookOf(label);
    const props = {
      class: "gt-tag",
      contenteditable: "false",
      "aria-hidden": "true",
      "data-gt-entity": at,
      "data-gt-tag": tag,
    };
    const element = this.kit.h("i", props);
    element.style.setProperty("--gt-label", color);
    element.style.setProperty("--gt-on-label", inkOn(color));
    return element;
  }

  private browserSelection(): Selection | null {
    const root = this.element.getRootNode() as Partial<Document>;
    return root.getSelection ? root.getSelection() : this.kit.doc.getSelection();
  }

  private unitAt(node: Node, offset: number): number | null {
    if (!this.element.contains(node)) return null;
    const { points, texts, pieces } = this;
    const index = texts.indexOf(node as Text);
    if (index >= 0) return points.unitOf(pieces[index]?.start ?? 0) + offset;
    const range = this.kit.doc.createRange();
    range.setStart(node, offset);
    const next = texts.findIndex((text) => range.comparePoint(text, 0) >= 0);
    return next < 0 ? points.text.length : points.unitOf(pieces[next]?.start ?? 0);
  }

  private placeOf(point: number): [Text, number] | null {
    const { points, texts, pieces } = this;
    const found = pieces.findIndex(({ end }) => point < end);
    const index = found < 0 ? pieces.length - 1 : found;
    const text = texts[index];
    if (!text) return null;
    return [text, points.unitOf(point) - points.unitOf(pieces[index]?.start ?? 0)];
  }
}

/** A caret to highlight with, while nothing that is typed gets in. */
export function makeMarkable(text: MarkedText, signal: AbortSignal): void {
  const { element } = text;
  setAttributes(element, {
    role: "textbox",
    contenteditable: "true",
    "aria-multiline": "true",
    "aria-readonly": "true",
    "aria-description": words.textHelp,
    inputmode: "none",
    spellcheck: "false",
    autocorrect: "off",
    translate: "no",
  });
  const refuse = (event: Event) => event.preventDefault();
  for (const type of ["beforeinput", "paste", "cut", "drop", "dragstart"] as const) {
    element.addEventListener(type, refuse, { signal });
  }
  // what an input method composes cannot be refused, only taken back
  element.addEventListener("input", () => text.restore(), { signal });
}
