/** The label categories as buttons, each with its key and its colour, and how each is shown. */
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { eyeButton, panel, setPressed } from "./controls.js";
import { labelButton, numberKey } from "./label-list.js";
import { searchBox } from "./search.js";
import type { Kit } from "./view.js";

export interface LabelBar {
  readonly element: HTMLElement;
  readonly show: (label: string, relabels: boolean) => void;
  readonly search: () => boolean;
}
export interface Looks {
  readonly lookOf: (label: string) => { readonly hidden: boolean; readonly opacity: number };
  readonly setLook: (
    label: string,
    look: { readonly hidden?: boolean; readonly opacity?: number },
  ) => void;
  /** Back from the search field to the picture. */
  readonly onLeave: () => void;
}

export function labelBar(
  kit: Kit,
  labels: Task["labels"],
  onChoose: (label: string) => void,
  looks: Looks,
): LabelBar {
  const { h } = kit;
  const rows = labels.map((each, index) => {
    const { label } = each;
    const button = labelButton(kit, each, numberKey(index), onChoose);
    const eye = eyeButton(kit, words.showLabel(label), () =>
      looks.setLook(label, { hidden: !looks.lookOf(label).hidden }),
    );
    const element = h("div", { class: "gt-label-row" }, [button, eye.element]);
    return { label, button, eye, element, text: label, take: () => onChoose(label) };
  });
  const caption = h("p", { class: "gt-caption", "aria-live": "polite" }, words.labelNext);
  const search = searchBox(kit, rows, looks.onLeave);
  const bar = h(
    "div",
    { class: "gt-labels", role: "toolbar", "aria-label": words.labels },
    rows.map(({ element }) => element),
  );
  const slider = opacitySlider(kit, looks);
  return {
    element: panel(kit, words.labels, [search.element, bar, caption, slider.element]),
    search: search.focus,
    show(label, relabels) {
      caption.textContent = relabels ? words.labelSelected : words.labelNext;
      for (const row of rows) {
        setPressed(row.button, row.label === label);
        row.eye.show(!looks.lookOf(row.label).hidden);
      }
      slider.show(label);
    },
  };
}

function opacitySlider(kit: Kit, looks: Looks) {
  let of = "";
  const input = kit.h("input", { type: "range", min: 10, max: 100, value: 100 }, [], {
    input: () => looks.setLook(of, { opacity: Number(input.value) / 100 }),
  });
  const name = kit.h("span");
  const element = kit.h("label", { class: "gt-field gt-opacity" }, [name, input]);
  const show = (label: string) => {
    of = label;
    name.textContent = words.opacityOf(label);
    const value = String(Math.round(looks.lookOf(label).opacity * 100));
    if (input.value !== value) input.value = value;
  };
  return { element, show };
}
