/// <reference types="vite/client" />
import { expect, test } from "vitest";

const sources = Object.entries(
  import.meta.glob<string>("../src/**/*.ts", { eager: true, query: "?raw", import: "default" }),
);

test.each(sources)("%s puts no text into the page as markup", (_, source) => {
  expect(source).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser/);
});

const HOST_FREE = /src\/(geometry|tools|render|work)\/|src\/(editor|frame|store|viewport|input)\.ts/;
test.each(sources.filter(([path]) => HOST_FREE.test(path)))("%s knows no host", (_, source) => {
  expect(source).not.toMatch(/anywidget|jupyter|from "\.\.\/(views|widget)\//i);
});
