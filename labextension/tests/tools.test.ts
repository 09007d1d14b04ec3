import { describe, expect, test } from "vitest";
import { box, type Shape } from "../src/geometry/shape.js";
import type { Item } from "../src/store.js";
import {
  DRAG_IDLE,
  dragTool,
  EVENT_TYPES,
  PAN_IDLE,
  panTool,
  PATH_IDLE,
  pathTool,
  SELECT_IDLE,
  selectTool,
  type Scene,
  type Step,
  type ToolEvent,
} from "../src/tools/index.js";

const at = (x: number, y: number) => ({ x, y });
const press = (x: number, y: number): ToolEvent => ({ type: "press", at: at(x, y) });
const drag = (x: number, y: number): ToolEvent => ({ type: "drag", at: at(x, y) });
const release = (x: number, y: number): ToolEvent => ({ type: "release", at: at(x, y) });
const hover = (x: number, y: number): ToolEvent => ({ type: "hover", at: at(x, y) });
const click = (x: number, y: number) => [press(x, y), release(x, y)];
const [escape, cancel, finish, back] = (["escape", "cancel", "finish", "back"] as const).map(
  (type): ToolEvent => ({ type }),
) as [ToolEvent, ToolEvent, ToolEvent, ToolEvent];

const item = (id: number, shape: Shape): Item =>
  ({ id, shape, label: "DHL", locked: false, hidden: false });
const square = box({ left: 10, top: 10, width: 40, height: 40 });
const triangle: Shape = { form: "polygon", vertices: [at(10, 10), at(60, 10), at(10, 60)] };
const sceneOf = (selected: Item | null, ...hits: Item[]): Scene => ({
  hits: ({ x, y }) => (x < 80 && y < 80 ? hits : []),
  selected,
  picture: { width: 100, height: 100 },
  reach: 4,
  slop: 3,
  snap: 0,
});
const empty = sceneOf(null);

function played<S>(
  tool: (state: S, event: ToolEvent, scene: Scene) => Step<S>,
  idle: S,
  scene: Scene,
  events: readonly ToolEvent[],
): Step<S> {
  return events.reduce<Step<S>>((step, event) => tool(step.state, event, scene), { state: idle });
}
const draw = (form: "box" | "line" | "keypoint", ...events: ToolEvent[]) =>
  played(dragTool(form), DRAG_IDLE, empty, events);
const path = (form: "polygon" | "polyline", ...events: ToolEvent[]) =>
  played(pathTool(form), PATH_IDLE, empty, events);
const select = (scene: Scene, ...events: ToolEvent[]) =>
  played(selectTool, SELECT_IDLE, scene, events);

describe("drawing with one drag", () => {
  test("up and to the left gives the same box as down and to the right", () => {
    const drawn = box({ left: 10, top: 20, width: 30, height: 40 });
    expect(draw("box", press(10, 20), drag(30, 30), release(40, 60)).drawn).toEqual(drawn);
    expect(draw("box", press(40, 60), drag(30, 30), release(10, 20)).drawn).toEqual(drawn);
  });
  test("a line goes from the press to the release", () => {
    const { drawn } = draw("line", press(10, 20), release(40, 60));
    expect(drawn).toEqual({ form: "line", vertices: [at(10, 20), at(40, 60)] });
  });
  test("a click sets a key point where it is let go", () => {
    const { drawn } = draw("keypoint", press(10, 20), drag(12, 20), release(12, 21));
    expect(drawn).toEqual({ form: "keypoint", vertices: [at(12, 21)] });
  });
  test.each(["box", "line"] as const)("a click is no %s", (form) => {
    const step = draw(form, press(10, 10), release(11, 10));
    expect([step.drawn, step.clicked]).toEqual([undefined, at(11, 10)]);
  });
  test("a sliver thinner than a few screen pixels is thrown away, and is no click either", () => {
    const step = draw("box", press(10, 10), drag(60, 12), release(60, 12));
    expect([step.drawn, step.clicked]).toEqual([undefined, undefined]);
  });
  test("at high zoom a box of one pixel is a box", () => {
    const near = { ...empty, slop: 4 / 32 };
    const step = played(dragTool("box"), DRAG_IDLE, near, [press(10, 10), release(11, 11)]);
    expect(step.drawn).toEqual(box({ left: 10, top: 10, width: 1, height: 1 }));
  });
  test("close to the picture's border it ends on the border, unless Alt is held", () => {
    const scene = { ...empty, snap: 5 };
    const run = (free: boolean) =>
      played(dragTool("box"), DRAG_IDLE, scene, [
        { type: "press", at: at(4, 3), free },
        { type: "release", at: at(96, 50), free },
      ]).drawn;
    expect(run(false)).toEqual(box({ left: 0, top: 0, width: 100, height: 50 }));
    expect(run(true)).toEqual(box({ left: 4, top: 3, width: 92, height: 47 }));
  });
});

