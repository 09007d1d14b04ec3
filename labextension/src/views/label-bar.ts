/** The label categories as buttons, each with its key and its colour. */
import { words } from "../i18n.js";
import { colorOf } from "../render/palette.js";
import type { Kit } from "./view.js";

export interface LabelBar {
  readonly element: HTMLElement;
  readonly show: (label: string, relabels: boolean) => void;
}

/** Keys reach the first nine. */
const KEYS = 9;

export function labelBar(
  kit: Kit,
  categories: readonly string[],
  onChoose: (label: string) => void,
): LabelBar {
  const { h } = kit;
  const buttons = categories.map((label, index) =>
    h(
      "button",
      { class: "gt-label", type: "button", "data-gt-label": label },
      [
        h("span", { class: "gt-key", "aria-hidden": "true" }, index < KEYS ? index + 1 : "·"),
        swatch(kit, index),
        h("span", { class: "gt-label-name" }, label),
      ],
      { click: () => onChoose(label) },
    ),
  );
  const caption = h("p", { class: "gt-caption", "aria-live": "polite" }, words.labelNext);
  const bar = h("div", { class: "gt-labels", role: "toolbar", "aria-label": words.labels }, buttons);
  return {
    element: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, words.labels),
      bar,
      caption,
    ]),
    show(label, relabels) {
      caption.textContent = relabels ? words.labelSelected : words.labelNext;
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset["gtLabel"] === label));
      }
    },
  };
}

export function swatch(kit: Kit, classId: number): HTMLElement {
  const element = kit.h("span", { class: "gt-swatch", "aria-hidden": "true" });
  element.style.setProperty("background", colorOf(classId));
  return element;
}
