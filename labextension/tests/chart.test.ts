/** A chart that follows the theme: it knows dark ground by light words. */
import { expect, test } from "vitest";
import { isLight } from "../src/chart/index.js";

test("dark themes are known by their words, whatever notation the browser gives", () => {
  expect(isLight("rgba(255, 255, 255, 0.87)")).toBe(true); // JupyterLab Dark
  expect(isLight("rgba(0, 0, 0, 0.87)")).toBe(false); // JupyterLab Light
  expect(isLight("rgb(204, 204, 204)")).toBe(true);
  expect(isLight("color(srgb 0.8 0.8 0.8 / 0.9)")).toBe(true); // mixed by the style sheet
  expect(isLight("color(srgb 0.13 0.13 0.13)")).toBe(false);
  expect(isLight("")).toBe(false);
});
