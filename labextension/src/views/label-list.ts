/** The labels to mark with, as buttons with their keys and colours. */
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { colorOf } from "../render/palette.js";
import { keyCap, panel, setPressed } from "./controls.js";
import { searchBox } from "./search.js";
import type { Kit } from "./view.js";

export interface LabelList {
  readonly element: HTMLElement;
  readonly show: (pressed: string | null, caption: string) => void;
  readonly search: () => boolean;
}
/** A colour of null: no patch of colour. */
type Label = Pick<Task["labels"][number], "label"> & { readonly color: string | null };

export function labelList(
  kit: Kit,
  labels: readonly Label[],
  keyOf: (index: number) => string,
  onChoose: (label: string) => void,
  onLeave: () => void,
): LabelList {
  const { h } = kit;
  const rows = labels.map((each, index) => ({
    text: each.label,
    element: labelButton(kit, each, keyOf(index), onChoose),
    take: () => onChoose(each.label),
  }));
  const search = searchBox(kit, rows, onLeave);
  const caption = h("p", { class: "gt-caption", "aria-live": "polite" });
  const props = { class: "gt-labels", role: "toolbar", "aria-label": words.labels };
  const list = h("div", props, rows.map(({ element }) => element));
  return {
    element: panel(kit, words.labels, [caption, search.element, list]),
    show(pressed, said) {
      caption.textContent = said;
      for (const { text, element } of rows) setPressed(element, text === pressed);
    },
    search: search.focus,
  };
}

export function labelButton(
  kit: Kit,
  { label, color }: Label,
  key: string | null,
  onChoose: (label: string) => void,
  name = label,
): HTMLButtonElement {
  const { h } = kit;
  const parts = [
    key !== null && keyCap(kit, key),
    color !== null && swatch(kit, color),
    h("span", { class: "gt-label-name", dir: "auto" }, name),
  ];
  const props = { class: "gt-label", type: "button", "data-gt-label": label };
  return h("button", props, parts, { click: () => onChoose(label) });
}

/** Where letters are tools, keys reach the first nine labels. */
export const numberKey = (index: number): string => (index < 9 ? String(index + 1) : "·");

/** A patch of colour: of a class by its number, or a colour of the task. */
export function swatch(kit: Kit, color: number | string): HTMLElement {
  const element = kit.h("span", { class: "gt-swatch", "aria-hidden": "true" });
  element.style.setProperty("background", typeof color === "string" ? color : colorOf(color));
  return element;
}
