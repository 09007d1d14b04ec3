/** The tools above a mask, and the settings of the one in hand. */
import { maskWords as words } from "../mask-i18n.js";
import { MAX_BRUSH, type MaskEditor, type MaskTool } from "../mask/editor.js";
import { icon, type IconName } from "./icons.js";
import type { Kit } from "./view.js";

export interface MaskTools {
  readonly element: HTMLElement;
  readonly show: (editor: MaskEditor, scale: number) => void;
}

export interface MaskToolActions {
  readonly editor: () => MaskEditor | null;
  readonly opacity: (share: number) => void;
  readonly view: (action: "zoom-in" | "zoom-out" | "fit" | "actual") => void;
  readonly help: () => void;
  /** Hints that the engine takes; none without an engine that proposes. */
  readonly hints: readonly string[];
}

const TOOLS: readonly (readonly [MaskTool, IconName, string])[] = [
  ["brush", "brush", words.brush],
  ["eraser", "eraser", words.eraser],
  ["lasso", "lasso", words.lasso],
  ["fill", "fill", words.fill],
  ["hint", "wand", words.hint],
];
const FULL = 100;

export function maskTools(kit: Kit, actions: MaskToolActions): MaskTools {
  const { h, doc } = kit;
  const button = (name: IconName, title: string, press: () => void) =>
    h("button", { class: "gt-tool", type: "button", title, "aria-label": title }, [icon(doc, name)], {
      click: press,
    });
  const group = (...children: HTMLElement[]) => h("div", { class: "gt-tools" }, children);
  const on = (go: (editor: MaskEditor) => void) => () => {
    const editor = actions.editor();
    if (editor) go(editor);
  };

  const tools = TOOLS.filter(([tool]) => tool !== "hint" || actions.hints.length > 0).map(
    ([tool, name, title]) => [tool, button(name, title, on((editor) => editor.setTool(tool)))] as const,
  );
  const undo = button("undo", words.undo, on((editor) => editor.undo()));
  const redo = button("redo", words.redo, on((editor) => editor.redo()));
  const respect = button(
    "shield",
    words.respect,
    on((editor) => editor.setRespect(!editor.respect)),
  );
  const actual = h(
    "button",
    { class: "gt-tool gt-zoom", type: "button", title: words.actual, "aria-label": words.actual },
    "100%",
    { click: () => actions.view("actual") },
  );
  const size = slider(kit, words.size, [1, MAX_BRUSH ** 0.5], 0.1, (root) =>
    on((editor) => editor.setBrush(root ** 2))(),
  );
  const tolerance = slider(kit, words.tolerance, [0, 255], 1, (value) =>
    on((editor) => editor.setTolerance(value))(),
  );
  const opacity = slider(kit, words.opacity, [10, FULL], 5, (value) => {
    opacity.set(value, `${value}%`);
    actions.opacity(value / FULL);
  });
  opacity.set(60, "60%");
  const clicks = h("input", { type: "checkbox" }, [], {
    change: on((editor) => {
      editor.clicks = clicks.checked;
      editor.setTool("hint");
    }),
  });
  const clickHint = h("label", { class: "gt-nothing" }, [clicks, words.clickHint]);
  const tip = h("span", { class: "gt-caption gt-tip" });
  const zoom = group(
    button("zoomOut", words.zoomOut, () => actions.view("zoom-out")),
    actual,
    button("zoomIn", words.zoomIn, () => actions.view("zoom-in")),
    button("fit", words.fit, () => actions.view("fit")),
  );
  const props = { class: "gt-toolbar", role: "toolbar", "aria-label": words.tools };
  const element = h("div", {}, [
    h("div", props, [
      group(...tools.map(([, made]) => made)),
      group(respect),
      group(undo, redo),
      zoom,
      h("span", { class: "gt-spring" }),
      button("keyboard", words.shortcuts, actions.help),
    ]),
    h("div", { class: "gt-toolbar gt-settings", role: "group", "aria-label": words.settings }, [
      size.element,
      tolerance.element,
      clickHint,
      tip,
      opacity.element,
    ]),
  ]);
  return {
    element,
    show(editor, scale) {
      for (const [tool, made] of tools) made.setAttribute("aria-pressed", String(tool === editor.tool));
      respect.setAttribute("aria-pressed", String(editor.respect));
      undo.disabled = editor.past.length === 0 && editor.lasso.points.length === 0;
      redo.disabled = editor.future.length === 0;
      const painting = editor.tool === "brush" || editor.tool === "eraser";
      size.element.hidden = !painting;
      size.set(editor.brush ** 0.5, words.pixels(editor.brush));
      tolerance.element.hidden = editor.tool !== "fill";
      tolerance.set(editor.tolerance, String(editor.tolerance));
      clickHint.hidden = editor.tool !== "hint" || !actions.hints.includes("clicks");
      tip.textContent = tip.title = TIPS[editor.tool];
      actual.textContent = `${Math.round(scale * FULL)}%`;
    },
  };
}

const TIPS: Readonly<Record<MaskTool, string>> = {
  brush: "",
  eraser: "",
  lasso: words.lassoTip,
  fill: "",
  hint: words.hintTip,
};

function slider(
  kit: Kit,
  name: string,
  [low, high]: readonly [number, number],
  step: number,
  onInput: (value: number) => void,
) {
  const { h } = kit;
  const input = h(
    "input",
    { type: "range", min: low, max: high, step, "aria-label": name },
    [],
    { input: () => onInput(Number(input.value)) },
  );
  const shown = h("output", { class: "gt-reading" });
  return {
    element: h("label", { class: "gt-slider" }, [h("span", {}, name), input, shown]),
    set(value: number, text: string) {
      input.value = String(value);
      input.setAttribute("aria-valuetext", text);
      shown.textContent = text;
    },
  };
}
