/** The single-label classification task: a picture and one choice. */
import { PictureFrame } from "../frame.js";
import { words } from "../i18n.js";
import type { Action } from "../keys.js";
import { choiceOf } from "../work/answers.js";
import { swatch } from "./label-bar.js";
import { pictureView } from "./picture.js";
import { toolbar } from "./toolbar.js";
import type { BodyOptions, Kit, TaskBody } from "./view.js";

const ZOOM_STEP = 1.25;
const KEYS = 9;
let groups = 0;

export function classificationBody(kit: Kit, options: BodyOptions): TaskBody {
  const { h } = kit;
  const { task } = options;
  let choice = choiceOf(options.draft, task.categories);
  const frame = new PictureFrame(task.picture ?? { width: 1, height: 1 });
  const bar = toolbar(kit, false, (action) => act(action));
  const view = pictureView(kit, {
    task,
    frame,
    bitmap: options.bitmap,
    onZoom: () => showTools(),
  });
  const choose = (label: string) => {
    choice = label;
    radios.show(label);
    options.onDraft();
  };
  const radios = radioGroup(kit, task.categories, choice, choose);
  const showTools = () =>
    bar.show({
      tool: null,
      scale: frame.viewport.scale,
      canUndo: false,
      canRedo: false,
    });

  const act = (action: Action): boolean => {
    if (action.type === "help") options.onHelp();
    else if (action.type === "label") {
      const label = task.categories[action.index];
      if (label !== undefined) choose(label);
    } else if (MOVES[action.type]) {
      MOVES[action.type]?.(frame);
      view.moved();
    } else return view.act(action);
    return true;
  };

  return {
    side: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, words.labelPicture),
      radios.element,
    ]),
    main: h("div", { class: "gt-work" }, [bar.element, view.element]),
    list: null,
    focus: () => view.canvas.focus({ preventScroll: true }),
    act,
    answer: () =>
      choice === null
        ? { missing: words.askLabel }
        : { content: { [task.element]: { label: choice } } },
    draft: () => ({ label: choice }),
  };
}

const MOVES: { readonly [T in Action["type"]]?: (frame: PictureFrame) => void } = {
  "zoom-in": (frame) => frame.zoom(ZOOM_STEP),
  "zoom-out": (frame) => frame.zoom(1 / ZOOM_STEP),
  fit: (frame) => frame.fit(),
  actual: (frame) => frame.actualSize(),
};

function radioGroup(
  kit: Kit,
  categories: readonly string[],
  choice: string | null,
  onChoose: (label: string) => void,
) {
  const { h } = kit;
  const name = `gt-choice-${(groups += 1)}`;
  const inputs = categories.map((label) =>
    h("input", { type: "radio", name, value: label, checked: label === choice }, [], {
      change: () => onChoose(label),
    }),
  );
  const rows = inputs.map((input, index) =>
    h("label", { class: "gt-choice", "data-gt-label": categories[index] }, [
      input,
      h("span", { class: "gt-key", "aria-hidden": "true" }, index < KEYS ? index + 1 : "·"),
      swatch(kit, index),
      h("span", { class: "gt-label-name" }, categories[index]),
    ]),
  );
  const props = { class: "gt-choices", role: "radiogroup", "aria-label": words.labelPicture };
  return {
    element: h("div", props, rows),
    show(label: string) {
      for (const input of inputs) input.checked = input.value === label;
    },
  };
}
