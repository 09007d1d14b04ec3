/** Verification, of any kind: the earlier label to look at, a verdict, and why. */
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import { markedFrom } from "../text/entities.js";
import { TextPoints } from "../text/points.js";
import { answerOf, firstChoice, MAX_COMMENT, withOnly } from "../work/choices.js";
import { labelKeysOf } from "./choice-body.js";
import { choices } from "./choices.js";
import { earlierColors, earlierList, overlayOf, type Overlay } from "./earlier.js";
import { entityList } from "./entity-list.js";
import { subject } from "./subject.js";
import { MarkedText } from "./text-view.js";
import type { BodyFactory, BodyOptions, Kit } from "./view.js";

export const verificationBody: BodyFactory = (kit, options) => {
  const { task, onDraft } = options;
  const { h } = kit;
  let choice = firstChoice(task, options.draft);
  const shown = task.earlier?.kind === "entities" ? markedSubject(kit, options) : plainSubject(kit, options);
  const take = (label: string | null) => {
    if (label !== null) choice = withOnly(choice, label);
    verdicts.show(choice);
    onDraft();
  };
  const verdicts = choices(kit, {
    labels: task.labels,
    several: false,
    plain: true,
    title: words.verdict,
    onTake: take,
    onLeave: shown.focus,
  });
  verdicts.show(choice);
  const comment = h("textarea", { class: "gt-input", rows: 4, maxlength: MAX_COMMENT, dir: "auto" }, [], {
    input: () => {
      choice = { ...choice, comment: comment.value };
      onDraft();
    },
  });
  comment.value = choice.comment;
  const why = h("label", { class: "gt-field" }, [words.comment, comment]);

  const act = (action: Action): boolean => {
    if (action.type === "help") options.onHelp();
    else if (action.type === "search") return verdicts.search();
    else if (action.type === "hide") return shown.toggle();
    else if (action.type === "comment") comment.focus({ preventScroll: true });
    else if (action.type === "label") {
      const label = task.categories[action.index];
      if (label !== undefined) take(label);
    } else return shown.act(action);
    return true;
  };
  const labels = labelKeysOf(task.categories.length);

  return {
    side: h("div", {}, [verdicts.element, h("div", { class: "gt-panel" }, why)]),
    main: shown.main,
    list: shown.list,
    focus: shown.focus,
    act,
    keyOf: (event) => {
      const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
      if (plain && event.key === "c") return { type: "comment" };
      if (plain && event.key === "h") return { type: "hide" };
      return labels(event);
    },
    answer: () => {
      const answer = answerOf(choice, false);
      return answer ? { content: { [task.element]: answer } } : { missing: words.askVerdict };
    },
    draft: () => ({ label: choice.labels[0] ?? null, comment: choice.comment }),
  };
};

interface Judged {
  readonly main: HTMLElement;
  readonly list: HTMLElement | null;
  readonly focus: () => void;
  readonly act: (action: Action) => boolean;
  /** Show the earlier label or not; false where it cannot be hidden. */
  readonly toggle: () => boolean;
}

/** A picture with the earlier label over it, or a text with its earlier class beside it. */
function plainSubject(kit: Kit, options: BodyOptions): Judged {
  const { task } = options;
  const { earlier } = task;
  let overlay: Overlay | null = null;
  let visible = true;
  const seen = subject(kit, options, () => overlay?.moved());
  if (earlier && seen.frame) {
    overlay = overlayOf(kit, task, earlier, seen.frame);
    seen.element.querySelector(".gt-layer-active")?.before(overlay.element);
  }
  return {
    main: seen.element,
    list: earlier && inColumn(kit, earlierList(kit, task, earlier)),
    focus: seen.focus,
    act: seen.act,
    toggle() {
      if (!overlay) return false;
      visible = !visible;
      overlay.setVisible(visible);
      return true;
    },
  };
}

/** A text with the earlier entities in it; choosing one in the list shows where it is. */
function markedSubject(kit: Kit, { task }: BodyOptions): Judged {
  const points = new TextPoints(task.text ?? "");
  const { earlier } = task;
  const marked = markedFrom(earlier?.value, earlier?.labels ?? [], points.length);
  const entities = marked?.entities ?? [];
  const colors = earlierColors(task);
  const text = new MarkedText(kit, points, (label) => ({ color: colors(label), tag: label }), task);
  let chosen: number | null = null;
  let visible = true;
  const show = () => {
    text.show(visible ? entities : [], chosen);
    list.show(entities, chosen);
  };
  const choose = (index: number | null) => {
    chosen = index;
    show();
    text.reveal(chosen);
  };
  const focus = () => text.element.focus({ preventScroll: true });
  const list = entityList(kit, points, colors, { choose, edit: focus });
  show();
  const step = (by: 1 | -1) => {
    const count = entities.length;
    if (count > 0) choose(((chosen ?? (by > 0 ? -1 : 0)) + by + count) % count);
    return count > 0;
  };
  return {
    main: kit.h("div", { class: "gt-work" }, text.element),
    list: list.element,
    focus,
    act: ({ type }) => (type === "next" || type === "previous" ? step(type === "next" ? 1 : -1) : false),
    toggle() {
      visible = !visible;
      show();
      return true;
    },
  };
}

const inColumn = (kit: Kit, element: HTMLElement): HTMLElement =>
  kit.h("div", { class: "gt-region-panel" }, element);
