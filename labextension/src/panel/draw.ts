/** Blocks as elements. Words are text nodes, sizes are numbers of ours: nothing is ever markup. */
import { svg, type Build } from "../views/dom.js";
import { along, type Bar, type Block, type Chart, type Compare } from "./blocks.js";

export interface Pen {
  readonly doc: Document;
  readonly h: Build;
}

/** The chart's own pixels; the page scales it. */
const WIDTH = 620;
const HEIGHT = 178;
const LEFT = 42;
const TOP = 14;
const RIGHT = 14;
const BOTTOM = 34;

export function drawn(pen: Pen, block: Block): HTMLElement {
  const { h } = pen;
  switch (block.block) {
    case "head":
      return h("header", { class: "gt-panel-head" }, [
        h("div", {}, [h("h3", {}, block.title), h("p", { class: "gt-panel-soft" }, block.caption)]),
        block.pill && h("span", { class: "gt-panel-pill" }, block.pill),
      ]);
    case "figure":
      return h("p", { class: "gt-panel-figure" }, [h("strong", {}, block.value), h("span", {}, block.words)]);
    case "bar":
      return bar(pen, block);
    case "tiles":
      return h(
        "div",
        { class: "gt-panel-tiles" },
        block.tiles.map(({ label, value, note }) =>
          h("div", {}, [
            h("span", { class: "gt-panel-soft" }, label),
            h("strong", {}, value),
            h("span", { class: "gt-panel-soft" }, note),
          ]),
        ),
      );
    case "compare":
      return compare(pen, block);
    case "chart":
      return chart(pen, block);
    case "note":
      return h("p", { class: "gt-panel-soft" }, block.words);
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

function bar({ h }: Pen, { total, parts }: Bar): HTMLElement {
  const part = ({ kind, count }: Bar["parts"][number]) => {
    const element = h("span", { "data-gt-part": kind });
    element.style.setProperty("width", percent(along([0, total], count)));
    return element;
  };
  const named = parts.filter(({ count, kind }) => count > 0 || kind !== "machine");
  const legend = named.map(({ kind, label }) =>
    h("span", {}, [h("i", { "data-gt-part": kind, "aria-hidden": "true" }), label]),
  );
  return h("div", {}, [
    h("div", { class: "gt-panel-bar", role: "img", "aria-label": named.map(({ label }) => label).join(", ") }, parts.map(part)),
    h("div", { class: "gt-panel-legend" }, legend),
  ]);
}

function compare({ h }: Pen, { label, most, rows }: Compare): HTMLElement {
  const axis = [0, most];
  return h("section", { class: "gt-panel-compare" }, [
    h("h4", {}, label),
    ...rows.flatMap((row) => {
      const fill = h("span", { class: "gt-panel-fill", "data-gt-part": row.kind });
      fill.style.setProperty("width", percent(along(axis, row.value)));
      const band = row.low !== null && row.high !== null && h("span", { class: "gt-panel-band" });
      if (band) {
        const [from, to] = [along(axis, row.low ?? 0), along(axis, row.high ?? 0)];
        band.style.setProperty("inset-inline-start", percent(from));
        band.style.setProperty("width", percent(to - from));
      }
      return [
        h("span", {}, row.label),
        h("div", { class: "gt-panel-track", "aria-hidden": "true" }, [fill, band]),
        h("span", { class: "gt-panel-value" }, row.words),
      ];
    }),
  ]);
}

function chart({ doc, h }: Pen, found: Chart): HTMLElement {
  const at = (x: number) => LEFT + along(found.x, x) * (WIDTH - LEFT - RIGHT);
  const up = (y: number) => HEIGHT - BOTTOM - along(found.y, y) * (HEIGHT - TOP - BOTTOM);
  const make = (tag: string, props: Record<string, string | number>, words = "") => {
    const element = svg(doc, tag, props);
    element.textContent = words;
    return element;
  };
  const path = (points: readonly (readonly [number, number])[]) =>
    points.map(([x, y], index) => `${index ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");
  const line = found.line.map(([x = 0, y = 0]) => [at(x), up(y)] as const);
  const upper = found.band.map(([x = 0, , high = 0]) => [at(x), up(high)] as const);
  const lower = found.band.map(([x = 0, low = 0]) => [at(x), up(low)] as const);
  const parts: SVGElement[] = [];
  for (const { at: y, label } of found.y_ticks) {
    parts.push(make("path", { class: "gt-grid", d: `M${LEFT} ${up(y)}H${WIDTH - RIGHT}` }));
    parts.push(make("text", { x: LEFT - 6, y: up(y) + 4, "text-anchor": "end" }, label));
  }
  for (const { at: x, label } of found.x_ticks) {
    parts.push(make("text", { x: at(x), y: HEIGHT - BOTTOM + 15, "text-anchor": "middle" }, label));
  }
  parts.push(make("text", { x: WIDTH - RIGHT, y: HEIGHT - 3, "text-anchor": "end" }, found.x_label));
  if (upper.length > 1) parts.push(make("path", { class: "gt-band", d: `${path([...upper, ...lower.reverse()])}Z` }));
  if (found.rule) {
    const x = at(found.rule.at);
    parts.push(make("path", { class: "gt-rule", d: `M${x} ${TOP}V${HEIGHT - BOTTOM}` }));
    parts.push(make("text", { x: x + 5, y: HEIGHT - BOTTOM - 6 }, found.rule.label));
  }
  if (line.length > 1) parts.push(make("path", { class: "gt-curve", d: path(line) }));
  for (const [cx, cy] of line) parts.push(make("circle", { cx, cy, r: 2.5 }));
  if (found.mark) {
    const [cx, cy] = [at(found.mark.at[0] ?? 0), up(found.mark.at[1] ?? 0)];
    const end = cx > WIDTH / 2;
    const above = cy > TOP + 24;
    const place = { x: cx + (end ? -9 : 9), y: cy + (above ? -8 : 18), "text-anchor": end ? "end" : "start" };
    parts.push(make("circle", { class: "gt-mark", cx, cy, r: 6 }));
    parts.push(make("text", { class: "gt-mark", ...place }, found.mark.label));
  }
  const picture = svg(doc, "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": found.name }, parts);
  const frame = h("div", { class: "gt-panel-chart" });
  frame.append(picture);
  return frame;
}
