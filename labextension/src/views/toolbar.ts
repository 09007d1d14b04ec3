/** The tools above the picture. */
import { words } from "../i18n.js";
import type { Action } from "../keys.js";
import { icon, type IconName } from "./icons.js";
import type { Kit } from "./view.js";

export interface ToolbarState {
  readonly tool: "box" | "select" | null;
  readonly scale: number;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly canRemove: boolean;
}
export interface Toolbar {
  readonly element: HTMLElement;
  readonly show: (state: ToolbarState) => void;
}

/** `drawing` false leaves the zoom buttons only. */
export function toolbar(
  kit: Kit,
  drawing: boolean,
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

  const draw = button("draw", words.draw, { type: "draw" });
  const select = button("select", words.select, { type: "select" });
  const add = button("add", words.addBox, { type: "add" });
  const undo = button("undo", words.undo, { type: "undo" });
  const redo = button("redo", words.redo, { type: "redo" });
  const remove = button("remove", words.remove, { type: "remove" });
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
  const parts = drawing
    ? [group(draw, select, add), group(undo, redo, remove), zoom]
    : [zoom];
  const props = { class: "gt-toolbar", role: "toolbar", "aria-label": words.tools };
  const element = h("div", props, [...parts, ...extra, h("span", { class: "gt-spring" }), help]);

  return {
    element,
    show(state) {
      draw.setAttribute("aria-pressed", String(state.tool === "box"));
      select.setAttribute("aria-pressed", String(state.tool === "select"));
      undo.disabled = !state.canUndo;
      redo.disabled = !state.canRedo;
      remove.disabled = !state.canRemove;
      actual.textContent = `${Math.round(state.scale * 100)}%`;
    },
  };
}
