/** A colour for each instance: the tool's own ten, then hues a golden angle apart, as the engine's. */
import { colorOf } from "../render/palette.js";

const TOOL_COLORS = 10;
const GOLDEN_ANGLE = 0.381966;

export function instanceColor(index: number): string {
  if (index < TOOL_COLORS) return colorOf(index);
  const step = index - TOOL_COLORS;
  const value = [0.85, 0.6, 0.4][Math.floor(step / 64) % 3] ?? 0.85;
  return hex((step * GOLDEN_ANGLE) % 1, 0.75, value);
}

/** Hue, saturation and value in [0, 1] as `#rrggbb`. */
function hex(hue: number, saturation: number, value: number): string {
  const channel = (shift: number): string => {
    const k = (shift + hue * 6) % 6;
    const share = value - value * saturation * Math.max(Math.min(k, 4 - k, 1), 0);
    return Math.round(share * 255).toString(16).padStart(2, "0");
  };
  return `#${channel(5)}${channel(3)}${channel(1)}`;
}
