/** Which body shows which kind of task. A new kind: its body, its line here. */
import { words } from "../i18n.js";
import type { Task } from "../protocol.js";
import { classificationBody } from "./classification.js";
import { shapeBody } from "./shape-body.js";
import type { BodyFactory } from "./view.js";

const BODIES: Readonly<Record<string, BodyFactory>> = {
  boxes: shapeBody,
  polygons: shapeBody,
  polylines: shapeBody,
  lines: shapeBody,
  keypoints: shapeBody,
  class: classificationBody,
};

/** A kind of a newer engine is said to be unknown; the worker can still give the task back. */
export const bodyFor = ({ kind, purpose, picture }: Task): BodyFactory =>
  (picture && (purpose === "label" || ADJUSTS.has(BODIES[kind])) && purpose !== "verify"
    ? BODIES[kind]
    : undefined) ?? unknownBody;
/** These can start from an earlier label. */
const ADJUSTS: ReadonlySet<BodyFactory | undefined> = new Set([shapeBody]);

const unknownBody: BodyFactory = ({ h }, { task }) => {
  const main = h("p", { class: "gt-panel", role: "alert", tabindex: -1 }, words.unknownKind(task.task_type));
  return {
    side: h("div"),
    main,
    list: null,
    focus: () => main.focus({ preventScroll: true }),
    act: () => false,
    answer: () => ({ missing: words.unknownKind(task.task_type) }),
    draft: () => ({}),
  };
};
