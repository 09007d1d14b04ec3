/** What can be painted: labels, or instances of labels, each with its colour, share and an eye. */
import { maskWords as words } from "../mask-i18n.js";
import type { Layer, MaskEditor } from "../mask/editor.js";
import { icon } from "./icons.js";
import type { Kit } from "./view.js";

export interface MaskList {
  readonly element: HTMLElement;
  readonly show: (editor: MaskEditor) => void;
  /** Its label; in instance segmentation with a number. */
  readonly nameOf: (layer: Layer) => string;
}

export interface MaskListOptions {
  readonly instances: boolean;
  readonly onChoose: (layer: Layer) => void;
  readonly onToggle: (layer: Layer) => void;
}

/** Keys reach the first nine. */
const KEYS = 9;
const FULL = 100;

export function maskList(kit: Kit, options: MaskListOptions): MaskList {
  const { h, doc } = kit;
  const { instances } = options;
  const list = h("ul", { class: "gt-mask-list" });
  const empty = h("p", { class: "gt-caption" }, words.noInstances);
  let shown: readonly Layer[] = [];
  let rows: readonly ReturnType<typeof row>[] | null = null;

  const nameOf = (layer: Layer): string => {
    if (!instances) return layer.label;
    const alike = shown.filter(({ label }) => label === layer.label);
    return words.instanceOf(layer.label, alike.findIndex(({ value }) => value === layer.value) + 1);
  };
  const row = (layer: Layer, index: number) => {
    const name = nameOf(layer);
    const swatch = h("span", { class: "gt-swatch", "aria-hidden": "true" });
    swatch.style.setProperty("background", layer.color);
    const share = h("span", { class: "gt-reading" });
    const choose = h(
      "button",
      { class: "gt-label", type: "button", "data-gt-label": layer.label },
      [!instances && keyCap(kit, index), swatch, h("span", { class: "gt-label-name" }, name), share],
      { click: () => options.onChoose(layer) },
    );
    const title = words.show(name);
    const eye = h("button", { class: "gt-tool gt-eye", type: "button", title, "aria-label": title }, [], {
      click: () => options.onToggle(layer),
    });
    return { layer, element: h("li", {}, [choose, eye]), choose, eye, share };
  };

  return {
    element: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, instances ? words.instances : words.labels),
      list,
      instances && empty,
    ]),
    nameOf,
    show(editor) {
      if (shown !== editor.layers || !rows) {
        shown = editor.layers;
        rows = shown.map(row);
        list.replaceChildren(...rows.map(({ element }) => element));
      }
      list.hidden = rows.length === 0;
      empty.hidden = rows.length > 0;
      const { counts, data } = editor.map;
      for (const { layer, choose, eye, share } of rows) {
        const painted = ((counts[layer.value] ?? 0) / data.length) * FULL;
        const visible = !editor.hidden.has(layer.value);
        choose.setAttribute("aria-pressed", String(layer.value === editor.chosen));
        if (eye.getAttribute("aria-pressed") !== String(visible)) {
          eye.setAttribute("aria-pressed", String(visible));
          eye.replaceChildren(icon(doc, visible ? "eye" : "eyeOff"));
        }
        share.textContent = painted > 0 ? words.share(painted) : "";
      }
    },
  };
}

export interface LabelChooser {
  readonly element: HTMLElement;
  readonly show: (label: string) => void;
}

/** The label of the next instance; without colours, since those tell instances apart. */
export function labelChooser(
  kit: Kit,
  categories: readonly string[],
  onChoose: (label: string) => void,
): LabelChooser {
  const { h } = kit;
  const buttons = categories.map((label, index) =>
    h(
      "button",
      { class: "gt-label", type: "button", "data-gt-label": label },
      [keyCap(kit, index), h("span", { class: "gt-label-name" }, label)],
      { click: () => onChoose(label) },
    ),
  );
  return {
    element: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, words.labels),
      h("div", { class: "gt-labels", role: "group", "aria-label": words.labels }, buttons),
      h("p", { class: "gt-caption" }, words.chooseLabel),
    ]),
    show(label) {
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset["gtLabel"] === label));
      }
    },
  };
}

const keyCap = ({ h }: Kit, index: number): HTMLElement =>
  h("span", { class: "gt-key", "aria-hidden": "true" }, index < KEYS ? index + 1 : "·");
