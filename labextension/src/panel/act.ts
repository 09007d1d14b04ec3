/** A button that asks twice: the kernel says what it does and whether it can be had. */
import type { Act } from "./blocks.js";
import type { Pen } from "./draw.js";

export const words = {
  asked: "The kernel answers when it is free.",
  busy: "At work",
  not: "Not now",
};

/**
 * How it stands, where `pressed` is how often the kernel had heard the button when it was pressed
 * last: until it has heard it once more, nothing can be pressed.
 */
export const standing = (found: Act, pressed: number | null): Pick<Act, "state" | "said"> =>
  found.heard === pressed ? { state: "busy", said: words.asked } : found;

export interface ActView {
  readonly element: HTMLElement;
  readonly show: (act: Act | null) => void;
}

export function actView({ h }: Pen, press: (rest: string) => void): ActView {
  let found: Act | null = null;
  let pressed: number | null = null;
  const id = `gt-${Math.random()}`;
  const first = h("button", { type: "button", "aria-describedby": id }, [], { click: () => turn(second.hidden) });
  const said = h("p", { id, role: "status", tabindex: -1, class: "gt-panel-soft" });
  const busy = h("progress", { "aria-label": words.busy });
  const what = h("p");
  const rests = h("div");
  const confirm = h("button", { type: "button", class: "gt-panel-go" }, [], { click: send });
  const not = h("button", { type: "button" }, words.not, { click: () => turn(false) });
  const parts = [what, rests, h("div", { class: "gt-panel-legend" }, [confirm, not])];
  const second = h("div", { class: "gt-panel-part gt-panel-second", role: "group", hidden: true }, parts, {
    keydown: ({ key }) => key === "Escape" && turn(false),
  });
  const all = [first, second, busy, said];
  const element = h("div", { class: "gt-panel-part" }, all);

  function turn(open: boolean): void {
    if (first.ariaDisabled === "true") return;
    second.hidden = !open;
    show(found);
    (open ? (rests.querySelector("input") ?? not) : first).focus();
  }

  function send(): void {
    if (!found || standing(found, pressed).state !== "ready") return;
    pressed = found.heard;
    press(rests.querySelector<HTMLInputElement>("input:checked")?.value ?? "people");
    show(found);
    said.focus();
  }

  /** In place: who is about to press the second button keeps it, whatever the forecast does. */
  function show(next: Act | null): void {
    found = next;
    element.hidden = !next;
    if (!next) return;
    const { state, said: sentence } = standing(next, pressed);
    const ready = state === "ready";
    second.hidden ||= !ready;
    busy.hidden = state !== "busy";
    first.hidden = !ready && state !== "refused";
    first.ariaDisabled = String(!ready);
    first.ariaExpanded = String(!second.hidden);
    first.textContent = second.ariaLabel = next.label;
    what.textContent = next.words;
    confirm.textContent = next.confirm;
    if (said.textContent !== sentence) said.textContent = sentence;
    next.rests.forEach(({ value, label }, place) => {
      const there = rests.children[place]?.lastChild;
      if (there) there.textContent = label;
      else rests.append(h("label", {}, [h("input", { type: "radio", name: id, value, checked: !place }), h("span", {}, label)]));
    });
  }

  return { element, show };
}
