/** The toolbar's icons: strokes on a 24 by 24 grid, in the colour of the text. */
import { svg } from "./dom.js";

const PATHS = {
  box: "M4 8V4h4 M16 4h4v4 M20 16v4h-4 M8 20H4v-4 M12 9v6 M9 12h6",
  polygon: "M12 3l9 7-4 10H7L3 10z",
  polyline: "M3 18l6-9 5 6 7-11",
  line: "M5 19L19 5 M4 20h.01 M20 4h.01",
  keypoint: "M12 7a5 5 0 1 1 0 10a5 5 0 0 1 0-10z M12 2v5 M12 17v5 M2 12h5 M17 12h5",
  duplicate: "M9 9h11v11H9z M15 9V4H4v11h5",
  raise: "M12 19V5 M6 11l6-6 6 6",
  lower: "M12 5v14 M6 13l6 6 6-6",
  lock: "M6 11h12v9H6z M8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  shown: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12z M12 9a3 3 0 1 1 0 6a3 3 0 0 1 0-6z",
  hidden: "M4 4l16 16 M10 5.2A10 10 0 0 1 12 5c6 0 10 7 10 7a18 18 0 0 1-3 3.6 M6.5 6.8A17 17 0 0 0 2 12s4 7 10 7a10 10 0 0 0 4.5-1.1",
  picture: "M12 8a4 4 0 1 1 0 8a4 4 0 0 1 0-8z M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.5 1.5 M17.5 17.5L19 19 M19 5l-1.5 1.5 M6.5 17.5L5 19",
  select: "M6 3l12 9-6 1.2L9 19z",
  zoomIn: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14z M16 16l5 5 M11 8v6 M8 11h6",
  zoomOut: "M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14z M16 16l5 5 M8 11h6",
  fit: "M4 9V4h5 M15 4h5v5 M20 15v5h-5 M9 20H4v-5",
  undo: "M9 5L4 10l5 5 M4 10h10a6 6 0 0 1 0 12h-3",
  redo: "M15 5l5 5-5 5 M20 10H10a6 6 0 0 0 0 12h3",
  remove: "M4 7h16 M9 7V4h6v3 M6 7l1 13h10l1-13 M10 11v5 M14 11v5",
  add: "M12 5v14 M5 12h14",
  keyboard: "M3 6h18v12H3z M7 10h.01 M11 10h.01 M15 10h.01 M17 14h.01 M7 14h.01 M10 14h4",
  brush: "M15 4l5 5-8 8-5-5z M7 12c-3 0-3 4-5 6c3 2 8 1 9-2",
  eraser: "M14 4l6 6-9 9H7l-4-4z M9 9l6 6 M11 19h9",
  lasso: "M5 8l8-4 7 6-4 9-9-2z M5 8h.01 M13 4h.01 M20 10h.01 M16 19h.01 M7 17h.01",
  fill: "M4 11l7-7 8 8-7 7z M4 11h14 M20 15c1.500 2 1.500 4 0 4s-1.500-2 0-4",
  wand: "M4 20L15 9 M17 3v4 M15 5h4 M20 11v3 M18.500 12.500h3 M8 4v2 M7 5h2",
  shield: "M12 3l7 3v5c0 5-3 8-7 10c-4-2-7-5-7-10V6z",
  clock: "M12 3a9 9 0 1 1 0 18a9 9 0 0 1 0-18z M12 7v5l3 2",
} as const;
export type IconName = keyof typeof PATHS;

export function icon(doc: Document, name: IconName): SVGElement {
  return svg(doc, "svg", { class: "gt-icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, [
    svg(doc, "path", { d: PATHS[name] }),
  ]);
}
