/** The bounding-box task: toolbar, picture, labels and the list of boxes around one editor. */
import { BoxEditor, type Change } from "../editor.js";
import { words } from "../i18n.js";
import type { Action } from "../keys.js";
import { drawingOf } from "../work/answers.js";
import { labelBar } from "./label-bar.js";
import { pictureView } from "./picture.js";
import { regionList } from "./region-list.js";
import { toolbar } from "./toolbar.js";
import type { BodyOptions, Kit, TaskBody } from "./view.js";

const ZOOM_STEP = 1.25;

export function boxBody(kit: Kit, options: BodyOptions): TaskBody {
  const { h } = kit;
  const { task } = options;
  const size = task.picture ?? { width: 1, height: 1 };
  const start = { drawing: drawingOf(options.draft, size, task.categories), label: options.lastLabel };
  const editor = new BoxEditor(size, task.categories, (change) => onChange(change), start);

  const checkbox = h("input", { type: "checkbox" }, [], {
    change: () => editor.setNothing(checkbox.checked),
  });
  const nothing = h("label", { class: "gt-nothing" }, [checkbox, words.nothing]);
  const bar = toolbar(kit, true, (action) => act(action), [nothing]);
  const labels = labelBar(kit, task.categories, (label) => editor.setLabel(label));
  const view = pictureView(kit, {
    task,
    frame: editor.frame,
    bitmap: options.bitmap,
    shapes: () => shapesOf(editor),
    onTool: (event) => editor.play(event),
    cursorAt: (at) => editor.cursorAt(at),
    onZoom: () => showTools(),
  });
  const regions = regionList(kit, size, task.categories, {
    choose: (index) => editor.choose(index),
    edit: () => view.canvas.focus({ preventScroll: true }),
  });

  const showTools = () =>
    bar.show({
      tool: editor.tool,
      scale: editor.frame.viewport.scale,
      canUndo: editor.history.past.length > 0,
      canRedo: editor.history.future.length > 0,
      canRemove: editor.selectedBox !== null,
    });
  const showAll = () => {
    showTools();
    const relabels = editor.relabels;
    labels.show(relabels ? (editor.selectedBox?.label ?? "") : editor.label, relabels);
    regions.show(editor.boxes, editor.selected);
    checkbox.checked = editor.drawing.nothing;
    checkbox.disabled = editor.boxes.length > 0;
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
    else if (action.type === "submit" || !edit(editor, action, event)) return false;
    if (VIEW_ACTIONS.has(action.type)) view.moved();
    return true;
  };

  showAll();
  return {
    side: labels.element,
    main: h("div", { class: "gt-work" }, [bar.element, view.element]),
    list: regions.element,
    focus: () => view.canvas.focus({ preventScroll: true }),
    act,
    answer: () => {
      const content = editor.answer();
      return content ? { content: { [task.element]: content.boundingBox } } : { missing: words.askNothing };
    },
    draft: () => ({ boxes: editor.boxes, nothing: editor.drawing.nothing }),
  };
}

const VIEW_ACTIONS: ReadonlySet<Action["type"]> = new Set(["zoom-in", "zoom-out", "fit", "actual"]);

/** What a key or a button does to the editor; false when it is none of its business. */
function edit(editor: BoxEditor, action: Action, event?: KeyboardEvent): boolean {
  switch (action.type) {
    case "label": {
      const label = editor.categories[action.index];
      if (label !== undefined) editor.setLabel(label);
      return label !== undefined;
    }
    case "nudge":
      editor.nudge(action.dx, action.dy, { resize: action.resize, merge: event?.repeat === true });
      return true;
    case "next":
    case "previous":
      editor.chooseNext(action.type === "next" ? 1 : -1);
      return true;
    default:
      SIMPLE[action.type]?.(editor);
      return action.type in SIMPLE;
  }
}

const SIMPLE: { readonly [T in Action["type"]]?: (editor: BoxEditor) => void } = {
  undo: (editor) => editor.undo(),
  redo: (editor) => editor.redo(),
  remove: (editor) => editor.remove(),
  escape: (editor) => editor.play({ type: "escape" }),
  draw: (editor) => editor.setTool("box"),
  select: (editor) => editor.setTool("select"),
  add: (editor) => editor.addBox(),
  nothing: (editor) => editor.setNothing(!editor.drawing.nothing),
  "zoom-in": (editor) => editor.frame.zoom(ZOOM_STEP),
  "zoom-out": (editor) => editor.frame.zoom(1 / ZOOM_STEP),
  fit: (editor) => editor.frame.fit(),
  actual: (editor) => editor.frame.actualSize(),
};

/** The box in hand goes to the top layer, all others to the one that is kept. */
function shapesOf(editor: BoxEditor) {
  const classOf = (label: string) => editor.categories.indexOf(label);
  const active = editor.active;
  const settled = editor.boxes
    .map((box) => ({ box, label: box.label, classId: classOf(box.label) }))
    .filter((_, index) => index !== active?.index);
  if (!active) return { settled, active: null };
  const { box, label, index } = active;
  return {
    settled,
    active: { shape: { box, label, classId: classOf(label) }, handles: index !== null },
  };
}
