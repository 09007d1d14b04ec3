/** Every mask tool in every state, with every gesture; and what the editor makes of it. */
import { expect, test, vi } from "vitest";
import { MaskEditor, type MaskTool } from "../src/mask/editor.js";
import type { Gesture } from "../src/mask/gesture.js";
import { brushTool, IDLE as BRUSH_IDLE } from "../src/tools/brush-tool.js";
import { hintTool, IDLE as HINT_IDLE } from "../src/tools/hint-tool.js";
import { closeLasso, IDLE as LASSO_IDLE, lassoTool, shortenLasso } from "../src/tools/lasso-tool.js";

const at = (x: number, y: number) => ({ x, y });
const press = (x: number, y: number): Gesture => ({ type: "press", at: at(x, y) });
const drag = (x: number, y: number): Gesture => ({ type: "drag", at: at(x, y) });
const release = (x: number, y: number): Gesture => ({ type: "release", at: at(x, y) });
const escape: Gesture = { type: "escape" };
const ALL = [press(9, 9), drag(9, 9), release(9, 9), escape];

function lasso(...events: Gesture[]) {
  let step: ReturnType<typeof lassoTool> = { state: LASSO_IDLE };
  for (const event of events) step = lassoTool(step.state, event, 4);
  return step;
}
const click = (x: number, y: number) => [press(x, y), release(x, y)];

test.each([
  ["idle", BRUSH_IDLE, ["dab", "nothing", "nothing", "nothing"]],
  ["painting", { mode: "painting", last: at(1, 1) } as const, ["dab", "dab", "dab, done", "cancelled"]],
])("the brush while %s", (_, state, outcomes) => {
  const said = ALL.map((event) => {
    const { dab, end } = brushTool(state, event);
    return [dab && "dab", end].filter(Boolean).join(", ") || "nothing";
  });
  expect(said).toEqual(outcomes);
});

test("each dab of a brush begins where the last one ended", () => {
  const first = brushTool(BRUSH_IDLE, press(1, 2));
  const second = brushTool(first.state, drag(5, 6));
  const third = brushTool(second.state, release(7, 8));
  expect([first, second, third].map(({ dab }) => dab)).toEqual([
    { from: at(1, 2), to: at(1, 2) },
    { from: at(1, 2), to: at(5, 6) },
    { from: at(5, 6), to: at(7, 8) },
  ]);
});

test("clicks set the corners of an outline; one on the first closes it", () => {
  const { closed, state } = lasso(...click(0, 0), ...click(20, 0), ...click(20, 20), press(1, 1));
  expect(closed).toEqual([at(0, 0), at(20, 0), at(20, 20)]);
  expect(state).toEqual(LASSO_IDLE);
});

test("a double click closes the outline where it is", () => {
  expect(lasso(...click(0, 0), ...click(20, 0), ...click(20, 20), press(20, 21)).closed).toHaveLength(3);
});

test("dragging draws the outline freely, and coming back closes it", () => {
  const around = Array.from({ length: 16 }, (_, k) => drag(50 + 30 * Math.sin(k / 2.5), 50 - 30 * Math.cos(k / 2.5)));
  const { closed } = lasso(press(50, 20), ...around, release(50, 21));
  expect(closed?.length).toBeGreaterThan(10);
});

test("two corners enclose nothing; escape drops, back takes the last one", () => {
  const two = lasso(...click(0, 0), ...click(20, 0)).state;
  expect(closeLasso(two)).toEqual({ state: two });
  expect(shortenLasso(two).points).toEqual([at(0, 0)]);
  expect(lassoTool(two, escape, 4).state).toEqual(LASSO_IDLE);
  expect(lassoTool(two, drag(9, 9), 4).state).toBe(two);
  expect(lassoTool(two, release(9, 9), 4).state).toBe(two);
});

test("a drag is a rough box, four clicks are extreme points, a click is one where a model is", () => {
  const rules = { slop: 3, clicks: false };
  const held = hintTool(HINT_IDLE, press(10, 10), rules).state;
  expect(hintTool(held, release(4, 30), rules).hint).toEqual({
    box: { left: 4, top: 10, width: 6, height: 20 },
  });
  let state = HINT_IDLE;
  let hint: unknown;
  for (const [x, y] of [[1, 1], [9, 1], [9, 9], [1, 9]] as const) {
    state = hintTool(state, press(x, y), rules).state;
    ({ state, hint } = hintTool(state, release(x, y), rules) as { state: typeof state; hint: unknown });
  }
  expect(hint).toEqual({ extreme: [at(1, 1), at(9, 1), at(9, 9), at(1, 9)] });
  expect(hintTool(held, release(11, 10), { ...rules, clicks: true }).hint).toEqual({
    clicks: [{ ...at(10, 10), inside: true }],
  });
});

