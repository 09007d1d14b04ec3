import { expect, test } from "vitest";
import {
  BOX_IDLE,
  boxTool,
  PAN_IDLE,
  panTool,
  SELECT_IDLE,
  selectTool,
  type Scene,
  type ToolEvent,
} from "../src/tools/index.js";

const at = (x: number, y: number) => ({ x, y });
const press = (x: number, y: number): ToolEvent => ({ type: "press", at: at(x, y) });
const drag = (x: number, y: number): ToolEvent => ({ type: "drag", at: at(x, y) });
const release = (x: number, y: number): ToolEvent => ({ type: "release", at: at(x, y) });

const play = (...events: ToolEvent[]) =>
  events.reduce((step, event) => boxTool(step.state, event), boxTool(BOX_IDLE, { type: "escape" }));

test("dragging up and to the left gives the same box as down and to the right", () => {
  const box = { left: 10, top: 20, width: 30, height: 40 };
  expect(play(press(10, 20), drag(30, 30), release(40, 60)).drawn).toEqual(box);
  expect(play(press(40, 60), drag(30, 30), release(10, 20)).drawn).toEqual(box);
});

test("a click is not a box", () => {
  const step = play(press(10, 10), release(11, 10));
  expect(step.drawn).toBeUndefined();
  expect(step.clicked).toEqual(at(11, 10));
});

test("a sliver thinner than three pixels is thrown away, and is no click either", () => {
  const step = play(press(10, 10), drag(60, 12), release(60, 12));
  expect([step.drawn, step.clicked]).toEqual([undefined, undefined]);
});

test("far zoomed out, a shaking hand still clicks", () => {
  const step = boxTool(boxTool(BOX_IDLE, press(100, 100)).state, release(112, 108), 20);
  expect(step.clicked).toEqual(at(112, 108));
});

test("escape drops the box that is being drawn", () => {
  const step = play(press(10, 10), drag(50, 50), { type: "escape" }, release(60, 60));
  expect(step).toEqual({ state: BOX_IDLE });
});

const box = { left: 10, top: 10, width: 40, height: 40 };
const scene: Scene = {
  boxes: [box],
  selected: null,
  picture: { width: 100, height: 100 },
  reach: 4,
};
const select = (look: Scene, ...events: ToolEvent[]) =>
  events.reduce(
    (step, event) => selectTool(step.state, event, look),
    selectTool(SELECT_IDLE, { type: "escape" }, look),
  );

test("pressing a box selects it; pressing beside all boxes selects none", () => {
  expect(select(scene, press(20, 20)).selected).toBe(0);
  expect(select({ ...scene, selected: 0 }, press(90, 90)).selected).toBeNull();
});

test("dragging a box by its middle moves it", () => {
  const step = select(scene, press(20, 20), drag(25, 22), release(30, 25));
  expect(step.edited).toEqual({ index: 0, box: { ...box, left: 20, top: 15 } });
});

test("dragging a corner of the selected box resizes it", () => {
  const step = select({ ...scene, selected: 0 }, press(51, 49), release(70, 80));
  expect(step.edited).toEqual({ index: 0, box: { left: 10, top: 10, width: 60, height: 70 } });
});

test("a press and release in one place edits nothing", () => {
  expect(select(scene, press(20, 20), release(20, 20)).edited).toBeUndefined();
});

test("panning adds up to the way the pointer went", () => {
  const first = panTool(panTool(PAN_IDLE, press(0, 0)).state, drag(5, 2));
  const second = panTool(first.state, release(9, 9));
  expect([first.by, second.by]).toEqual([at(5, 2), at(4, 7)]);
});
