/** What is drawn as a list box: all that the canvas shows, for ears and for keys alone. */
import type { Form, Shape } from "../geometry/shape.js";
import { words } from "../i18n.js";
import type { StyleOf } from "../render/style.js";
import type { Item } from "../store.js";
import { icon } from "./icons.js";
import { swatch } from "./label-bar.js";
import type { Kit } from "./view.js";

export interface RegionList {
  readonly element: HTMLElement;
  readonly show: (items: readonly Item[], selected: number | null) => void;
}

export interface RegionActions {
  readonly choose: (id: number) => void;
  /** Enter: go on with the chosen shape on the picture. */
  readonly edit: () => void;
}

/** Rows are made only where they are seen: all have this height, in CSS pixels (widget.css). */
const ROW_PX = 40;
const BEYOND = 6;
let lists = 0;

export function regionList(
  kit: Kit,
  form: Form,
  styleOf: StyleOf,
  actions: RegionActions,
): RegionList {
  const { h } = kit;
  const names = words.forms[form];
  const id = `gt-regions-${(lists += 1)}`;
  let items: readonly Item[] = [];
  let chosen = -1;

  const onKey = (event: KeyboardEvent) => {
    const last = items.length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -last, End: last }[event.key];
    if (step !== undefined && last >= 0) {
      event.preventDefault();
      const from = chosen < 0 ? (step > 0 ? -1 : last + 1) : chosen;
      const item = items[Math.min(Math.max(from + step, 0), last)];
      if (item) actions.choose(item.id);
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      actions.edit();
    }
  };
  const props = { class: "gt-regions", role: "listbox", tabindex: 0, "aria-label": names.many };
  const listbox = h("ul", props, [], { keydown: onKey, scroll: () => fill() });
  const empty = h("p", { class: "gt-caption" }, names.none);
  const heading = h("h4", { class: "gt-heading" }, names.many);
  const above = h("li", { role: "presentation" });
  const below = h("li", { role: "presentation" });

  const option = (item: Item, index: number) =>
    h(
      "li",
      {
        id: `${id}-${item.id}`,
        role: "option",
        class: item.hidden ? "gt-region gt-off" : "gt-region",
        "aria-label": `${item.label}, ${geometry(item.shape)}${said(item)}`,
        "aria-selected": String(index === chosen),
        "aria-setsize": items.length,
        "aria-posinset": index + 1,
      },
      [
        swatch(kit, styleOf(item.label).color),
        h("span", { class: "gt-region-text" }, [
          h("span", {}, item.label),
          h("span", { class: "gt-caption" }, geometry(item.shape)),
        ]),
        item.locked && icon(kit.doc, "lock"),
        item.hidden && icon(kit.doc, "hidden"),
      ],
      { click: () => actions.choose(item.id) },
    );
  const fill = () => {
    const height = listbox.clientHeight || 400;
    const first = Math.max(Math.floor(listbox.scrollTop / ROW_PX) - BEYOND, 0);
    const end = Math.min(first + Math.ceil(height / ROW_PX) + 2 * BEYOND, items.length);
    above.style.height = `${first * ROW_PX}px`;
    below.style.height = `${(items.length - end) * ROW_PX}px`;
    const rows = items.slice(first, end).map((item, at) => option(item, first + at));
    listbox.replaceChildren(above, ...rows, below);
    const seen = chosen >= first && chosen < end ? items[chosen] : undefined;
    if (seen) listbox.setAttribute("aria-activedescendant", `${id}-${seen.id}`);
    else listbox.removeAttribute("aria-activedescendant");
  };

  return {
    element: h("section", { class: "gt-panel gt-region-panel" }, [heading, listbox, empty]),
    show(now, selected) {
      const before = items[chosen]?.id ?? null;
      items = now;
      chosen = selected === null ? -1 : items.findIndex((item) => item.id === selected);
      heading.textContent = items.length > 0 ? `${names.many} (${items.length})` : names.many;
      empty.hidden = items.length > 0;
      listbox.hidden = items.length === 0;
      if (chosen >= 0 && selected !== before) reveal();
      fill();
    },
  };

  function reveal(): void {
    above.style.height = `${items.length * ROW_PX}px`; // room to scroll to
    const top = chosen * ROW_PX;
    const { scrollTop, clientHeight } = listbox;
    if (top < scrollTop || top + ROW_PX > scrollTop + clientHeight) {
      listbox.scrollTop = Math.max(top - clientHeight / 2, 0);
    }
  }
}

const said = ({ locked, hidden }: Item): string =>
  `${locked ? `, ${words.locked}` : ""}${hidden ? `, ${words.hiddenShape}` : ""}`;

/** Where it is and how large, in whole pixels. */
function geometry(shape: Shape): string {
  if (shape.form === "box") return words.boxGeometry(shape);
  const [first] = shape.vertices;
  return words.pathGeometry(shape.form, shape.vertices.length, first ?? { x: 0, y: 0 });
}
