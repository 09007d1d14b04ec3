/** Which body shows which kind of task. A new kind: its body, its line here. */
import * as words from "../i18n.js";
import type { Task } from "../protocol.js";
import { choiceBody } from "./choice-body.js";
import { entitiesBody } from "./entities-body.js";
import { maskBody } from "./mask-body.js";
import { shapeBody } from "./shape-body.js";
import { verificationBody } from "./verification-body.js";
import type { BodyFactory } from "./view.js";

const BODIES: Readonly<Record<string, BodyFactory>> = {
  boxes: shapeBody,
  polygons: shapeBody,
  polylines: shapeBody,
  lines: shapeBody,
  keypoints: shapeBody,
  mask: maskBody,
  instances: maskBody,
  class: choiceBody,
  classes: choiceBody,
  entities: entitiesBody,
};

/** A kind of a newer engine is said to be unknown; the worker can still give the task back. */
export const bodyFor = ({ kind, purpose, problem, task_type }: Task): BodyFactory => {
  if (problem !== null) return saying(problem);
  if (purpose === "verify") return verificationBody;
  return BODIES[kind] ?? saying(words.unknownKind(task_type));
};

/** There is nothing to work on: why, and the worker can give the task back. */
const saying = (why: string): BodyFactory => ({ h }) => {
  const main = h("p", { class: "gt-panel", role: "alert", tabindex: -1 }, why);
  return {
    side: h("div"),
    main,
    list: null,
    focus: () => main.focus({ preventScroll: true }),
    act: () => false,
    answer: () => ({ missing: why }),
    draft: () => ({}),
  };
};
