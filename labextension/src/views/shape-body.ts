/** The drawing tasks: toolbar, picture, labels and the list of shapes around one editor. */
import type { Change } from "../drawing-state.js";
import { ShapeEditor } from "../editor.js";
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { stylesFor, type StyleOf } from "../render/style.js";
import type { Held } from "../render/stage.js";
import type { Settled } from "../render/settled.js";
import { draftOf, drawingFrom, earlierOf, FORMS, valueOf } from "../work/shapes.js";
import { tick } from "./controls.js";
import { labelBar } from "./label-bar.js";
import { pictureView } from "./picture.js";
import { regionList } from "./region-list.js";
import { toolbar } from "./toolbar.js";
import type { BodyFactory } from "./view.js";

export const shapeBody: BodyFactory = (kit, options) => {
  const { h } = kit;
  const { task } = options;
  const form = FORMS[task.kind] ?? "box";
  const size = task.picture ?? { width: 1, height: 1 };
  const styleOf = stylesFor(task.labels);
  const draft = drawingFrom(options.draft, form, size, task.categories);
  const start = { drawing: draft ?? earlierOf(task), label: options.lastLabel };
  const editor = new ShapeEditor(size, form, task.categories, (change) => onChange(change), start);

  const nothing = tick(kit, words.nothing, (checked) => editor.setNothing(checked));
  const bar = toolbar(kit, form, (action) => act(action));
  const labels = labelBar(kit, task.labels, (label) => editor.setLabel(label), {
    lookOf: (label) => editor.lookOf(label),
    setLook: (label, look) => editor.setLook(label, look),
    onLeave: () => focus(),
  });
  const view = pictureView(kit, {
    task,
    frame: editor.frame,
    bitmap: options.bitmap,
    settled: settledOf(editor, styleOf),
    active: () => heldOf(editor, styleOf),
    crosshair: () => (editor.tool === "draw" ? editor.cursor : null),
    cursor: () => editor.cursor,
    onTool: (event) => editor.play(event),
    onDouble: (at) => editor.doubleClick(at),
    onLeave: () => editor.leave(),
    cursorAt: (at) => editor.cursorAt(at),
    onZoom: () => showTools(),
  });
  const regions = regionList(kit, form, styleOf, {
    choose: (id) => editor.choose(id),
    edit: () => focus(),
  });
  regions.element.append(nothing.element);

  const focus = () => view.canvas.focus({ preventScroll: true });
  const showTools = () => {
    const item = editor.selectedItem;
    bar.show({
      tool: editor.tool,
      scale: editor.frame.viewport.scale,
      canUndo: editor.history.past !== null || editor.drawingPath,
      canRedo: editor.history.future !== null,
      selected: item !== null,
      locked: item?.locked === true,
      hidden: item?.hidden === true,
    });
  };
  const showAll = () => {
    showTools();
    const { relabels, selectedItem } = editor;
    labels.show(relabels ? (selectedItem?.label ?? "") : editor.label, relabels);
    regions.show(editor.items, editor.selected);
    nothing.input.checked = editor.drawing.nothing;
    nothing.input.disabled = editor.items.length > 0;
    view.canvas.classList.toggle("gt-selecting", editor.tool === "select");
  };
  const onChange = (change: Change) => {
    view.repaint("active");
    if (change === "active") return;
    view.repaint("settled");
    showAll();
    options.onLabel(editor.label);
    if (change === "drawing") options.onDraft();
  };
  const act = (action: Action, event?: KeyboardEvent): boolean => {
    if (action.type === "help") options.onHelp();
    else if (action.type === "search") return labels.search();
    else if (action.type === "submit" && editor.drawingPath) editor.play({ type: "finish" });
    else if (!edit(editor, action, event)) return view.act(action);
    else if (action.type === "nudge") view.moved(); // the picture, where nothing is selected
    return true;
  };

  showAll();
  return {
    side: labels.element,
    main: h("div", { class: "gt-work" }, [bar.element, view.element]),
    list: regions.element,
    focus,
    act,
    answer: () => {
      if (editor.drawingPath) editor.play({ type: "finish" });
      const { drawing } = editor;
      if (drawing.items.length === 0 && !drawing.nothing) return { missing: words.askNothing };
      return { content: { [task.element]: valueOf(task, drawing) } };
    },
    draft: () => draftOf(editor.drawing),
  };
};

/** What a key or a button does to the editor; false when it is none of its business. */
function edit(editor: ShapeEditor, action: Action, event?: KeyboardEvent): boolean {
  switch (action.type) {
    case "label": {
      const label = editor.labels[action.index];
      if (label !== undefined) editor.setLabel(label);
      return label !== undefined;
    }
    case "nudge":
      editor.nudge(action.dx, action.dy, { resize: action.resize, merge: event?.repeat === true });
      return true;
    default:
      SIMPLE[action.type]?.(editor);
      return action.type in SIMPLE;
  }
}

const SIMPLE: { readonly [T in Action["type"]]?: (editor: ShapeEditor) => void } = {
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
  remove: (editor) => editor.remove(),
  escape: (editor) => editor.play({ type: "escape" }),
  draw: (editor) => editor.setTool("draw"),
  select: (editor) => editor.setTool("select"),
  add: (editor) => editor.addInMiddle(),
  nothing: (editor) => editor.setNothing(!editor.drawing.nothing),
  next: (editor) => editor.chooseNext(1),
  previous: (editor) => editor.chooseNext(-1),
  duplicate: (editor) => editor.duplicate(),
  lock: (editor) => editor.setLocked(editor.selectedItem?.locked !== true),
  hide: (editor) => editor.setHidden(editor.selectedItem?.hidden !== true),
  raise: (editor) => editor.restack("up"),
  lower: (editor) => editor.restack("down"),
  top: (editor) => editor.restack("top"),
  bottom: (editor) => editor.restack("bottom"),
  "next-vertex": (editor) => editor.chooseVertex(1),
  "previous-vertex": (editor) => editor.chooseVertex(-1),
  "insert-vertex": (editor) => editor.insertVertex(),
};

/** The shape in hand goes to the top layer, all others to the one that is kept. */
export function settledOf(editor: ShapeEditor, styleOf: StyleOf): Settled {
  return {
    items: () => editor.items,
    touching: (area) => editor.index.touching(area),
    shows: (item) => item.id !== editor.selected && editor.isShown(item),
    opacityOf: (label) => editor.lookOf(label).opacity,
    styleOf,
    takeDamage: () => {
      const { damage } = editor;
      editor.damage = [];
      return damage;
    },
  };
}

/** The chosen shape, and over it the one being drawn. */
export function heldOf(editor: ShapeEditor, styleOf: StyleOf): readonly Held[] {
  const { held, draft } = editor;
  const found = [held && !held.item.hidden ? held : null, draft].filter((each) => each !== null);
  return found.map(({ shape, label, item, vertex }) => ({
    shape,
    vertex,
    style: styleOf(label),
    opacity: editor.lookOf(label).opacity,
    grips: item ? (item.locked || draft ? "none" : "all") : shape.form === "box" ? "none" : "vertices",
  }));
}
