/** The tools above a mask, and the settings of the one in hand. */
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { MAX_BRUSH, type MaskEditor, type MaskTool } from "../mask/editor.js";
import { setPressed, tick, toolButton, toolGroup, toolRow, zoomTools } from "./controls.js";
import type { IconName } from "./icons.js";
import type { Kit } from "./view.js";

export interface MaskTools {
  readonly element: HTMLElement;
  readonly show: (editor: MaskEditor, scale: number) => void;
}

export interface MaskToolActions {
  readonly editor: () => MaskEditor | null;
  readonly opacity: (share: number) => void;
  readonly act: (action: Action) => void;
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
  const { h } = kit;
  type Go = (editor: MaskEditor) => void;
  const on = (go: Go): void => {
    const editor = actions.editor();
    if (editor) go(editor);
  };
  const button = (name: IconName, title: string, go: Go) => toolButton(kit, name, title, () => on(go));

  const tools = TOOLS.filter(([tool]) => tool !== "hint" || actions.hints.length > 0).map(
    ([tool, name, title]) => [tool, button(name, title, (editor) => editor.setTool(tool))] as const,
  );
  const undo = button("undo", words.undo, (editor) => editor.undo());
  const redo = button("redo", words.redo, (editor) => editor.redo());
  const respect = button("shield", words.respect, (editor) => editor.setRespect(!editor.respect));
  const size = slider(kit, words.size, [1, MAX_BRUSH ** 0.5], 0.1, (root) =>
    on((editor) => editor.setBrush(root ** 2)),
  );
  const tolerance = slider(kit, words.tolerance, [0, 255], 1, (value) =>
    on((editor) => editor.setTolerance(value)),
  );
  const opacity = slider(kit, words.opacity, [10, FULL], 5, (value) => {
    opacity.set(value, `${value}%`);
    actions.opacity(value / FULL);
  });
  opacity.set(60, "60%");
  const clicks = tick(kit, words.clickHint, (checked) =>
    on((editor) => {
      editor.clicks = checked;
      editor.setTool("hint");
    }),
  );
  const tip = h("span", { class: "gt-caption gt-tip" });
  const zoom = zoomTools(kit, actions.act);
  const groups = [
    toolGroup(kit, ...tools.map(([, made]) => made)),
    toolGroup(kit, respect),
    toolGroup(kit, undo, redo),
    zoom.element,
  ];
  const settings = { class: "gt-toolbar gt-settings", role: "group", "aria-label": words.settings };
  const element = h("div", {}, [
    toolRow(kit, groups, () => actions.act({ type: "help" })),
    h("div", settings, [size.element, tolerance.element, clicks.element, tip, opacity.element]),
  ]);
  return {
    element,
    show(editor, scale) {
      for (const [tool, made] of tools) setPressed(made, tool === editor.tool);
      setPressed(respect, editor.respect);
      undo.disabled = editor.past.length === 0 && editor.lasso.points.length === 0;
      redo.disabled = editor.future.length === 0;
      const painting = editor.tool === "brush" || editor.tool === "eraser";
      size.element.hidden = !painting;
      size.set(editor.brush ** 0.5, words.pixels(editor.brush));
      tolerance.element.hidden = editor.tool !== "fill";
      tolerance.set(editor.tolerance, String(editor.tolerance));
      clicks.element.hidden = editor.tool !== "hint" || !actions.hints.includes("clicks");
      tip.textContent = tip.title = TIPS[editor.tool];
      zoom.show(scale);
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
  const shown = h("output", { class: "gt-figure" });
  return {
    element: h("label", { class: "gt-slider" }, [h("span", {}, name), input, shown]),
    set(value: number, text: string) {
      input.value = String(value);
      input.setAttribute("aria-valuetext", text);
      shown.textContent = text;
    },
  };
}
