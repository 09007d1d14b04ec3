/** The tools above the picture. */
import type { Form } from "../geometry/shape.js";
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { setPressed, toolButton, toolGroup, toolRow, zoomTools } from "./controls.js";
import type { IconName } from "./icons.js";
import type { Kit } from "./view.js";

export interface ToolbarState {
  readonly tool: "draw" | "select" | null;
  readonly scale: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly selected?: boolean;
  readonly locked?: boolean;
  readonly hidden?: boolean;
}
export interface Toolbar {
  readonly element: HTMLElement;
  readonly show: (state: ToolbarState) => void;
}
type Plain = Exclude<Action["type"], "label" | "nudge">;

/** Without a form to draw it has the zoom buttons only. */
export function toolbar(kit: Kit, form: Form | false, onAction: (action: Action) => void): Toolbar {
  const button = (name: IconName, title: string, type: Plain) =>
    toolButton(kit, name, title, () => onAction({ type }));
  const names = words.forms[form || "box"];
  const draw = button(form || "box", names.draw, "draw");
  const select = button("select", words.select, "select");
  const add = button("add", names.add, "add");
  const undo = button("undo", words.undo, "undo");
  const redo = button("redo", words.redo, "redo");
  const remove = button("remove", words.remove, "remove");
  const lock = button("lock", words.lock, "lock");
  const hide = button("hidden", words.hide, "hide");
  const ofSelected = [
    button("duplicate", words.duplicate, "duplicate"),
    button("raise", words.raise, "raise"),
    button("lower", words.lower, "lower"),
    lock,
    hide,
  ];
  const zoom = zoomTools(kit, onAction);
  const drawing = [[draw, select, add], [undo, redo], [...ofSelected, remove]].map((tools) =>
    toolGroup(kit, ...tools),
  );
  const parts = form ? [...drawing, zoom.element] : [zoom.element];

  return {
    element: toolRow(kit, parts, () => onAction({ type: "help" })),
    show({ tool, scale, canUndo, canRedo, selected = false, locked = false, hidden = false }) {
      setPressed(draw, tool === "draw");
      setPressed(select, tool === "select");
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      for (const each of ofSelected) each.disabled = !selected;
      remove.disabled = !selected || locked;
      setPressed(lock, locked);
      setPressed(hide, hidden);
      zoom.show(scale);
    },
  };
}
