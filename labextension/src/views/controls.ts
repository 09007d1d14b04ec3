/** Small parts that the views share: tool buttons, the zoom group, check boxes, eyes, key caps. */
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { icon, type IconName } from "./icons.js";
import type { Child } from "./dom.js";
import type { Kit } from "./view.js";

type OnAction = (action: Action) => void;

export const toolButton = ({ h, doc }: Kit, name: IconName, title: string, press: () => void) =>
  h("button", { class: "gt-tool", type: "button", title, "aria-label": title }, icon(doc, name), {
    click: press,
  });

export const toolGroup = ({ h }: Kit, ...tools: HTMLElement[]): HTMLElement =>
  h("div", { class: "gt-tools" }, tools);

/** A row of groups, with the key sheet at its end. */
export function toolRow(kit: Kit, parts: readonly Child[], onHelp: () => void): HTMLElement {
  const props = { class: "gt-toolbar", role: "toolbar", "aria-label": words.tools };
  const help = toolButton(kit, "keyboard", words.shortcuts, onHelp);
  return kit.h("div", props, [...parts, kit.h("span", { class: "gt-spring" }), help]);
}

export function zoomTools(kit: Kit, onAction: OnAction) {
  const button = (name: IconName, title: string, type: "zoom-out" | "zoom-in" | "fit") =>
    toolButton(kit, name, title, () => onAction({ type }));
  const props = { class: "gt-tool gt-zoom", type: "button", title: words.actual };
  const actual = kit.h("button", props, "100%", { click: () => onAction({ type: "actual" }) }); // named by what it says
  return {
    element: toolGroup(
      kit,
      button("zoomOut", words.zoomOut, "zoom-out"),
      actual,
      button("zoomIn", words.zoomIn, "zoom-in"),
      button("fit", words.fit, "fit"),
    ),
    show(scale: number) {
      actual.textContent = `${Math.round(scale * 100)}%`;
    },
  };
}

export const setPressed = (button: HTMLElement, pressed: boolean): void =>
  button.setAttribute("aria-pressed", String(pressed));

/** A check box and its words. */
export function tick({ h }: Kit, title: string, change: (checked: boolean) => void, checked = false) {
  const input = h("input", { type: "checkbox", checked }, [], { change: () => change(input.checked) });
  return { input, element: h("label", { class: "gt-nothing" }, [input, title]) };
}

/** Shows or hides what its title names. */
export function eyeButton(kit: Kit, title: string, press: () => void) {
  const props = { class: "gt-eye", type: "button", title, "aria-label": title };
  const element = kit.h("button", props, [], { click: press });
  let shown: boolean | null = null;
  return {
    element,
    show(now: boolean) {
      if (now === shown) return;
      shown = now;
      setPressed(element, now);
      element.replaceChildren(icon(kit.doc, now ? "shown" : "hidden"));
    },
  };
}

export const keyCap = ({ h }: Kit, key: string): HTMLElement =>
  h("span", { class: "gt-key", "aria-hidden": "true" }, key);

/** A section of a column, with its heading. */
export const panel = ({ h }: Kit, title: string, parts: readonly Child[], more = ""): HTMLElement =>
  h("section", { class: `gt-panel${more}` }, [h("h4", { class: "gt-heading" }, title), ...parts]);
