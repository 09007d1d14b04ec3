/** Which pixel is under the pointer, and its colour. */
import type { Point } from "../geometry/box.js";
import type { Kit } from "./view.js";

export interface ReadOut {
  readonly element: HTMLElement;
  readonly show: (at: Point | null, picture: ImageBitmap | null) => void;
}

const EVERY_MS = 50;

export function readOut(kit: Kit): ReadOut {
  const dot = kit.h("span", { class: "gt-swatch" });
  const said = kit.h("span");
  const element = kit.h("div", { class: "gt-readout", hidden: true, "aria-hidden": "true" }, [
    dot,
    said,
  ]);
  const pixel = kit.doc.createElement("canvas");
  pixel.width = pixel.height = 1;
  const pen = pixel.getContext("2d", { willReadFrequently: true });
  let last = "";

  const read = (x: number, y: number, picture: ImageBitmap) => {
    if (!pen || last === `${x},${y}` || picture.width === 0) return;
    last = `${x},${y}`;
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1, 1);
    pen.drawImage(picture, x, y, 1, 1, 0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = pen.getImageData(0, 0, 1, 1).data;
    const color = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    dot.style.background = color;
    said.textContent = `${x}, ${y}  ${color}`;
  };
  let now: readonly [Point | null, ImageBitmap | null] = [null, null];
  let waiting = false;
  const update = () => {
    waiting = false;
    if (kit.signal.aborted) return;
    const [at, picture] = now;
    const [x, y] = [Math.floor(at?.x ?? -1), Math.floor(at?.y ?? -1)];
    const inside = picture && x >= 0 && y >= 0 && x < picture.width && y < picture.height;
    if (element.hidden === Boolean(inside)) element.hidden = !inside;
    if (inside) read(x, y, picture);
  };

  return {
    element,
    show(at, picture) {
      now = [at, picture];
      if (waiting) return;
      waiting = true;
      setTimeout(update, EVERY_MS); // after the frame: the shape in hand comes first
    },
  };
}
