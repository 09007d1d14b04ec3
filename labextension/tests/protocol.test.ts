/// <reference types="vite/client" />
import { expect, test } from "vitest";
import { isRecord } from "../src/decode.js";
import { EngineError, opened, parseResult, parseTask, RESULTS, type Scope } from "../src/protocol.js";

interface Fixture {
  readonly scope: Scope;
  readonly op: string;
  readonly cases: readonly { readonly args: object; readonly answer: object }[];
}
const files = import.meta.glob<Fixture>("../../tests/fixtures/protocol/*.json", {
  eager: true,
  import: "default",
});
const fixtures = Object.values(files);
const cases = fixtures.flatMap(({ scope, op, cases }) =>
  cases.map(({ answer }, index) => ({ scope, op, index, answer })),
);

test("there is a fixture for every operation we speak, and for no other", () => {
  const known = Object.entries(RESULTS).flatMap(([scope, ops]) =>
    Object.keys(ops).map((op) => `${scope}.${op}`),
  );
  expect(fixtures.map(({ scope, op }) => `${scope}.${op}`).sort()).toEqual(known.sort());
});

test.each(cases.filter(({ answer }) => "ok" in answer))(
  "$scope.$op, case $index, is read without loss",
  ({ scope, op, answer }) => {
    const ok = opened(answer, op);
    expect(parseResult(scope, op as never, ok)).toMatchObject(ok as object);
  },
);

test.each(cases.filter(({ answer }) => "error" in answer))(
  "$scope.$op, case $index, is thrown with its code and words",
  ({ op, answer }) => {
    const { error } = answer as { error: { code: string; message: string } };
    expect(() => opened(answer, op)).toThrow(new EngineError(error.code, error.message));
  },
);

const claimedTask = () => {
  const claim = cases.find(({ op }) => op === "claim")?.answer as { ok: { tasks: object[] } };
  return claim.ok.tasks[0] as object;
};

test("a task of an engine that names the task type alone gets its kind, element and colours", () => {
  const { kind, purpose, element, labels, earlier } = parseTask(claimedTask());
  expect({ kind, purpose, element, earlier }).toEqual({
    kind: "boxes",
    purpose: "label",
    element: "boundingBox",
    earlier: null,
  });
  expect(labels[0]).toEqual({ label: "DHL", color: "#2ca02c", shortDisplayName: null });
});

test("an adjustment brings the label it starts from, and its own colours", () => {
  const value = { keypoints: [{ label: "DHL", x: 3, y: 4.5 }] };
  const earlier = { attribute: "points", kind: "keypoints", labels: ["DHL"], colors: ["#1f77b4"], value };
  const task = parseTask({
    ...claimedTask(),
    task_type: "keypoint-adjustment",
    kind: "keypoints",
    purpose: "adjust",
    element: "crowd-keypoint",
    labels: [{ label: "DHL", color: "#d40511" }],
    earlier,
  });
  expect([task.purpose, task.earlier, task.labels[0]?.color]).toEqual(["adjust", earlier, "#d40511"]);
});

test("a colour that is none is replaced: it would end up in style sheets", () => {
  const labels = [{ label: "DHL", color: "red; background: url(x)" }];
  expect(parseTask({ ...claimedTask(), labels }).labels[0]?.color).toBe("#2ca02c");
});

test("a task without its lease is refused with the place and what was found", () => {
  const task = { ...claimedTask(), lease: 7 };
  expect(() => parseTask(task)).toThrow("task.lease: expected a text; found 7");
});

test("members a newer engine adds do no harm", () => {
  const result = parseResult("worker", "begin", { lease_until: 2, now: 1, colour: "blue" });
  expect(isRecord(result) && "colour" in result).toBe(false);
});

test("an answer that is neither ok nor error is refused", () => {
  expect(() => opened("<html>", "worker.jobs")).toThrow("worker.jobs: expected");
});
