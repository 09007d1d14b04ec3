/** The tools above the picture. */
import type { Form } from "../geometry/shape.js";
import { words } from "../i18n.js";
import type { Action } from "../keys.js";
import { icon, type IconName } from "./icons.js";
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

/** Without a form to draw it has the zoom buttons only. */
export function toolbar(
  kit: Kit,
  form: Form | false,
  onAction: (action: Action) => void,
  extra: readonly HTMLElement[] = [],
): Toolbar {
  const { h, doc } = kit;
  const button = (name: IconName, title: string, action: Action) =>
    h(
      "button",
      { class: "gt-tool", type: "button", title, "aria-label": title },
      [icon(doc, name)],
      { click: () => onAction(action) },
    );
  const group = (...children: HTMLElement[]) => h("div", { class: "gt-tools" }, children);

  const names = words.forms[form || "box"];
  const draw = button(form || "box", names.draw, { type: "draw" });
  const select = button("select", words.select, { type: "select" });
  const add = button("add", names.add, { type: "add" });
  const undo = button("undo", words.undo, { type: "undo" });
  const redo = button("redo", words.redo, { type: "redo" });
  const remove = button("remove", words.remove, { type: "remove" });
  const lock = button("lock", words.lock, { type: "lock" });
  const hide = button("hidden", words.hide, { type: "hide" });
  const ofSelected = [
    button("duplicate", words.duplicate, { type: "duplicate" }),
    button("raise", words.raise, { type: "raise" }),
    button("lower", words.lower, { type: "lower" }),
    lock,
    hide,
  ];
  const actual = h(
    "button",
    { class: "gt-tool gt-zoom", type: "button", title: words.actual }, // its name is what it says
    "100%",
    { click: () => onAction({ type: "actual" }) },
  );
  const zoom = group(
    button("zoomOut", words.zoomOut, { type: "zoom-out" }),
    actual,
    button("zoomIn", words.zoomIn, { type: "zoom-in" }),
    button("fit", words.fit, { type: "fit" }),
  );
  const help = button("keyboard", words.shortcuts, { type: "help" });
  const parts = form
    ? [group(draw, select, add), group(undo, redo), group(...ofSelected, remove), zoom]
    : [zoom];
  const props = { class: "gt-toolbar", role: "toolbar", "aria-label": words.tools };
  const element = h("div", props, [...parts, ...extra, h("span", { class: "gt-spring" }), help]);

  return {
    element,
    show({ tool, scale, canUndo, canRedo, selected = false, locked = false, hidden = false }) {
      draw.setAttribute("aria-pressed", String(tool === "draw"));
      select.setAttribute("aria-pressed", String(tool === "select"));
      undo.disabled = !canUndo;
      redo.disabled = !canRedo;
      for (const each of ofSelected) each.disabled = !selected;
      remove.disabled = !selected || locked;
      lock.setAttribute("aria-pressed", String(locked));
      hide.setAttribute("aria-pressed", String(hidden));
      actual.textContent = `${Math.round(scale * 100)}%`;
    },
  };
}
