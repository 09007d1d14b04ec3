/** The task screen: header, instructions, the body of the task type, and what to do with it. */
import * as words from "../i18n.js";
import type { Action } from "../keys.js";
import type { Answer, Proposal } from "../protocol.js";
import { timeSpentOf } from "../work/answers.js";
import type { Giving, Shown } from "../work/labeling.js";
import { bodyFor } from "./bodies.js";
import { panel } from "./controls.js";
import { hasFocus } from "./dom.js";
import { exampleViews } from "./example.js";
import { shortcuts } from "./shortcuts.js";
import { timer } from "./timer.js";
import type { BodyOptions, Kit, TaskBody, View } from "./view.js";

export interface TaskActions {
  readonly submit: (content: Answer, draft: object, timeSpentS: number) => void;
  readonly give: (op: Giving, draft: object) => Promise<boolean>;
  readonly keep: (draft: object) => void;
  readonly expire: () => void;
  readonly say: (message: string) => void;
  readonly lastLabel: () => string | undefined;
  readonly segment: (prompt: object) => Promise<Proposal>;
  readonly useLabel: (label: string) => void;
  /** A picture of the instructions, by its number. */
  readonly example: (number: number) => Promise<Blob>;
}
export interface TaskView extends View {
  readonly taskId: string;
  readonly setTimeLeft: (seconds: number) => void;
}

export function taskView(kit: Kit, shown: Shown<ImageBitmap>, actions: TaskActions): TaskView {
  const { h } = kit;
  const { task } = shown.held;
  const startedAt = performance.now();
  const before = timeSpentOf(shown.draft);
  const timeSpent = () => before + (performance.now() - startedAt) / 1_000;
  const draft = () => ({ v: 1, time_spent_s: round(timeSpent()), ...body.draft() });

  const options: BodyOptions = {
    task,
    bitmap: shown.held.picture,
    draft: shown.draft,
    onDraft: () => {
      notice.show(null);
      actions.keep(draft());
    },
    onHelp: () => sheet.toggle(),
    lastLabel: actions.lastLabel(),
    onLabel: actions.useLabel,
    segment: actions.segment,
  };
  const notice = noticeLine(kit);
  const body = bodyFor(task)(kit, options);
  const sheet = shortcuts(kit, body.keys ?? words.shortcutSheet(task), () => body.focus());

  const settled = () =>
    body.settle?.().catch((error: unknown) => notice.show(words.notPacked(String(error)), "alert"));
  let submitting = false;
  const submit = async () => {
    if (submitting) return; // the second Enter must not answer the next task
    submitting = true;
    if (body.settle) await settled();
    submitting = false;
    if (kit.signal.aborted) return;
    const answer = body.answer();
    if ("missing" in answer) return notice.show(answer.missing, "alert");
    actions.submit(answer.content, draft(), round(timeSpent()));
  };
  const footer = buttons(kit, () => void submit(), async (op) => {
    if (op === "stop") await settled();
    if (hasFocus(footer)) body.focus(); // a disabled button would lose the keyboard
    setDisabled(footer, true);
    if (!(await actions.give(op, draft()))) setDisabled(footer, false);
  });
  const clock = timer(kit, secondsLeft(shown), {
    warn: (seconds) => actions.say(words.timeWarning(seconds)),
    end: actions.expire,
  });
  if (shown.held.message) notice.show(words.refused(shown.held.message), "alert");
  else if (shown.draft !== null) notice.show(words.restored, "status");

  const restored = shown.draft !== null;
  const element = h("section", { class: "gt-task", "data-gt-restored": restored ? "1" : null }, [
    header(kit, shown, clock.element),
    h("div", { class: `gt-grid${body.list ? "" : " gt-two"}` }, [
      h("div", { class: "gt-side" }, [
        instructions(kit, shown),
        body.side,
        exampleViews(kit, task.instructions.examples ?? [], actions.example),
      ]),
      body.main,
      body.list,
    ]),
    notice.element,
    footer,
    sheet.element,
  ]);
  const act = (action: Action, event: KeyboardEvent) => {
    if (body.act(action, event)) return true; // a path being drawn ends before the task does
    if (action.type !== "submit") return false;
    void submit();
    return true;
  };
  return {
    name: "task",
    taskId: task.task_id,
    element,
    focus: body.focus,
    act,
    keyOf: body.keyOf,
    setTimeLeft: clock.set,
  };
}

const round = (seconds: number): number => Math.round(seconds * 100) / 100;

function secondsLeft({ held }: Shown<ImageBitmap>): number {
  const { lease_until, now, time_limit_s } = held.task;
  return Math.max(Math.min(lease_until - now, time_limit_s), 1);
}

function header(kit: Kit, { held: { task } }: Shown<ImageBitmap>, clock: HTMLElement): HTMLElement {
  const { h } = kit;
  return h("header", { class: "gt-task-header" }, [
    h("div", {}, [
      h("h3", { class: "gt-title" }, h("bdi", {}, task.title)),
      h("p", { class: "gt-caption" }, `${task.job_name} · ${words.object(task.object_id)}`),
    ]),
    clock,
  ]);
}

function instructions(kit: Kit, { held: { task } }: Shown<ImageBitmap>): HTMLElement {
  const { h } = kit;
  const { short, full } = task.instructions;
  const longer = full.trim() !== "" && full.trim() !== short.trim();
  return panel(kit, words.instructions, [
    h("p", { class: "gt-prose", dir: "auto" }, short || task.description),
    longer &&
      h("details", { class: "gt-details" }, [
        h("summary", {}, words.fullInstructions),
        h("p", { class: "gt-prose", dir: "auto" }, full),
      ]),
    task.purpose === "adjust" &&
      task.earlier &&
      h("p", { class: "gt-caption gt-adjusting" }, words.adjusting(task.earlier.attribute)),
  ]);
}

function buttons(kit: Kit, submit: () => void, give: (op: Giving) => void): HTMLElement {
  const { h } = kit;
  const giving = (op: Giving, label: string, title: string) =>
    h("button", { class: "gt-button", type: "button", title, "data-gt-do": op }, label, {
      click: () => give(op),
    });
  return h("footer", { class: "gt-buttons" }, [
    h(
      "button",
      { class: "gt-button gt-primary", type: "button", "data-gt-do": "submit" },
      words.submit,
      { click: submit },
    ),
    giving("skip", words.skip, words.skipHint),
    giving("decline", words.decline, words.declineHint),
    giving("release", words.release, words.releaseHint),
    h("span", { class: "gt-spring" }),
    giving("stop", words.stop, words.stopHint),
  ]);
}

function setDisabled(footer: HTMLElement, disabled: boolean): void {
  for (const button of footer.querySelectorAll("button")) button.disabled = disabled;
}

/** One line above the buttons: what is missing, what was restored. */
function noticeLine(kit: Kit) {
  const element = kit.h("p", { class: "gt-notice", hidden: true });
  const show = (message: string | null, role: "alert" | "status" = "status") => {
    element.hidden = message === null;
    element.setAttribute("role", role);
    element.textContent = message;
  };
  return { element, show };
}

export type { TaskBody };
