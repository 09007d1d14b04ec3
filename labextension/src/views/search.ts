/** Finding a label in a long list: rows that do not match are hidden, Enter takes the first. */
import * as words from "../i18n.js";
import type { Kit } from "./view.js";

export interface Row {
  readonly text: string;
  readonly element: HTMLElement;
  /** What Enter in the search field does. */
  readonly take: () => void;
}
export interface Search {
  readonly element: HTMLElement | null;
  /** Put the keyboard into the field; false where the list is too short to have one. */
  readonly focus: () => boolean;
}

/** Lists shorter than this are read faster than searched. */
const LONG = 13;

export function searchBox(kit: Kit, rows: readonly Row[], onLeave: () => void): Search {
  const { h } = kit;
  if (rows.length < LONG) return { element: null, focus: () => false };
  const folded = rows.map(({ text }) => fold(text));
  const matches = () => rows.filter((_, index) => folded[index]?.includes(fold(field.value)));
  const none = h("p", { class: "gt-caption", role: "status" });
  const filter = () => {
    const shown = new Set(matches());
    for (const row of rows) row.element.hidden = !shown.has(row);
    none.textContent = shown.size === 0 ? words.noLabelFound : "";
  };
  const clear = () => {
    field.value = "";
    filter();
    onLeave();
  };
  const props = {
    class: "gt-input gt-search",
    type: "search",
    "aria-label": words.searchLabels,
    placeholder: words.searchLabels,
    autocomplete: "off",
    spellcheck: "false",
  };
  const field = h("input", props, [], {
    input: filter,
    keydown: (event) => {
      if (event.ctrlKey || event.metaKey) return;
      if (event.key !== "Enter" && event.key !== "Escape") return;
      const found = matches()[0];
      event.preventDefault();
      clear();
      if (!found || event.key === "Escape") return;
      found.take();
      reveal(found.element);
    },
  });
  return {
    element: h("div", { class: "gt-searching" }, [field, none]),
    focus: () => {
      field.focus({ preventScroll: true });
      return true;
    },
  };
}

/** Scroll its column, and only that, to where an element is; the page stays under the hand. */
export function reveal(element: HTMLElement): void {
  const side = element.closest(".gt-side");
  if (!side) return;
  const [own, column] = [element.getBoundingClientRect(), side.getBoundingClientRect()];
  if (own.top < column.top || own.bottom > column.bottom) side.scrollTop += own.bottom - column.bottom;
}

/** Upper and lower case, and letters with and without marks, are the same. */
export const fold = (text: string): string =>
  text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
