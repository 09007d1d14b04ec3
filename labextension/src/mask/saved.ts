/** Masks as they come and go: drafts, earlier labels, answers. */
import { isRecord } from "../decode.js";
import type { Size } from "../geometry/box.js";
import type { Earlier, TaskLabel } from "../protocol.js";
import type { Layer } from "./editor.js";
import type { Ask } from "./keeper.js";

/** Packed runs: bytes in the browser, base64 from the engine. */
export function packedOf(draft: unknown): Uint8Array | null {
  if (!isRecord(draft)) return null;
  const runs = draft["mask_runs"];
  if (runs instanceof Uint8Array) return runs;
  return typeof runs === "string" ? fromBase64(runs) : null;
}

export function fromBase64(text: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

/** The instances of a draft or an earlier answer, as far as their labels are still known. */
export function layersOf(
  saved: unknown,
  labels: readonly TaskLabel[],
  colorOf: (index: number) => string,
): readonly Layer[] {
  const found = isRecord(saved) && Array.isArray(saved["instances"]) ? saved["instances"] : [];
  return found.flatMap((each: unknown, index) => {
    const label = isRecord(each) ? each["label"] : null;
    const known = labels.some((one) => one.label === label);
    return known ? [{ value: index + 1, label: String(label), color: colorOf(index) }] : [];
  });
}

/** How the keeper begins: with the draft, else with the earlier label, else empty. */
export function opening(
  size: Size,
  draft: unknown,
  earlier: Earlier | null,
  labels: readonly TaskLabel[],
): Ask {
  const packed = packedOf(draft);
  if (packed) return { op: "open", ...size, packed };
  return earlierOpening(size, earlier, labels) ?? { op: "open", ...size };
}

/** An earlier mask is a PNG in the colours that its own `labelMappings` name. */
export function earlierOpening(
  size: Size,
  earlier: Earlier | null,
  labels: readonly { readonly label: string }[],
): Ask | null {
  const image = earlier?.value["labeledImage"];
  const data = isRecord(image) ? image["pngImageData"] : null;
  const png = typeof data === "string" ? fromBase64(data) : null;
  if (!earlier || !png) return null;
  const { labelMappings, instances } = earlier.value;
  const colors: number[] = [];
  if (isRecord(labelMappings)) {
    labels.forEach(({ label }, index) => {
      const entry = labelMappings[label];
      if (isRecord(entry)) colors.push(rgb(entry["color"]), index + 1);
    });
  } else if (Array.isArray(instances)) {
    instances.forEach((each: unknown, index) => {
      if (isRecord(each)) colors.push(rgb(each["color"]), index + 1);
    });
  }
  return { op: "open", ...size, png, colors };
}

const rgb = (color: unknown): number => parseInt(String(color).slice(1), 16);

/** The values that were painted become 1, 2, ...: an erased instance leaves no gap. */
export function renumbered(
  layers: readonly Layer[],
  counts: Float64Array,
): { readonly table: Uint8Array<ArrayBuffer>; readonly kept: readonly Layer[] } {
  const kept = layers.filter(({ value }) => (counts[value] ?? 0) > 0);
  const table = new Uint8Array(256);
  kept.forEach(({ value }, index) => {
    table[value] = index + 1;
  });
  return { table, kept };
}
