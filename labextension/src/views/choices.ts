/** Categories to choose from: one of many (radio buttons) or several of many (check boxes). */
import * as words from "../i18n.js";
import { labelKey } from "../label-keys.js";
import type { Task } from "../protocol.js";
import type { Choice } from "../work/choices.js";
import { keyCap, panel } from "./controls.js";
import { swatch } from "./label-list.js";
import { reveal, searchBox, type Row } from "./search.js";
import type { Kit } from "./view.js";

export interface Choices {
  readonly element: HTMLElement;
  readonly show: (choice: Choice) => void;
  readonly search: () => boolean;
}
export interface ChoicesOptions {
  readonly labels: Task["labels"];
  readonly several: boolean;
  /** Verdicts have no colours: those in the picture are of the labels judged. */
  readonly plain?: boolean;
  readonly title: string;
  /** The worker took a category, or the one that excludes all others (null). */
  readonly onTake: (label: string | null) => void;
  readonly onLeave: () => void;
}

let groups = 0;

export function choices(kit: Kit, options: ChoicesOptions): Choices {
  const { h } = kit;
  const { labels, several, plain, title, onTake } = options;
  const name = `gt-choice-${(groups += 1)}`;
  const type = several ? "checkbox" : "radio";
  const row = (label: string | null, key: string, mark: HTMLElement | null) => {
    const input = h("input", { type, name, value: label ?? "" }, [], { change: () => onTake(label) });
    const element = h("label", { class: "gt-choice", "data-gt-label": label, "data-gt-none": label === null }, [
      input,
      keyCap(kit, key),
      mark,
      h("span", { class: "gt-label-name", dir: "auto" }, label ?? words.noneOfThese),
    ]);
    return { label, input, element };
  };
  const rows = labels.map(({ label, color }, index) =>
    row(label, labelKey(index), plain ? null : swatch(kit, color)),
  );
  const none = several ? row(null, "N", null) : null;
  const found = rows.map(
    ({ label, element }): Row => ({ text: label ?? "", element, take: () => onTake(label) }),
  );
  const search = searchBox(kit, found, options.onLeave);
  const role = several ? "group" : "radiogroup";
  const list = [...rows, ...(none ? [none] : [])].map(({ element }) => element);
  return {
    element: panel(kit, title, [
      search.element,
      h("div", { class: "gt-choices", role, "aria-label": title }, list),
    ]),
    show(choice) {
      for (const { label, input, element } of rows) {
        const before = input.checked;
        input.checked = choice.labels.includes(label ?? "");
        if (input.checked && !before) reveal(element);
      }
      if (none) none.input.checked = choice.none;
    },
    search: search.focus,
  };
}
