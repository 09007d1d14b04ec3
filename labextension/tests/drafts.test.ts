import { expect, test } from "vitest";
import { Drafts } from "../src/drafts.js";
import { memoryShelf, storageShelf } from "../src/shelves.js";
import { timeSpentOf } from "../src/work/answers.js";
import { drawingFrom } from "../src/work/shapes.js";
import { Sessions } from "../src/work/session.js";

const TASK = { task_id: "t1", lease: "l1" };

function fakeStorage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
    key: (index: number) => [...kept.keys()][index] ?? null,
    clear: () => kept.clear(),
    get length() {
      return kept.size;
    },
  };
}

test.each([
  ["memory", () => memoryShelf()],
  ["localStorage", () => storageShelf(fakeStorage())],
])("a draft kept in %s is found again by another page, and forgotten when answered", async (_, open) => {
  const shelf = open();
  await new Drafts(shelf, "store", () => 1).save("ana", TASK, { nothing: true });
  const later = new Drafts(shelf, "store", () => 2);
  expect(await later.find("ana", TASK)).toEqual({ nothing: true });
  await later.forget("ana", "t1");
  expect(await later.find("ana", TASK)).toBeNull();
});

test("nobody sees another worker's draft, nor one of another store", async () => {
  const shelf = memoryShelf();
  await new Drafts(shelf, "store", () => 1).save("ana", TASK, "hers");
  expect(await new Drafts(shelf, "store", () => 1).find("ben", TASK)).toBeNull();
  expect(await new Drafts(shelf, "other", () => 1).find("ana", TASK)).toBeNull();
});

test("a new lease of the same task finds what the old one left", async () => {
  const shelf = memoryShelf();
  let now = 1;
  const drafts = new Drafts(shelf, "store", () => now++);
  await drafts.save("ana", TASK, "first");
  await drafts.save("ana", { ...TASK, lease: "l2" }, "second");
  expect(await drafts.find("ana", TASK)).toBe("first");
  expect(await drafts.find("ana", { ...TASK, lease: "l3" })).toBe("second");
});

test("a draft nobody came back for in a week is thrown away", async () => {
  const shelf = memoryShelf();
  let now = 0;
  const drafts = new Drafts(shelf, "store", () => now);
  await drafts.save("ana", TASK, "old");
  now = 8 * 24 * 3_600_000;
  await drafts.tidy();
  expect(await drafts.find("ana", TASK)).toBeNull();
});

test("boxes of a draft that no longer fit are mended or left out", () => {
  const box = { label: "DHL", left: 60, top: 0, width: 30, height: 10 };
  const draft = { v: 1, time_spent_s: 4, boxes: [box, { ...box, label: "Gone" }], nothing: false };
  const drawing = drawingFrom(draft, "box", { width: 64, height: 48 }, ["DHL"]);
  expect(drawing?.items.map(({ shape }) => shape)).toEqual([
    { form: "box", left: 60, top: 0, width: 4, height: 10 },
  ]);
  expect(timeSpentOf(draft)).toBe(4);
});

test.each([null, "text", { v: 1 }, { v: 1, time_spent_s: 1, boxes: [{ left: "x" }] }])(
  "a draft that makes no sense, like %j, begins afresh",
  (draft) => {
    expect(drawingFrom(draft, "box", { width: 1, height: 1 }, ["DHL"])).toBeNull();
  },
);

test("a session is found by its worker's name, or the last one when none is given", () => {
  const sessions = new Sessions(fakeStorage(), "store");
  sessions.keep({ userName: "ana", token: "s-1" });
  expect(sessions.find("ana")?.token).toBe("s-1");
  expect(sessions.find("")?.userName).toBe("ana");
  expect(sessions.find("ben")).toBeNull();
  sessions.working("ana", "logos", "logos");
  expect([sessions.resumes("ana", "logos"), sessions.resumes("ana", "other")]).toEqual(["logos", ""]);
  sessions.forget("ana");
  expect(sessions.find("")).toBeNull();
});
