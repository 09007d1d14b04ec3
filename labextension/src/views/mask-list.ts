/** What can be painted: labels, or instances of labels, each with its colour, share and an eye. */
import { maskWords as words } from "../mask-i18n.js";
import type { Layer, MaskEditor } from "../mask/editor.js";
import { icon } from "./icons.js";
import type { Kit } from "./view.js";

export interface MaskList {
  readonly element: HTMLElement;
  readonly show: (editor: MaskEditor) => void;
}

export interface MaskListOptions {
  readonly title: string;
  readonly empty: string;
  readonly onChoose: (layer: Layer) => void;
  readonly onToggle: (layer: Layer) => void;
  /** How a layer is called: its label, with a number where there are several. */
  readonly nameOf: (layer: Layer, all: readonly Layer[]) => string;
  /** Whether keys 1 to 9 choose from this list. */
  readonly keyed: boolean;
}

const KEYS = 9;
const FULL = 100;

export function maskList(kit: Kit, options: MaskListOptions): MaskList {
  const { h, doc } = kit;
  const list = h("ul", { class: "gt-mask-list" });
  const empty = h("p", { class: "gt-caption" }, options.empty);
  let shown: readonly Layer[] | null = null;
  let rows: readonly ReturnType<typeof row>[] = [];

  const row = (layer: Layer, index: number, all: readonly Layer[]) => {
    const name = options.nameOf(layer, all);
    const swatch = h("span", { class: "gt-swatch", "aria-hidden": "true" });
    swatch.style.setProperty("background", layer.color);
    const share = h("span", { class: "gt-reading" });
    const key = options.keyed && h("span", { class: "gt-key", "aria-hidden": "true" }, index < KEYS ? index + 1 : "·");
    const choose = h(
      "button",
      { class: "gt-label", type: "button", "data-gt-label": layer.label, "data-gt-value": layer.value },
      [key, swatch, h("span", { class: "gt-label-name" }, name), share],
      { click: () => options.onChoose(layer) },
    );
    const title = words.show(name);
    const eye = h(
      "button",
      { class: "gt-tool gt-eye", type: "button", title, "aria-label": title },
      [icon(doc, "eye")],
      { click: () => options.onToggle(layer) },
    );
    return { layer, element: h("li", {}, [choose, eye]), choose, eye, share };
  };

  return {
    element: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, options.title),
      list,
      empty,
    ]),
    show(editor) {
      if (shown !== editor.layers) {
        shown = editor.layers;
        rows = shown.map(row);
        list.replaceChildren(...rows.map(({ element }) => element));
      }
      empty.hidden = rows.length > 0;
      const { counts, data } = editor.map;
      for (const { layer, choose, eye, share } of rows) {
        const painted = ((counts[layer.value] ?? 0) / data.length) * FULL;
        choose.setAttribute("aria-pressed", String(layer.value === editor.chosen));
        eye.setAttribute("aria-pressed", String(!editor.hidden.has(layer.value)));
        share.textContent = painted > 0 ? words.share(painted) : "";
      }
    },
  };
}
