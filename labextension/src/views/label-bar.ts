/** The label categories as buttons, each with its key and its colour, and how each is shown. */
import { words } from "../i18n.js";
import { colorOf } from "../render/palette.js";
import { icon } from "./icons.js";
import type { Kit } from "./view.js";

export interface LabelBar {
  readonly element: HTMLElement;
  readonly show: (label: string, relabels: boolean) => void;
}
export interface Looks {
  readonly lookOf: (label: string) => { readonly hidden: boolean; readonly opacity: number };
  readonly setLook: (
    label: string,
    look: { readonly hidden?: boolean; readonly opacity?: number },
  ) => void;
}
type Category = string | { readonly label: string; readonly color: string };

/** Keys reach the first nine. */
const KEYS = 9;

export function labelBar(
  kit: Kit,
  categories: readonly Category[],
  onChoose: (label: string) => void,
  looks?: Looks,
): LabelBar {
  const { h } = kit;
  const rows = categories.map((category, index) => {
    const label = typeof category === "string" ? category : category.label;
    const button = h(
      "button",
      { class: "gt-label", type: "button", "data-gt-label": label },
      [
        h("span", { class: "gt-key", "aria-hidden": "true" }, index < KEYS ? index + 1 : "·"),
        swatch(kit, typeof category === "string" ? index : category.color),
        h("span", { class: "gt-label-name" }, label),
      ],
      { click: () => onChoose(label) },
    );
    const eye = looks && eyeButton(kit, label, looks);
    return { label, button, eye, row: h("div", { class: "gt-label-row" }, [button, eye?.element]) };
  });
  const caption = h("p", { class: "gt-caption", "aria-live": "polite" }, words.labelNext);
  const bar = h(
    "div",
    { class: "gt-labels", role: "toolbar", "aria-label": words.labels },
    rows.map(({ row }) => row),
  );
  const slider = looks && opacitySlider(kit, looks);
  return {
    element: h("section", { class: "gt-panel" }, [
      h("h4", { class: "gt-heading" }, words.labels),
      bar,
      caption,
      slider?.element,
    ]),
    show(label, relabels) {
      caption.textContent = relabels ? words.labelSelected : words.labelNext;
      for (const row of rows) {
        row.button.setAttribute("aria-pressed", String(row.label === label));
        row.eye?.show();
      }
      slider?.show(label);
    },
  };
}

/** Shows or hides everything of one label. */
function eyeButton(kit: Kit, label: string, looks: Looks) {
  const title = words.showLabel(label);
  const element = kit.h(
    "button",
    { class: "gt-eye", type: "button", title, "aria-label": title },
    [],
    { click: () => looks.setLook(label, { hidden: !looks.lookOf(label).hidden }) },
  );
  let shown: boolean | null = null;
  const show = () => {
    const now = !looks.lookOf(label).hidden;
    if (now === shown) return;
    shown = now;
    element.setAttribute("aria-pressed", String(now));
    element.replaceChildren(icon(kit.doc, now ? "shown" : "hidden"));
  };
  return { element, show };
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

/** A patch of colour: of a class by its number, or a colour of the task. */
export function swatch(kit: Kit, color: number | string): HTMLElement {
  const element = kit.h("span", { class: "gt-swatch", "aria-hidden": "true" });
  element.style.setProperty("background", typeof color === "string" ? color : colorOf(color));
  return element;
}
