/** What can be painted: labels, or instances of labels, each with its colour, share and an eye. */
import * as words from "../i18n.js";
import type { Layer, MaskEditor } from "../mask/editor.js";
import { eyeButton, panel, setPressed } from "./controls.js";
import { labelButton, numberKey } from "./label-list.js";
import { searchBox } from "./search.js";
import type { Kit } from "./view.js";

export interface MaskList {
  readonly element: HTMLElement;
  readonly show: (editor: MaskEditor) => void;
  /** Its label; in instance segmentation with a number. */
  readonly nameOf: (layer: Layer) => string;
  readonly search: () => boolean;
}

export interface MaskListOptions {
  readonly instances: boolean;
  readonly onChoose: (layer: Layer) => void;
  readonly onToggle: (layer: Layer) => void;
  readonly onLeave: () => void;
}

const FULL = 100;

export function maskList(kit: Kit, options: MaskListOptions): MaskList {
  const { h } = kit;
  const { instances } = options;
  const list = h("ul", { class: "gt-mask-list" });
  const field = h("div");
  const empty = h("p", { class: "gt-caption" }, words.noInstances);
  let shown: readonly Layer[] = [];
  let rows: readonly ReturnType<typeof row>[] | null = null;
  let search = () => false;

  const nameOf = (layer: Layer): string => {
    if (!instances) return layer.label;
    const alike = shown.filter(({ label }) => label === layer.label);
    return words.instanceOf(layer.label, alike.findIndex(({ value }) => value === layer.value) + 1);
  };
  const row = (layer: Layer, index: number) => {
    const name = nameOf(layer);
    const take = () => options.onChoose(layer);
    const choose = labelButton(kit, layer, instances ? null : numberKey(index), take, name);
    const share = h("span", { class: "gt-figure" });
    choose.append(share);
    const eye = eyeButton(kit, words.showLabel(name), () => options.onToggle(layer));
    const element = h("li", { class: "gt-label-row" }, [choose, eye.element]);
    return { layer, element, choose, eye, share, take, text: name };
  };
  const fill = (layers: readonly Layer[]) => {
    shown = layers;
    rows = shown.map(row);
    list.replaceChildren(...rows.map(({ element }) => element));
    const found = searchBox(kit, rows, options.onLeave);
    field.replaceChildren(...(found.element ? [found.element] : []));
    search = found.focus;
  };

  return {
    element: panel(kit, instances ? words.instances : words.labels, [field, list, instances && empty]),
    nameOf,
    search: () => search(),
    show(editor) {
      if (shown !== editor.layers || !rows) fill(editor.layers);
      list.hidden = shown.length === 0;
      empty.hidden = shown.length > 0;
      const { counts, data } = editor.map;
      for (const { layer, choose, eye, share } of rows ?? []) {
        const painted = ((counts[layer.value] ?? 0) / data.length) * FULL;
        setPressed(choose, layer.value === editor.chosen);
        eye.show(!editor.hidden.has(layer.value));
        share.textContent = painted > 0 ? words.share(painted) : "";
      }
    },
  };
}
