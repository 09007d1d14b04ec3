/** The tools of the box canvas. A new one: its file, its test, its line here. */
export { boxTool, IDLE as BOX_IDLE, type BoxToolState } from "./box-tool.js";
export { gripAt, selectTool, IDLE as SELECT_IDLE, type SelectToolState } from "./select-tool.js";
export { panTool, IDLE as PAN_IDLE, type PanToolState } from "./pan-tool.js";
export type { Scene, Step, ToolEvent } from "./tool.js";

export type ToolName = "box" | "select";
