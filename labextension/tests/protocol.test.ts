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
    expect(parseResult(scope, op as never, ok)).toEqual(ok);
  },
);

test.each(cases.filter(({ answer }) => "error" in answer))(
  "$scope.$op, case $index, is thrown with its code and words",
  ({ op, answer }) => {
    const { error } = answer as { error: { code: string; message: string } };
    expect(() => opened(answer, op)).toThrow(new EngineError(error.code, error.message));
  },
);

test("a task without its lease is refused with the place and what was found", () => {
  const claim = cases.find(({ op }) => op === "claim")?.answer as { ok: { tasks: object[] } };
  const task = { ...claim.ok.tasks[0], lease: 7 };
  expect(() => parseTask(task)).toThrow("task.lease: expected a text; found 7");
});

test("members a newer engine adds do no harm", () => {
  const result = parseResult("worker", "begin", { lease_until: 2, now: 1, colour: "blue" });
  expect(isRecord(result) && "colour" in result).toBe(false);
});

test("an answer that is neither ok nor error is refused", () => {
  expect(() => opened("<html>", "worker.jobs")).toThrow("worker.jobs: expected");
});
