/** Brightness, contrast, invert and the crosshair: how the picture is shown, not what it is. */
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { tick } from "./controls.js";
import { icon } from "./icons.js";
import type { Kit } from "./view.js";

export interface PictureControls {
  readonly element: HTMLElement;
  readonly crosshair: () => boolean;
  readonly act: (action: Action) => boolean;
}
interface Options {
  /** There is a tool that has a crosshair. */
  readonly crosshair: boolean;
  readonly changed: () => void;
}

/** Kept from task to task of this page. */
const kept = { crosshair: true };

export function pictureControls(kit: Kit, image: HTMLElement, options: Options): PictureControls {
  const { h } = kit;
  const range = (label: string) => {
    const input = h("input", { type: "range", min: 20, max: 300, value: 100 }, [], {
      input: () => apply(),
    });
    return { input, row: h("label", { class: "gt-field" }, [label, input]) };
  };
  const brightness = range(words.brightness);
  const contrast = range(words.contrast);
  const invert = tick(kit, words.invert, () => apply());
  const showCrosshair = (shown: boolean) => {
    kept.crosshair = shown;
    options.changed();
  };
  const crosshair = tick(kit, words.crosshair, showCrosshair, kept.crosshair);
  const apply = () => {
    const parts = [
      brightness.input.value !== "100" && `brightness(${brightness.input.value}%)`,
      contrast.input.value !== "100" && `contrast(${contrast.input.value}%)`,
      invert.input.checked && "invert(1)",
    ];
    image.style.filter = parts.filter(Boolean).join(" ");
    image.dataset["gtFilter"] = image.style.filter;
  };
  const reset = h("button", { class: "gt-button gt-small", type: "button" }, words.reset, {
    click: () => {
      brightness.input.value = contrast.input.value = "100";
      invert.input.checked = false;
      apply();
    },
  });
  const rows = [
    brightness.row,
    contrast.row,
    invert.element,
    options.crosshair && crosshair.element,
    reset,
  ];
  const summary = h("summary", { title: words.pictureControls, "aria-label": words.pictureControls }, [
    icon(kit.doc, "picture"),
  ]);
  const element = h("details", { class: "gt-picture-controls" }, [
    summary,
    h("div", { class: "gt-popover" }, rows),
  ]);

  return {
    element,
    crosshair: () => kept.crosshair,
    act(action) {
      const box = { invert, crosshair }[action.type as "invert" | "crosshair"];
      if (!box) return false;
      box.input.click();
      return true;
    },
  };
}
