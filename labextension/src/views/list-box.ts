/** A list box of what is drawn or marked: all that the canvas shows, for ears and for keys alone. */
import { panel } from "./controls.js";
import type { Child } from "./dom.js";
import { swatch } from "./label-list.js";
import type { Kit } from "./view.js";

export interface ListBox<T> {
  readonly element: HTMLElement;
  readonly show: (items: readonly T[], chosen: number | null) => void;
}
/** How one of them is listed. */
export interface Listed {
  readonly color: string;
  readonly title: string;
  readonly caption: string;
  /** In words, where that is more than title and caption. */
  readonly said?: string;
  /** Facts for tests. */
  readonly place?: string;
  readonly off?: boolean;
  readonly marks?: readonly Child[];
}
export interface ListBoxOptions<T> {
  readonly title: string;
  readonly none: string;
  readonly row: (item: T) => Listed;
  readonly choose: (item: T, index: number) => void;
  /** Enter: go on with the chosen one on the canvas. */
  readonly edit: () => void;
}

/** Rows are made only where they are seen: all have this height, in CSS pixels (widget.css). */
const ROW_PX = 40;
const BEYOND = 6;
let lists = 0;

export function listBox<T>(kit: Kit, options: ListBoxOptions<T>): ListBox<T> {
  const { h } = kit;
  const { title, none, row, choose, edit } = options;
  const id = `gt-list-${(lists += 1)}`;
  let items: readonly T[] = [];
  let chosen = -1;
  let before: T | undefined;

  const onKey = (event: KeyboardEvent) => {
    const last = items.length - 1;
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -last, End: last }[event.key];
    if (step !== undefined && last >= 0) {
      const from = chosen < 0 ? (step > 0 ? -1 : last + 1) : chosen;
      const index = Math.min(Math.max(from + step, 0), last);
      choose(items[index] as T, index);
    } else if (event.key === "Enter" && chosen >= 0) edit();
    else return;
    event.preventDefault();
  };
  const props = { class: "gt-regions", role: "listbox", tabindex: 0, "aria-label": title };
  const listbox = h("ul", props, [], { keydown: onKey, scroll: () => fill() });
  const empty = h("p", { class: "gt-caption" }, none);
  const element = panel(kit, title, [listbox, empty], " gt-region-panel");
  const above = h("li", { role: "presentation" });
  const below = h("li", { role: "presentation" });

  const option = (item: T, index: number) => {
    const { color, title, caption, said, place, off, marks = [] } = row(item);
    const text = h("span", { class: "gt-region-text" }, [
      h("bdi", { title }, title),
      h("span", { class: "gt-caption" }, caption),
    ]);
    const props = {
      id: `${id}-${index}`,
      role: "option",
      class: off ? "gt-region gt-off" : "gt-region",
      "aria-label": said,
      "aria-selected": String(index === chosen),
      "aria-setsize": items.length,
      "aria-posinset": index + 1,
      "data-gt-span": place,
    };
    return h("li", props, [swatch(kit, color), text, ...marks], { click: () => choose(item, index) });
  };
  const fill = () => {
    const height = listbox.clientHeight || 400;
    const first = Math.max(Math.floor(listbox.scrollTop / ROW_PX) - BEYOND, 0);
    const end = Math.min(first + Math.ceil(height / ROW_PX) + 2 * BEYOND, items.length);
    above.style.height = `${first * ROW_PX}px`;
    below.style.height = `${(items.length - end) * ROW_PX}px`;
    const rows = items.slice(first, end).map((item, at) => option(item, first + at));
    listbox.replaceChildren(above, ...rows, below);
    if (chosen >= first && chosen < end) {
      listbox.setAttribute("aria-activedescendant", `${id}-${chosen}`);
    } else listbox.removeAttribute("aria-activedescendant");
  };
  const reveal = () => {
    above.style.height = `${items.length * ROW_PX}px`; // room to scroll to
    const top = chosen * ROW_PX;
    const { scrollTop, clientHeight } = listbox;
    if (top < scrollTop || top + ROW_PX > scrollTop + clientHeight) {
      listbox.scrollTop = Math.max(top - clientHeight / 2, 0);
    }
  };
  return {
    element,
    show(now, selected) {
      items = now;
      chosen = selected ?? -1;
      const count = items.length;
      element.firstElementChild?.replaceChildren(count > 0 ? `${title} (${count})` : title);
      empty.hidden = count > 0;
      listbox.hidden = count === 0;
      const item = items[chosen];
      if (item !== undefined && item !== before) reveal();
      before = item;
      fill();
    },
  };
}
