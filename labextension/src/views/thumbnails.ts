/** The latest labels as small pictures, boxes drawn over them in pixels of the stored picture. */
import type { Backend } from "../backend/types.js";
import * as words from "../i18n.js";
import type { Card } from "../protocol.js";
import { colorOf, dashOf } from "../render/palette.js";
import { svg } from "./dom.js";
import { swatch } from "./label-list.js";
import type { Kit } from "./view.js";

type Recent = Card["recent"][number];

export class Thumbnails {
  readonly element: HTMLElement;
  private readonly tiles = new Map<string, HTMLElement>();
  private readonly urls: string[] = [];

  constructor(
    private readonly kit: Kit,
    private readonly backend: Backend,
    private readonly jobName: string,
  ) {
    this.element = kit.h("ul", { class: "gt-thumbs" });
    const release = () => this.urls.forEach((url) => URL.revokeObjectURL(url));
    kit.signal.addEventListener("abort", release);
  }

  show(card: Card): void {
    const tiles = card.recent.map((recent) => this.tile(recent, card.categories));
    const same = tiles.every((tile, index) => this.element.children[index] === tile);
    if (!same || tiles.length !== this.element.children.length) this.element.replaceChildren(...tiles);
  }

  /** Made once per label; a label made anew, as by a second round, is another tile. */
  private tile(recent: Recent, categories: readonly string[]): HTMLElement {
    const key = JSON.stringify(recent);
    const known = this.tiles.get(key);
    if (known) return known;
    const made = this.build(recent, categories);
    this.tiles.set(key, made);
    return made;
  }

  private build(recent: Recent, categories: readonly string[]): HTMLElement {
    const { h } = this.kit;
    const image = h("img", { class: "gt-thumb-image", alt: words.object(recent.object_id) });
    void this.load(image, recent.object_id);
    const frame = h("div", { class: "gt-thumb-frame" }, [image, this.overlay(recent)]);
    frame.style.setProperty("aspect-ratio", `${recent.width} / ${recent.height}`);
    return h("li", { class: "gt-thumb", "data-gt-object": recent.object_id }, [
      h("div", { class: "gt-thumb-box" }, frame),
      this.caption(recent, categories),
    ]);
  }

  private async load(image: HTMLImageElement, objectId: string): Promise<void> {
    try {
      const blob = await this.backend.thumbnail(this.jobName, objectId);
      if (this.kit.signal.aborted) return;
      const url = URL.createObjectURL(blob);
      this.urls.push(url);
      image.src = url;
    } catch {
      image.classList.add("gt-missing"); // the caption and the boxes still say what was labeled
    }
  }

  private overlay({ width, height, boxes }: Recent): SVGElement {
    const { doc } = this.kit;
    const rectangles = boxes.map(({ class_id, ...box }) =>
      svg(doc, "rect", {
        x: box.left,
        y: box.top,
        width: box.width,
        height: box.height,
        stroke: colorOf(class_id),
        "stroke-dasharray": dashOf(class_id).join(" ") || null,
      }),
    );
    const viewBox = `0 0 ${width} ${height}`;
    return svg(doc, "svg", { class: "gt-thumb-overlay", viewBox, "aria-hidden": "true" }, rectangles);
  }

  private caption(recent: Recent, categories: readonly string[]): HTMLElement {
    const { h } = this.kit;
    const classes = new Set(recent.boxes.map(({ class_id }) => class_id));
    if (recent.class_id !== null) classes.add(recent.class_id);
    const names = [...classes].map((id) =>
      h("span", { class: "gt-thumb-class" }, [swatch(this.kit, id), categories[id] ?? `class ${id}`]),
    );
    const { confidence } = recent;
    return h("p", { class: "gt-caption" }, [
      ...(names.length > 0 ? names : [words.nothingFound]),
      confidence !== null && h("span", { class: "gt-muted" }, words.confidence(confidence)),
    ]);
  }
}
