/** Pictures of the instructions: how to label, and how not to. A click shows one larger. */
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { panel } from "./controls.js";
import type { Kit } from "./view.js";

type Example = NonNullable<Task["instructions"]["examples"]>[number];

export const exampleViews = (
  kit: Kit,
  examples: readonly Example[],
  load: (number: number) => Promise<Blob>,
): HTMLElement | null =>
  examples.length === 0
    ? null
    : panel(
        kit,
        words.examples,
        examples.map((each, number) => exampleView(kit, each, load(number))),
        " gt-examples",
      );

function exampleView(
  { h, signal }: Kit,
  { kind, caption }: Example,
  loading: Promise<Blob>,
): HTMLElement {
  const said = words.example(kind, caption);
  const image = h("img", { alt: said });
  const enlarge = () => {
    const large = element.classList.toggle("gt-large");
    button.setAttribute("aria-expanded", String(large));
  };
  const props = { type: "button", title: words.larger, "aria-expanded": "false" }; // its name is the picture's
  const button = h("button", props, image, {
    click: enlarge,
    keydown: (event) => {
      if (event.key === "Escape" && element.classList.contains("gt-large")) enlarge();
    },
  });
  const element = h("figure", { class: "gt-example", "data-gt-example": kind }, [
    button,
    h("figcaption", { class: "gt-caption", dir: "auto" }, said),
  ]);
  void loading.then(
    (blob) => {
      if (signal.aborted) return;
      image.src = URL.createObjectURL(blob);
      signal.addEventListener("abort", () => URL.revokeObjectURL(image.src));
    },
    () => button.remove(), // its words stay
  );
  return element;
}
