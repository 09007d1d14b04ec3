/** A text to read: as it is stored, whitespace kept, in its own direction, as text nodes only. */
import { words } from "../i18n.js";
import type { Task } from "../protocol.js";
import type { Kit } from "./view.js";

export const factsOf = ({ task_id, object_id }: Task) => ({
  "data-gt-task": task_id,
  "data-gt-object": object_id,
  "data-gt-shown": "1",
});

/** A text that is only read; it can be scrolled by keys. */
export function plainText(kit: Kit, text: string, task: Task): HTMLElement {
  const props = {
    class: "gt-text",
    dir: "auto",
    tabindex: 0,
    role: "group",
    "aria-label": words.textLabel(task.object_id),
    "data-gt-surface": true,
    ...factsOf(task),
  };
  return kit.h("div", props, text === "" ? kit.h("em", { class: "gt-muted" }, words.emptyText) : text);
}
