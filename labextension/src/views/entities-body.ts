/** The named-entity task: labels, the text to mark in, and the list of what is marked. */
import * as words from "../i18n.js";
import type { Action, KeyLike } from "../keys.js";
import { labelKey } from "../label-keys.js";
import { firstMarked } from "../text/entities.js";
import { EntityEditor, type Change } from "../text/entity-editor.js";
import { TextPoints, type Span } from "../text/points.js";
import { answerOf } from "../text/entities.js";
import { labelKeysOf } from "./choice-body.js";
import { tick, toolButton, toolGroup, toolRow } from "./controls.js";
import { hasFocus } from "./dom.js";
import { entityList } from "./entity-list.js";
import type { IconName } from "./icons.js";
import { labelButton, labelList } from "./label-list.js";
import { makeMarkable, MarkedText, type Look } from "./text-view.js";
import type { BodyFactory, BodyOptions, Kit } from "./view.js";

/** Labels offered beside the highlight; the others are in the list. */
const OFFERED = 9;

export const entitiesBody: BodyFactory = (kit, options) => {
  const { h } = kit;
  const { task } = options;
  const points = new TextPoints(task.text ?? "");
  const lookOf = looksOf(options);
  const only = task.categories.length === 1 ? (task.categories[0] ?? null) : null;
  const editor = new EntityEditor(points, task.categories, (change) => onChange(change), {
    marked: firstMarked(task, options.draft, points.length),
    ready: options.lastLabel || only,
  });
  const text = new MarkedText(kit, points, lookOf, task);
  makeMarkable(text, kit.signal);
  const focus = () => text.element.focus({ preventScroll: true });
  const label = (name: string) => editor.label(name);
  const labels = labelList(kit, task.labels, labelKey, label, focus);
  const list = entityList(kit, points, (name) => lookOf(name).color, {
    choose: (index) => editor.choose(index),
    edit: focus,
  });
  const tools = entityTools(kit, editor, (action) => act(action));
  const offer = labelOffer(kit, options, label);
  const stage = h("div", { class: "gt-reading" }, [text.element, offer.element]);

  const showAll = () => {
    const { entities, selected, highlight, target, ready, chosen } = editor;
    const focused = hasFocus(text.element);
    text.show(entities, selected);
    list.show(entities, selected);
    tools.show();
    const waits = target === "next" && ready !== null;
    const pressed = target === "chosen" ? (chosen?.label ?? null) : ready;
    labels.show(pressed, waits ? words.labelReady(ready) : words.labelOf[target]);
    if (focused) hand.follow(highlight ?? (chosen && { start: chosen.end, end: chosen.end }));
    offer.show(highlight && text.endOf(highlight), stage);
  };
  const onChange = (change: Change) => {
    showAll();
    options.onLabel(editor.ready ?? "");
    if (change === "marked") options.onDraft();
  };
  const hand = listen(kit, text, editor);
  text.element.addEventListener(
    "scroll",
    () => offer.show(editor.highlight && text.endOf(editor.highlight), stage),
    { signal: kit.signal, passive: true },
  );

  const act = (action: Action): boolean => {
    hand.sync();
    if (action.type === "help") options.onHelp();
    else if (action.type === "search") return labels.search();
    else if (action.type === "label") {
      const name = task.categories[action.index];
      if (name !== undefined) editor.label(name);
    } else {
      const does = ACTIONS[action.type];
      does?.(editor);
      if (action.type === "words") showAll();
      return does !== undefined;
    }
    return true;
  };

  showAll();
  return {
    side: labels.element,
    main: h("div", { class: "gt-work" }, [tools.element, stage]),
    list: list.element,
    focus,
    act,
    keyOf: keysOf(task.categories.length),
    answer: () => {
      const answer = editor.answer();
      return answer ? { content: { [task.element]: answer } } : { missing: words.askEntities };
    },
    draft: () => ({ ...answerOf(editor.marked), nothing: editor.marked.nothing }),
  };
};

export function looksOf({ task }: Pick<BodyOptions, "task">): (label: string) => Look {
  const looks = new Map(
    task.labels.map(({ label, color, shortDisplayName }) => [
      label,
      { color, tag: shortDisplayName || label },
    ]),
  );
  return (label) => looks.get(label) ?? { color: "#7f7f7f", tag: label };
}

const ACTIONS: { readonly [T in Action["type"]]?: (editor: EntityEditor) => void } = {
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
  remove: (editor) => editor.remove(),
  escape: (editor) => editor.escape(),
  next: (editor) => editor.chooseNext(1),
  previous: (editor) => editor.chooseNext(-1),
  nothing: (editor) => editor.setNothing(!editor.marked.nothing),
  words: (editor) => void (editor.byWords = !editor.byWords),
  "end-on": (editor) => editor.resize("end", 1),
  "end-back": (editor) => editor.resize("end", -1),
  "start-on": (editor) => editor.resize("start", 1),
  "start-back": (editor) => editor.resize("start", -1),
};
const KEYS: Readonly<Record<string, Action["type"]>> = {
  ".": "end-on",
  ",": "end-back",
  ">": "start-on",
  "<": "start-back",
  w: "words",
};

