/** The anywidget entry of the audit grid: objects of one machine label, the wrong ones clicked. */
import type { AnyModel, RenderProps } from "@anywidget/types";
import { isRecord } from "../decode.js";
import { guardKeys } from "../keys.js";
import { builder } from "../views/dom.js";

interface Traits {
  readonly page: number;
  readonly count: number;
  readonly label: string;
  readonly items: readonly unknown[];
  readonly wrong: readonly string[];
  readonly checked: readonly number[];
  readonly verdict: string;
}

interface Item {
  readonly object_id: string;
  readonly src: string;
  readonly text: string;
}

export const words = {
  title: (label: string) => (label ? `Labeled “${label}” by machine` : "Labeled by machine"),
  hint: "Click what is wrong; arrow keys and Space do the same. Everything else counts as right.",
  item: (object_id: string) => `Object ${object_id}`,
  page: (page: number, count: number) => `Page ${page + 1} of ${count}`,
  back: "Back",
  next: "The rest is right: next page",
  done: "The rest is right: done",
  again: "Done; a click above still changes it",
};

const isWhole = (value: unknown): value is number => Number.isInteger(value);
const isText = (value: unknown): value is string => typeof value === "string";

/** Items as the kernel sent them; what is not one is left out. */
export function parseItems(values: readonly unknown[]): Item[] {
  return values.filter(isRecord).flatMap(({ object_id, src, text }) =>
    isText(object_id) && isText(src) && isText(text) && (src === "" || src.startsWith("data:image/jpeg;base64,"))
      ? [{ object_id, src, text }]
      : [],
  );
}

/** The place an arrow key leads to, in a grid that is `columns` wide; null for other keys. */
export function moved(key: string, from: number, length: number, columns: number): number | null {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  if (step === undefined) return null;
  const to = from + step;
  return to >= 0 && to < length ? to : from;
}

/** A list with one value put in, or taken out where it was. */
export const toggled = (list: readonly string[], value: string): string[] =>
  list.includes(value) ? list.filter((each) => each !== value) : [...list, value];

function render({ model, el, signal }: RenderProps<Traits>): () => void {
  const end = new AbortController();
  signal?.addEventListener("abort", () => end.abort(), { once: true });
  mount(model, el, end.signal);
  return () => end.abort();
}

function mount(model: AnyModel<Traits>, parent: HTMLElement, signal: AbortSignal): void {
  const h = builder(parent.ownerDocument, signal);
  const title = h("h3", { class: "gt-audit-title" });
  const grid = h("div", { class: "gt-audit-grid", role: "group" });
  const where = h("span", { class: "gt-audit-where" });
  const back = h("button", { type: "button" }, words.back, { click: () => turn(-1) });
  const next = h("button", { type: "button", class: "gt-audit-next" }, "", { click: () => finish() });
  const verdict = h("p", { class: "gt-audit-verdict", role: "status" });
  const root = h("section", { class: "gt-audit" }, [
    title,
    h("p", { class: "gt-audit-hint" }, words.hint),
    grid,
    h("div", { class: "gt-audit-bar" }, [back, where, next]),
    verdict,
  ]);
  guardKeys(root, signal);
  parent.append(root);
  signal.addEventListener("abort", () => root.remove(), { once: true });

  const page = () => (isWhole(model.get("page")) ? model.get("page") : 0);
  const buttons = () => [...grid.querySelectorAll("button")];

  function turn(step: number): void {
    model.set("page", Math.min(Math.max(page() + step, 0), model.get("count") - 1));
    model.save_changes();
  }

  function finish(): void {
    model.set("checked", [...new Set([...model.get("checked"), page()])]);
    if (page() + 1 < model.get("count")) model.set("page", page() + 1);
    model.save_changes();
  }

  function toggle(objectId: string): void {
    model.set("wrong", toggled(model.get("wrong"), objectId));
    model.save_changes();
  }

  function columns(): number {
    const all = buttons();
    const first = all[0]?.offsetTop;
    const below = all.findIndex((each) => each.offsetTop !== first);
    return below > 0 ? below : Math.max(all.length, 1);
  }

  grid.addEventListener(
    "keydown",
    (event) => {
      const all = buttons();
      const from = all.indexOf(event.target as HTMLButtonElement);
      const to = from < 0 ? null : moved(event.key, from, all.length, columns());
      if (to === null) return;
      event.preventDefault();
      all.forEach((each, index) => each.setAttribute("tabindex", index === to ? "0" : "-1"));
      all[to]?.focus();
    },
    { signal },
  );

  function showItems(): void {
    const items = parseItems(model.get("items"));
    title.textContent = words.title(model.get("label"));
    grid.setAttribute("aria-label", title.textContent);
    grid.classList.toggle("gt-audit-texts", items.some(({ src }) => src === ""));
    grid.replaceChildren(
      ...items.map(({ object_id, src, text }, index) =>
        h(
          "button",
          { type: "button", "data-gt-object": object_id, tabindex: index === 0 ? 0 : -1 },
          src ? h("img", { src, alt: words.item(object_id) }) : h("span", { dir: "auto" }, text),
          { click: () => toggle(object_id) },
        ),
      ),
    );
    showMarks();
  }

  function showMarks(): void {
    const wrong = new Set(model.get("wrong"));
    for (const each of buttons()) {
      each.setAttribute("aria-pressed", String(wrong.has(each.dataset["gtObject"] ?? "")));
    }
  }

  function showPlace(): void {
    const last = page() + 1 >= model.get("count");
    const done = last && model.get("checked").includes(page());
    where.textContent = words.page(page(), model.get("count"));
    back.disabled = page() === 0;
    next.disabled = done;
    next.textContent = done ? words.again : last ? words.done : words.next;
    verdict.textContent = model.get("verdict");
    root.dataset["gtPage"] = String(page());
  }

  const listen = (name: string, listener: () => void) => {
    model.on(name, listener);
    signal.addEventListener("abort", () => model.off(name, listener), { once: true });
  };
  listen("change:items", showItems);
  listen("change:wrong", showMarks);
  for (const name of ["change:page", "change:checked", "change:verdict"]) listen(name, showPlace);
  showItems();
  showPlace();
}

export default { render };
