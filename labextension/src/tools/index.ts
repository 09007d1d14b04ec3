/** The tools of the canvas. A new one: its file, its test, its line here. */
export { dragTool, IDLE as DRAG_IDLE, type DragForm, type DragToolState } from "./drag-tool.js";
export {
  IDLE as PATH_IDLE,
  pathDraft,
  pathTool,
  type PathToolForm,
  type PathToolState,
} from "./path-tool.js";
export { gripAt, selectTool, IDLE as SELECT_IDLE, type SelectToolState } from "./select-tool.js";
export { panTool, IDLE as PAN_IDLE, type PanToolState } from "./pan-tool.js";
export { EVENT_TYPES, type Scene, type Step, type ToolEvent } from "./tool.js";

export type ToolName = "draw" | "select";
