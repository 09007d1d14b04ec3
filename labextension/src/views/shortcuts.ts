/** The `?` sheet: every key in one place. */
import * as words from "../i18n.js";
import type { Kit } from "./view.js";

export interface Sheet {
  readonly element: HTMLDialogElement;
  readonly toggle: () => void;
}

/** `keys`: only those that do something in this task. */
export function shortcuts(
  kit: Kit,
  keys: readonly (readonly [string, string])[],
  onClose: () => void,
): Sheet {
  const { h } = kit;
  const close = h("button", { class: "gt-button", type: "button" }, words.close, {
    click: () => element.close(),
  });
  const rows = keys.flatMap(([what, keys]) => [
    h("dt", {}, what),
    h("dd", {}, h("kbd", {}, keys)),
  ]);
  const props = { class: "gt-sheet", "aria-label": words.shortcutsTitle };
  const element = h(
    "dialog",
    props,
    [h("h3", { class: "gt-title" }, words.shortcutsTitle), h("dl", {}, rows), close],
    {
      close: onClose,
      keydown: (event) => {
        if (event.key !== "Escape" && event.key !== "?") return;
        event.preventDefault();
        event.stopPropagation();
        element.close();
      },
    },
  );
  return {
    element,
    toggle: () => {
      if (element.open) return element.close();
      element.show();
      close.focus({ preventScroll: true });
    },
  };
}
