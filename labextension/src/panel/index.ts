/**
 * The anywidget entry of the panels of automated labeling: the meter, the cost slider, the plan.
 *
 * The kernel says what stands on a panel; the page draws it anew when that changes, in one go, so
 * that nothing flickers. A slider answers at once, also while the kernel computes.
 */
import type { AnyModel, RenderProps } from "@anywidget/types";
import { builder } from "../views/dom.js";
import { actView } from "./act.js";
import { parseAct, parseBlocks, parseChoices, type Block, type Choice } from "./blocks.js";
import { drawn, type Pen } from "./draw.js";

interface Traits {
  readonly blocks: readonly unknown[];
  readonly choices: readonly unknown[];
  readonly chosen: number;
  readonly label: string;
  readonly act: unknown;
}

function render({ model, el, signal }: RenderProps<Traits>): () => void {
  const end = new AbortController();
  signal?.addEventListener("abort", () => end.abort());
  mount(model, el, end.signal);
  return () => end.abort();
}

function mount(model: AnyModel<Traits>, parent: HTMLElement, signal: AbortSignal): void {
  const pen: Pen = { doc: parent.ownerDocument, h: builder(parent.ownerDocument, signal) };
  const { h } = pen;
  const above = h("div", { class: "gt-panel-part" });
  const input = h("input", { type: "range", min: 0, step: 1 }, [], {
    input: () => {
      model.set("chosen", Number(input.value));
      model.save_changes();
    },
  });
  const value = h("output");
  const name = h("span");
  const slider = h("label", { class: "gt-panel-slider" }, [name, input, value]);
  const below = h("div", { class: "gt-panel-part", "aria-live": "polite" });
  const act = actView(pen, (rest) => model.send({ type: "commit", rest }));
  const root = h("section", { class: "gt-live-panel" }, [above, slider, below, act.element], {
    // to the notebook an arrow means the next cell, and `d d` deletes this one
    keydown: (event) => event.ctrlKey || event.metaKey || event.stopPropagation(),
  });
  parent.append(root);
  signal.addEventListener("abort", () => root.remove());

  let choices: readonly Choice[] = [];

  function showChosen(wanted: number): void {
    const place = Math.min(Math.max(wanted, 0), choices.length - 1);
    const chosen = choices[place];
    input.value = String(place);
    value.textContent = chosen?.label ?? "";
    input.setAttribute("aria-valuetext", value.textContent);
    put(below, chosen?.blocks ?? []);
  }

  function put(where: HTMLElement, blocks: readonly Block[]): void {
    where.replaceChildren(...blocks.map((block) => drawn(pen, block)));
  }

  function show(): void {
    put(above, parseBlocks(model.get("blocks")));
    choices = parseChoices(model.get("choices"));
    slider.hidden = below.hidden = !choices.length;
    name.textContent = model.get("label");
    input.max = String(Math.max(choices.length - 1, 0));
    showChosen(model.get("chosen"));
    act.show(parseAct(model.get("act")));
  }

  for (const name of ["blocks", "choices", "chosen", "act"]) {
    model.on(`change:${name}`, show);
    signal.addEventListener("abort", () => model.off(`change:${name}`, show));
  }
  show();
}

export default { render };