test.each(ALL)("a hint that was not begun is none: %o", (event) => {
  const step = hintTool(HINT_IDLE, event, { slop: 3, clicks: true });
  expect(step.hint).toBeUndefined();
});

// --- the editor -------------------------------------------------------------------------------

function editor() {
  const events = {
    painted: vi.fn(),
    finished: vi.fn(),
    changed: vi.fn(),
    flood: vi.fn(),
    hint: vi.fn(),
  };
  const layers = ["road", "car"].map((label, index) => ({ value: index + 1, label, color: "#000000" }));
  const made = new MaskEditor({ width: 100, height: 80 }, layers, events, () => 1);
  made.setBrush(4);
  return { made, events };
}

test.each(["brush", "eraser", "lasso", "fill", "hint"] as MaskTool[])(
  "%s: whatever is played, one stroke is one undo step and undo ends with an empty map",
  (tool) => {
    for (const first of ALL) {
      for (const second of ALL) {
        const { made } = editor();
        made.setTool(tool);
        for (const event of [first, second, press(30, 30), drag(60, 40), release(40, 60)]) made.play(event);
        expect(made.painting).toBe(false);
        while (made.past.length > 0 || made.lasso.points.length > 0 || made.hintState.points.length > 0) made.undo();
        expect(made.isEmpty).toBe(true);
      }
    }
  },
);

test("a stroke that is cancelled leaves nothing, also of what could be done again", () => {
  const { made } = editor();
  [press(10, 10), drag(50, 50), escape].forEach((event) => made.play(event));
  expect(made.isEmpty).toBe(true);
  expect(made.past).toHaveLength(0);
});

test("a second finger takes back what the first one did, and no corner before it", () => {
  const { made, events } = editor();
  made.play(press(10, 10));
  made.cancel();
  expect(made.isEmpty).toBe(true);
  made.setTool("lasso");
  [...click(10, 10), ...click(50, 10), press(50, 50)].forEach((event) => made.play(event));
  made.cancel();
  expect(made.lasso.points).toEqual([at(10, 10), at(50, 10)]);
  made.setTool("hint");
  [...click(10, 10), press(30, 30)].forEach((event) => made.play(event));
  made.cancel();
  expect(made.hintState).toEqual({ points: [at(10, 10)], anchor: null, draft: null });
  made.setTool("fill");
  made.play(press(10, 10));
  made.cancel();
  expect(events.flood).not.toHaveBeenCalled();
});

test("painting after undo forgets what could be done again", () => {
  const { made } = editor();
  [...click(10, 10), ...click(40, 40)].forEach((event) => made.play(event));
  made.undo();
  expect(made.future).toHaveLength(1);
  [...click(60, 60)].forEach((event) => made.play(event));
  expect(made.future).toHaveLength(0);
});

test("keys alone move the cross, paint on the way and paint a dab", () => {
  const { made } = editor();
  made.setBrush(1);
  made.nudge(-10, 0, false);
  made.press();
  made.nudge(3, 0, true);
  expect(made.map.counts[1]).toBe(4);
  expect([40, 41, 42, 43].map((x) => made.map.at(x, 40))).toEqual([1, 1, 1, 1]);
  expect(made.past).toHaveLength(2);
});

test("nothing to label is said of an empty picture only, and painting takes it back", () => {
  const { made } = editor();
  made.setNothing(true);
  expect(made.nothing).toBe(true);
  click(10, 10).forEach((event) => made.play(event));
  expect(made.nothing).toBe(false);
  made.setNothing(true);
  expect(made.nothing).toBe(false);
});

test("a proposal is stamped as one undo step, and keeps to the background when told to", () => {
  const { made } = editor();
  const place = { left: 10, top: 10, right: 13, bottom: 12 };
  made.stamp(place, Uint8Array.from([0, 1, 1, 1, 1, 0]), 1);
  expect(made.map.counts[1]).toBe(4);
  made.setRespect(true);
  made.chosen = 2;
  made.stamp(place, new Uint8Array(6).fill(1), 2);
  expect([made.map.counts[1], made.map.counts[2], made.past.length]).toEqual([4, 2, 2]);
});
