/** The labels to mark with, as buttons with their keys and colours. */
import { words } from "../i18n.js";
import { labelKey } from "../label-keys.js";
import type { Task } from "../protocol.js";
import { swatch } from "./label-bar.js";
import { searchBox } from "./search.js";
import type { Kit } from "./view.js";

export interface LabelList {
  readonly element: HTMLElement;
  readonly show: (pressed: string | null, caption: string) => void;
  readonly search: () => boolean;
}

export function labelList(
  kit: Kit,
  labels: Task["labels"],
  onChoose: (label: string) => void,
  onLeave: () => void,
): LabelList {
  const { h } = kit;
  const buttons = labels.map((each, index) => labelButton(kit, each, index, onChoose));
  const rows = labels.map(({ label }, index) => ({
    text: label,
    element: buttons[index] as HTMLElement,
    take: () => onChoose(label),
  }));
  const search = searchBox(kit, rows, onLeave);
  const caption = h("p", { class: "gt-caption", "aria-live": "polite" });
  const props = { class: "gt-labels", role: "toolbar", "aria-label": words.labels };
  return {
    element: h("section", { class: "gt-panel gt-choosing" }, [
      h("h4", { class: "gt-heading" }, words.labels),
      caption,
      search.element,
      h("div", props, buttons),
    ]),
    show(pressed, said) {
      caption.textContent = said;
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset["gtLabel"] === pressed));
      }
    },
    search: search.focus,
  };
}

export function labelButton(
  kit: Kit,
  { label, color }: Task["labels"][number],
  index: number,
  onChoose: (label: string) => void,
): HTMLButtonElement {
  const { h } = kit;
  const parts = [
    h("span", { class: "gt-key", "aria-hidden": "true" }, labelKey(index)),
    swatch(kit, color),
    h("span", { class: "gt-label-name", dir: "auto" }, label),
  ];
  const props = { class: "gt-label", type: "button", "data-gt-label": label };
  return h("button", props, parts, { click: () => onChoose(label) });
}
