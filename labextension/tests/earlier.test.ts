/** Earlier labels as the engine sends them, read for a verification. */
import { expect, test } from "vitest";
import { earlierClasses, earlierPaint, earlierShapes } from "../src/work/earlier.js";

const of = (kind: string, value: Readonly<Record<string, unknown>>) => ({
  colors: null, attribute: "first-pass",
  kind,
  labels: ["DHL"],
  value,
});

test("boxes, paths and points become shapes to draw", () => {
  const box = { label: "DHL", left: 1, top: 2, width: 10, height: 20 };
  const corners = [
    { x: 1, y: 2 },
    { x: 11, y: 2 },
    { x: 11, y: 22 },
    { x: 1, y: 22 },
  ];
  expect(earlierShapes(of("boxes", { boundingBoxes: [box] }))).toEqual([
    { label: "DHL", form: "polygon", points: corners },
  ]);
  const vertices = corners.slice(0, 2);
  expect(earlierShapes(of("lines", { lines: [{ label: "DHL", vertices }] }))[0]?.points).toEqual(vertices);
  const point = { label: "DHL", x: 3, y: 4 };
  expect(earlierShapes(of("keypoints", { keypoints: [point] }))[0]).toMatchObject({ form: "point" });
});

test("a painting keeps its colours, and a classification its categories", () => {
  const value = {
    labelMappings: { road: { color: "#2ca02c" } },
    labeledImage: { pngImageData: "AAAA" },
  };
  expect(earlierPaint(of("mask", value))).toEqual({
    png: "AAAA",
    colors: [{ label: "road", color: "#2ca02c" }],
  });
  expect(earlierClasses(of("class", { label: "DHL" }))).toEqual(["DHL"]);
  expect(earlierClasses(of("classes", { labels: [] }))).toEqual([]);
  expect(earlierClasses(of("boxes", { boundingBoxes: [] }))).toBeNull();
});

test("a label that is not of its kind is refused where it is read", () => {
  expect(() => earlierShapes(of("boxes", {}))).toThrow("earlier.value.boundingBoxes");
});