describe("drawing vertex by vertex", () => {
  const corner = [...click(10, 10), ...click(60, 10), ...click(10, 60)];
  test("a polygon ends on its first vertex", () => {
    expect(path("polygon", ...corner, press(11, 12)).drawn).toEqual(triangle);
  });
  test("a polyline ends on its last vertex, as a double click does", () => {
    const { drawn } = path("polyline", ...click(10, 10), ...click(60, 10), press(61, 11));
    expect(drawn).toEqual({ form: "polyline", vertices: [at(10, 10), at(60, 10)] });
  });
  test("Enter ends it; a vertex set twice by a double click counts once", () => {
    expect(path("polygon", ...corner, ...click(10, 60), finish).drawn).toEqual(triangle);
  });
  test("two vertices are no polygon: it goes on", () => {
    const step = path("polygon", ...click(10, 10), ...click(60, 10), finish);
    expect([step.drawn, step.state.mode]).toEqual([undefined, "drawing"]);
  });
  test("a vertex follows the finger until it is let go", () => {
    const step = path("polyline", ...click(10, 10), press(50, 50), drag(60, 20), release(60, 10), finish);
    expect(step.drawn).toEqual({ form: "polyline", vertices: [at(10, 10), at(60, 10)] });
  });
  test("Backspace takes the last vertex, and the first one ends the drawing", () => {
    expect(path("polygon", ...corner, back, back).state).toMatchObject({ vertices: [at(10, 10)] });
    expect(path("polygon", ...corner, back, back, back).state).toEqual(PATH_IDLE);
  });
  test("a second finger takes back the vertex the first one set, and no more", () => {
    const step = path("polygon", ...click(10, 10), press(60, 10), cancel);
    expect(step.state).toMatchObject({ vertices: [at(10, 10)] });
    expect(path("polygon", ...corner, cancel).state).toMatchObject({ vertices: triangle.form === "polygon" ? triangle.vertices : [] });
  });
  test("a polygon without an inside is a slip", () => {
    const step = path("polygon", ...click(10, 10), ...click(40, 10), ...click(80, 10), finish);
    expect([step.drawn, step.state]).toEqual([undefined, PATH_IDLE]);
  });
});

