/** The toolbar's icons: strokes on a 24 by 24 grid, in the colour of the text. */
import { svg } from "./dom.js";

const PATHS = {
  draw: "M4 8V4h4 M16 4h4v4 M20 16v4h-4 M8 20H4v-4 M12 9v6 M9 12h6",
  select: "M6 3l12 9-6 1.2L9 19z",
  zoomIn: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14z M16 16l5 5 M11 8v6 M8 11h6",
  zoomOut: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14z M16 16l5 5 M8 11h6",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
  undo: "M9 5L4 10l5 5 M4 10h10a6 6 0 0 1 0 12h-3",
  redo: "M15 5l5 5-5 5 M20 10H10a6 6 0 0 0 0 12h3",
  remove: "M4 7h16 M9 7V4h6v3 M6 7l1 13h10l1-13 M10 11v5 M14 11v5",
  add: "M12 5v14 M5 12h14",
  keyboard: "M3 6h18v12H3z M7 10h.01 M11 10h.01 M15 10h.01 M17 14h.01 M7 14h.01 M10 14h4",
  clock: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18z M12 7v5l3 2",
} as const;
export type IconName = keyof typeof PATHS;

export function icon(doc: Document, name: IconName): SVGElement {
  return svg(doc, "svg", { class: "gt-icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, [
    svg(doc, "path", { d: PATHS[name] }),
  ]);
}
