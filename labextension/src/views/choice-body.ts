/** The classification tasks: a picture or a text, and one or several categories. */
import * as words from "../i18n.js";
import type { Action, KeyLike } from "../keys.js";
import { labelOfKey } from "../label-keys.js";
import { answerOf, firstChoice, toggled, withOnly } from "../work/choices.js";
import { choices } from "./choices.js";
import { subject } from "./subject.js";
import type { BodyFactory } from "./view.js";

export const choiceBody: BodyFactory = (kit, options) => {
  const { task, draft, onDraft } = options;
  const several = task.kind === "classes";
  let choice = firstChoice(task, draft);
  const seen = subject(kit, options);
  const take = (label: string | null) => {
    if (several) choice = toggled(choice, label, task.categories);
    else if (label !== null) choice = withOnly(choice, label);
    shown.show(choice);
    onDraft();
  };
  const shown = choices(kit, {
    labels: task.labels,
    several,
    title: several ? words.labelsThatFit : words.labelThatFits,
    onTake: take,
    onLeave: seen.focus,
  });
  shown.show(choice);

  const act = (action: Action): boolean => {
    if (action.type === "help") options.onHelp();
    else if (action.type === "search") return shown.search();
    else if (action.type === "nothing" && several) take(null);
    else if (action.type === "label") {
      const label = task.categories[action.index];
      if (label !== undefined) take(label);
    } else return seen.act(action);
    return true;
  };

  return {
    side: shown.element,
    main: seen.element,
    list: null,
    focus: seen.focus,
    act,
    keyOf: labelKeysOf(task.categories.length),
    answer: () => {
      const answer = answerOf(choice, several);
      if (answer) return { content: { [task.element]: answer } };
      return { missing: several ? words.askLabels : words.askLabel };
    },
    draft: () => ({ ...(several ? choice : { label: choice.labels[0] ?? null }) }),
  };
};

/** 1 to 9, then letters: as many as there are categories. */
export const labelKeysOf =
  (count: number) =>
  (event: KeyLike): Action | null => {
    const index = labelOfKey(event, count);
    return index === null ? null : { type: "label", index };
  };
