/** What a task is about, to look at or to read: a picture on its stage, or a text. */
import { PictureFrame } from "../frame.js";
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { pictureView } from "./picture.js";
import { plainText } from "./text-view.js";
import { toolbar } from "./toolbar.js";
import type { BodyOptions, Kit } from "./view.js";

export interface Subject {
  readonly element: HTMLElement;
  readonly focus: () => void;
  /** Keys about how it is shown; true when it was one. */
  readonly act: (action: Action) => boolean;
  /** The picture's frame, for what is laid over it; null for a text. */
  readonly frame: PictureFrame | null;
}

/** `onMoved`: the picture is shown at another place or scale. */
export function subject(kit: Kit, options: BodyOptions, onMoved = () => {}): Subject {
  return options.task.text === null
    ? pictureSubject(kit, options, onMoved)
    : textSubject(kit, options, options.task.text);
}

function textSubject(kit: Kit, { task }: BodyOptions, text: string): Subject {
  const element = plainText(kit, text, task);
  return {
    element: kit.h("div", { class: "gt-work" }, [element]),
    focus: () => element.focus({ preventScroll: true }),
    act: () => false,
    frame: null,
  };
}

function pictureSubject(kit: Kit, options: BodyOptions, onMoved: () => void): Subject {
  const { task, bitmap } = options;
  const frame = new PictureFrame(task.picture ?? { width: 1, height: 1 });
  const showTools = () => {
    const scale = frame.viewport.scale;
    bar.show({ tool: null, scale, canUndo: false, canRedo: false });
    onMoved();
  };
  const view = pictureView(kit, { task, frame, bitmap, onZoom: () => showTools() });
  view.canvas.setAttribute("aria-description", words.lookHelp);
  const act = (action: Action): boolean => {
    if (action.type === "help") options.onHelp();
    else return view.act(action);
    return true;
  };
  const bar = toolbar(kit, false, act);
  return {
    element: kit.h("div", { class: "gt-work" }, [bar.element, view.element]),
    focus: () => view.canvas.focus({ preventScroll: true }),
    act,
    frame,
  };
}