describe("selecting", () => {
  const a = item(1, square);
  test("pressing a shape selects it; pressing beside all selects none", () => {
    expect(select(sceneOf(null, a), press(20, 20)).selected).toBe(1);
    expect(select(sceneOf(a, a), press(90, 90)).selected).toBeNull();
  });
  test("dragging by the middle moves it, by a corner resizes it", () => {
    expect(select(sceneOf(null, a), press(20, 20), drag(25, 22), release(30, 25)).edited).toEqual({
      id: 1,
      shape: { ...square, left: 20, top: 15 },
    });
    expect(select(sceneOf(a, a), press(51, 49), release(70, 80)).edited?.shape).toEqual(
      box({ left: 10, top: 10, width: 60, height: 70 }),
    );
  });
  test("the corner of a box that is not selected moves the box", () => {
    const step = select(sceneOf(null, a), press(50, 50), release(60, 60));
    expect(step.edited?.shape).toEqual({ ...square, left: 20, top: 20 });
  });
  test("a vertex is dragged, the middle of an edge becomes one", () => {
    const scene = sceneOf(item(1, triangle), item(1, triangle));
    expect(select(scene, press(60, 10), release(70, 20)).edited?.shape).toEqual({
      form: "polygon",
      vertices: [at(10, 10), at(70, 20), at(10, 60)],
    });
    expect(select(scene, press(35, 10), release(40, 5)).edited?.shape).toEqual({
      form: "polygon",
      vertices: [at(10, 10), at(40, 5), at(60, 10), at(10, 60)],
    });
    expect(select(scene, press(60, 10)).vertex).toBe(1);
  });
  test("a press and release in one place edits nothing", () => {
    expect(select(sceneOf(null, a), press(20, 20), release(20, 20)).edited).toBeUndefined();
  });
  test("a second click reaches the shape below, and goes round", () => {
    const b = item(2, square);
    expect(select(sceneOf(a, a, b), ...click(20, 20)).selected).toBe(2);
    expect(select(sceneOf(b, a, b), ...click(20, 20)).selected).toBe(1);
  });
  test("a locked shape is chosen but not moved", () => {
    const locked = { ...a, locked: true };
    const step = select(sceneOf(null, locked), press(20, 20));
    expect([step.selected, step.state]).toEqual([1, SELECT_IDLE]);
    expect(select(sceneOf(locked, locked), press(50, 50), release(90, 90)).edited).toBeUndefined();
  });
  test("moved close to the border it ends on it and keeps its size", () => {
    const scene = { ...sceneOf(null, a), snap: 5 };
    expect(select(scene, press(20, 20), release(13, 33)).edited?.shape).toEqual({
      ...square,
      left: 0,
      top: 23,
    });
  });
});

test("panning adds up to the way the pointer went", () => {
  const first = panTool(panTool(PAN_IDLE, press(0, 0)).state, drag(5, 2));
  const second = panTool(first.state, release(9, 9));
  expect([first.by, second.by]).toEqual([at(5, 2), at(4, 7)]);
});

/** Every event in every state: nothing is drawn or changed but by an event that ends a gesture. */
describe("every tool, every pair of events", () => {
  const events: readonly ToolEvent[] = EVENT_TYPES.map((type) =>
    type === "press" || type === "drag" || type === "release" || type === "hover"
      ? { type, at: at(30, 30) }
      : { type },
  );
  const pairs = events.flatMap((first) => events.map((second) => [first, second] as const));
  const scene = sceneOf(item(1, triangle), item(1, triangle));
  const ends = new Set(["release", "finish", "press"]);
  const begun = [...click(10, 10), ...click(60, 10), press(20, 60)];

  test.each(pairs)("$type then $type", (first, second) => {
    for (const form of ["box", "line", "keypoint"] as const) {
      check(played(dragTool(form), DRAG_IDLE, scene, [first]).state, dragTool(form));
    }
    for (const form of ["polygon", "polyline"] as const) {
      check(played(pathTool(form), PATH_IDLE, scene, [...begun, first]).state, pathTool(form));
    }
    check(played(selectTool, SELECT_IDLE, scene, [first]).state, selectTool);
    expect(["idle", "panning"]).toContain(panTool(panTool(PAN_IDLE, first).state, second).state.mode);

    function check<S>(state: S, tool: (state: S, event: ToolEvent, scene: Scene) => Step<S>) {
      const step = tool(state, second, scene);
      expect(["idle", "drawing", "holding"]).toContain((step.state as { mode: string }).mode);
      if (step.drawn || step.edited) expect(ends).toContain(second.type);
      if (second.type === "escape") expect((step.state as { mode: string }).mode).toBe("idle");
    }
  });
  test("hovering changes nothing but where the next vertex would be", () => {
    const step = path("polygon", ...click(10, 10), hover(70, 70), hover(20, 20));
    expect(step.state).toMatchObject({ vertices: [at(10, 10)], next: at(20, 20) });
    expect(draw("box", hover(1, 1)).state).toEqual(DRAG_IDLE);
    expect(path("polygon", ...click(10, 10), escape).state).toEqual(PATH_IDLE);
  });
});