const keysOf = (count: number) => {
  const labels = labelKeysOf(count);
  return (event: KeyLike): Action | null => {
    const type = event.ctrlKey || event.metaKey || event.altKey ? undefined : KEYS[event.key.toLowerCase()];
    return type ? ({ type } as Action) : labels(event);
  };
};

/** The mouse and the caret in the text, told to the editor. */
function listen(kit: Kit, text: MarkedText, editor: EntityEditor) {
  const { element } = text;
  const { doc, signal } = kit;
  let pressed = false;
  /** What this page selected itself: the browser tells of it as of the worker's own. */
  let own: string | null = null;
  const read = (by: "pointer" | "keys") => {
    const found = text.selection();
    if (!found || `${found.anchor}|${found.focus}` === own) return;
    own = null;
    const { anchor, focus } = found;
    const stretch = { start: Math.min(anchor, focus), end: Math.max(anchor, focus) };
    if (anchor !== focus) editor.mark(stretch, by);
    else editor.clickAt(focus);
  };
  element.addEventListener(
    "pointerdown",
    (event) => {
      if (event.pointerType === "touch" || event.button !== 0) return;
      pressed = true;
      own = null;
    },
    { signal },
  );
  element.addEventListener(
    "click",
    ({ target }) => {
      const tag = target instanceof HTMLElement ? target.dataset["gtEntity"] : undefined;
      if (tag !== undefined) editor.choose(Number(tag));
    },
    { signal },
  );
  // the hand may leave the text before it lets go
  doc.addEventListener(
    "pointerup",
    (event) => {
      if (!pressed) return;
      pressed = false;
      const onTag = event.target instanceof HTMLElement && event.target.dataset["gtEntity"];
      if (!onTag) read("pointer");
    },
    { signal },
  );
  const sync = () => {
    if (!pressed && hasFocus(element)) read("keys");
  };
  doc.addEventListener("selectionchange", sync, { signal });
  return {
    /** The browser tells of a selection late; a key may come before. */
    sync,
    /** Put the browser's selection where the editor's is. */
    follow(stretch: Span | null) {
      if (!stretch || pressed) return;
      own = `${stretch.start}|${stretch.end}`;
      const found = text.selection();
      const reversed = found && `${found.focus}|${found.anchor}` === own;
      if (reversed) own = `${found.anchor}|${found.focus}`; // highlighted backwards: let it be
      else text.select(stretch);
    },
  };
}

/** Labels beside the highlighted text, so that the hand has a short way. */
function labelOffer(kit: Kit, { task }: BodyOptions, onChoose: (label: string) => void) {
  const buttons = task.labels
    .slice(0, OFFERED)
    .map((each, index) => labelButton(kit, each, labelKey(index), onChoose));
  const props = { class: "gt-offer", role: "toolbar", "aria-label": words.labelHighlight, hidden: true };
  const element = kit.h("div", props, buttons, { pointerdown: (event) => event.preventDefault() });
  for (const button of buttons) button.tabIndex = -1; // the same labels are in the list
  return {
    element,
    show(at: DOMRect | null, stage: HTMLElement) {
      const frame = stage.getBoundingClientRect();
      element.hidden = !at || at.bottom < frame.top || at.bottom > frame.bottom;
      if (element.hidden || !at) return;
      const room = { x: frame.width - element.offsetWidth - 8, y: frame.height - element.offsetHeight - 8 };
      const below = at.bottom - frame.top + 6;
      const y = below <= room.y ? below : at.top - frame.top - element.offsetHeight - 6;
      element.style.left = `${Math.max(Math.min(at.left - frame.left - 20, room.x), 8)}px`;
      element.style.top = `${Math.max(y, 4)}px`;
    },
  };
}

function entityTools(kit: Kit, editor: EntityEditor, onAction: (action: Action) => void) {
  type Own = "undo" | "redo" | "remove" | "words" | "nothing";
  const button = (name: IconName, title: string, type: Own) =>
    toolButton(kit, name, title, () => onAction({ type }));
  const undo = button("undo", words.undo, "undo");
  const redo = button("redo", words.redo, "redo");
  const remove = button("remove", words.removeEntity, "remove");
  const byWords = tick(kit, words.wholeWords, () => onAction({ type: "words" }));
  const nothing = tick(kit, words.nothing, () => onAction({ type: "nothing" }));
  const parts = [toolGroup(kit, undo, redo, remove), byWords.element, nothing.element];
  return {
    element: toolRow(kit, parts, () => onAction({ type: "help" })),
    show() {
      undo.disabled = !editor.canUndo;
      redo.disabled = !editor.canRedo;
      remove.disabled = editor.chosen === null;
      byWords.input.checked = editor.byWords;
      nothing.input.checked = editor.marked.nothing;
      nothing.input.disabled = editor.entities.length > 0;
    },
  };
}
