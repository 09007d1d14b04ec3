/// <reference types="vite/client" />
import { expect, test } from "vitest";
// @ts-expect-error a script of the build, without types
import { ownNames } from "../scripts/own-names.mjs";

const fixtures = import.meta.glob<object>("../../tests/fixtures/protocol/*.json", {
  eager: true,
  import: "default",
});

function keysOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(keysOf)];
}

test("no name of the protocol, of a draft or of the browser is shortened by the build", () => {
  const root = new URL("..", import.meta.url).pathname;
  const shortened = new Set<string>(ownNames(root) as string[]);
  const drafts = ["shapes", "at", "label", "locked", "nothing", "entities", "labels", "none", "layers", "runs", "value", "color"];
  const wire = [...keysOf(fixtures), "time_spent_s", "get", "render", "postMessage", "close"];
  expect([...drafts, ...wire].filter((name) => shortened.has(name))).toEqual([]);
  expect([...shortened]).toContain("beginActivity");
}, 300_000);
