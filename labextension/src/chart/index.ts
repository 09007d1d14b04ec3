/**
 * The anywidget entry of a chart that follows its job: a picture from the kernel, in the theme of the
 * page.
 *
 * The page tells the kernel which theme is on and gets a picture for it. Until that has come, and where
 * no kernel is left to draw one, the picture that is there is turned over by a filter.
 */
import type { AnyModel, RenderProps } from "@anywidget/types";

interface Traits {
  readonly value: DataView;
  readonly label: string;
  readonly width: number;
  readonly dark: boolean;
  readonly drawn_dark: boolean;
}

/** Light words on dark ground: the brightness of a computed colour, against the middle. */
export function isLight(color: string): boolean {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number);
  const whole = color.startsWith("color(") ? 1 : 255;
  return 0.299 * red + 0.587 * green + 0.114 * blue > whole / 2;
}

export const turned = "invert(0.93) hue-rotate(180deg)";

function render({ model, el, signal }: RenderProps<Traits>): () => void {
  const end = new AbortController();
  signal?.addEventListener("abort", () => end.abort());
  mount(model, el, end.signal);
  return () => end.abort();
}

function mount(model: AnyModel<Traits>, parent: HTMLElement, signal: AbortSignal): void {
  const doc = parent.ownerDocument;
  const image = doc.createElement("img");
  image.style.cssText = "max-width: 100%; color: var(--jp-ui-font-color1, CanvasText)";
  image.addEventListener("load", look, { signal }); // the picture and its filter change together
  parent.append(image);
  let url = "";

  function show(): void {
    URL.revokeObjectURL(url);
    url = URL.createObjectURL(new Blob([model.get("value") as DataView<ArrayBuffer>], { type: "image/png" }));
    image.src = url;
    image.alt = model.get("label");
    image.width = model.get("width");
  }

  function look(): void {
    const dark = isLight(getComputedStyle(image).color);
    image.style.filter = dark === model.get("drawn_dark") ? "" : turned;
    if (dark === model.get("dark")) return;
    model.set("dark", dark);
    model.save_changes();
  }

  const names = ["value", "label", "width", "drawn_dark"] as const;
  for (const name of names) model.on(`change:${name}`, show);
  const themes = new MutationObserver(look);
  themes.observe(doc.body, { attributes: true });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", look, { signal });
  signal.addEventListener("abort", () => {
    for (const name of names) model.off(`change:${name}`, show);
    themes.disconnect();
    image.remove();
    URL.revokeObjectURL(url);
  });
  show();
}

export default { render };
