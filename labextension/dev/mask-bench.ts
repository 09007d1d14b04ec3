/** What benchmarks/canvas/mask.py measures inside the page: the very code of the mask canvas. */
import { Helper } from "../src/mask/helper.js";
import { allowed, LabelMap, Stroke } from "../src/mask/label-map.js";
import { Overlay } from "../src/mask/overlay.js";
import { capsule } from "../src/mask/paint.js";
import { fit } from "../src/viewport.js";

const SIZE = { width: 4000, height: 3000 };
const VIEW = { width: 1000, height: 700 };
const COLORS = ["#2ca02c", "#1f77b4", "#ff7f0e", "#d62728", "#9467bd"];
/** Dabs on the way across the picture, and how often it is crossed. */
const DABS = 450;
const PASSES = 4;

/** Along a wavy line across the picture. */
const wave = (step: number) => ({
  x: (step / DABS) * SIZE.width,
  y: SIZE.height / 2 + Math.sin(step / 20) * SIZE.height * 0.4,
});

function canvas(): HTMLCanvasElement {
  const made = document.createElement("canvas");
  Object.assign(made, VIEW);
  document.body.replaceChildren(made);
  return made;
}

/** Milliseconds of each dab, painted and shown, over a map with five labels. */
function dabs(brush: number): { paint: number[]; map: LabelMap } {
  const map = new LabelMap(SIZE);
  const overlay = new Overlay(canvas());
  const viewport = fit(SIZE, VIEW);
  overlay.setLook({ colors: new Map(COLORS.map((color, at) => [at + 1, color])), hidden: new Set() });
  overlay.paintAll(map, viewport, 1);
  const paint: number[] = [];
  for (let pass = 0; pass < PASSES * COLORS.length; pass++) {
    const value = 1 + (pass % COLORS.length);
    const stroke = new Stroke(map, value, allowed(value, value, false));
    for (let step = 1; step < DABS / COLORS.length; step++) {
      const [from, to] = [step - 1, step].map((each) => wave(each * COLORS.length + value));
      const start = performance.now();
      capsule(from!, to!, brush, (...span) => stroke.span(...span));
      const fresh = stroke.takeFresh();
      if (fresh) overlay.paint(map, fresh);
      paint.push(performance.now() - start);
    }
  }
  return { paint, map };
}

/** The longest time in which the page could not answer while something else was done. */
async function blocked(work: Promise<unknown>): Promise<number> {
  let [longest, last, on] = [0, performance.now(), true];
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (on) channel.port2.postMessage(0);
  };
  channel.port2.postMessage(0);
  await work;
  on = false;
  return longest;
}

/** Packing in the worker, and the usual way beside it: a canvas of full size, saved as PNG. */
async function packs(map: LabelMap) {
  const helper = new Helper(new AbortController().signal);
  await helper.ask({ op: "open", ...SIZE });
  helper.tell({ op: "patch", left: 0, top: 0, width: SIZE.width, bytes: map.data.slice() });
  await helper.bytes({ op: "pack" });
  const start = performance.now();
  const packing = helper.bytes({ op: "pack" });
  const held = await blocked(packing);
  const packed = { ms: performance.now() - start, held, bytes: (await packing).length };

  const full = document.createElement("canvas");
  Object.assign(full, SIZE);
  const begin = performance.now();
  const png = (async () => {
    const pen = full.getContext("2d")!;
    const image = pen.createImageData(SIZE.width, SIZE.height);
    const words = new Uint32Array(image.data.buffer);
    map.data.forEach((value, at) => {
      words[at] = value === 0 ? 0xffffffff : 0xff000000 + value * 40;
    });
    pen.putImageData(image, 0, 0);
    return new Promise<Blob | null>((settle) => full.toBlob(settle, "image/png"));
  })();
  const heldByPng = await blocked(png);
  const blob = await png;
  return { packed, png: { ms: performance.now() - begin, held: heldByPng, bytes: blob?.size ?? 0 } };
}

Object.assign(globalThis, {
  bench: async (brush: number) => {
    const { paint, map } = dabs(brush);
    const all = [];
    for (let run = 0; run < 5; run++) {
      const start = performance.now();
      const overlay = new Overlay(canvas());
      overlay.setLook({ colors: new Map(COLORS.map((c, at) => [at + 1, c])), hidden: new Set() });
      overlay.paintAll(map, fit(SIZE, VIEW), 1);
      all.push(performance.now() - start);
    }
    return { paint, all, ...(await packs(map)) };
  },
});
