/** Colours of the label categories where a task brings none: those of the Ground Truth tool. */

const COLORS = [
  "#2ca02c",
  "#1f77b4",
  "#ff7f0e",
  "#d62728",
  "#9467bd",
  "#8c564b",
  "#e377c2",
  "#7f7f7f",
  "#bcbd22",
  "#17becf",
] as const;
/** Colour is never alone: after one round of colours the outline is dashed. */
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

export const colorOf = (classId: number): string =>
  COLORS[Math.max(classId, 0) % COLORS.length] ?? COLORS[0];

export const dashOf = (classId: number): readonly number[] =>
  DASHES[Math.floor(Math.max(classId, 0) / COLORS.length) % DASHES.length] ?? [];

/** Black or white, whichever reads better on a colour (WCAG relative luminance). */
export function inkOn(color: string): string {
  const [red, green, blue] = [1, 3, 5].map((at) => linear(parseInt(color.slice(at, at + 2), 16)));
  const light = 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  return light > 0.179 ? "#000000" : "#ffffff";
}

function linear(channel: number): number {
  const share = channel / 255;
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
}
