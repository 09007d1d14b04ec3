/** The boxes as a list box: all that the canvas shows, for ears and for keys alone. */
import { toPixels, type Size } from "../geometry/box.js";
import { words } from "../i18n.js";
import type { LabeledBox } from "../store.js";
import { swatch } from "./label-bar.js";
import type { Kit } from "./view.js";

export interface RegionList {
  readonly element: HTMLElement;
  readonly show: (boxes: readonly LabeledBox[], selected: number | null) => void;
}

export interface RegionActions {
  readonly choose: (index: number) => void;
  /** Enter: go on with the chosen box on the picture. */
  readonly edit: () => void;
}

let lists = 0;

export function regionList(
  kit: Kit,
  picture: Size,
  categories: readonly string[],
  actions: RegionActions,
): RegionList {
  const { h } = kit;
  const id = `gt-regions-${(lists += 1)}`;
  let chosen: number | null = null;
  let length = 0;

  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && length > 0) {
      event.preventDefault();
      const from = chosen ?? (step > 0 ? -1 : length);
      actions.choose(Math.min(Math.max(from + step, 0), length - 1));
    } else if (event.key === "Enter" && chosen !== null) {
      event.preventDefault();
      actions.edit();
    }
  };
  const props = { class: "gt-regions", role: "listbox", tabindex: 0, "aria-label": words.boxes };
  const listbox = h("ul", props, [], { keydown: onKey });
  const empty = h("p", { class: "gt-caption" }, words.noBoxes);
  const heading = h("h4", { class: "gt-heading" }, words.boxes);
  const option = (box: LabeledBox, index: number, selected: number | null) =>
    h(
      "li",
      { id: `${id}-${index}`, role: "option", "aria-selected": String(index === selected) },
      [
        swatch(kit, categories.indexOf(box.label)),
        h("span", {}, words.boxOption(box.label, toPixels(box, picture))),
      ],
      { click: () => actions.choose(index) },
    );

  return {
    element: h("section", { class: "gt-panel gt-region-panel" }, [heading, listbox, empty]),
    show(boxes, selected) {
      chosen = selected;
      length = boxes.length;
      heading.textContent = length > 0 ? `${words.boxes} (${length})` : words.boxes;
      empty.hidden = length > 0;
      listbox.hidden = length === 0;
      const options = boxes.map((box, index) => option(box, index, selected));
      listbox.replaceChildren(...options);
      if (selected === null) listbox.removeAttribute("aria-activedescendant");
      else listbox.setAttribute("aria-activedescendant", `${id}-${selected}`);
      const current = selected === null ? undefined : options[selected];
      if (current) listbox.scrollTop = Math.max(current.offsetTop - listbox.clientHeight / 2, 0);
    },
  };
}
