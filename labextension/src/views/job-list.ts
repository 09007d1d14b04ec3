/** The worker's jobs, and the screen between two tasks. */
import * as words from "../i18n.js";
import type { Job } from "../protocol.js";
import type { Kit, View } from "./view.js";

export interface JobList extends View {
  readonly show: (jobs: readonly Job[]) => void;
}

export function jobListView(kit: Kit, onStart: (job: Job) => void): JobList {
  const { h } = kit;
  const list = h("ul", { class: "gt-jobs" });
  const empty = h("p", { class: "gt-prose gt-muted" }, words.noJobs);
  let shownAs = "";
  return {
    name: "jobs",
    element: h("section", { class: "gt-narrow gt-wide" }, [
      h("h3", { class: "gt-title" }, words.jobsTitle),
      list,
      empty,
    ]),
    focus: () => (list.querySelector("button:not(:disabled)") as HTMLElement | null)?.focus(),
    show(jobs) {
      const now = JSON.stringify(jobs);
      if (now === shownAs) return; // a list painted anew would lose the keyboard's place
      shownAs = now;
      empty.hidden = jobs.length > 0;
      list.replaceChildren(...jobs.map((job) => jobRow(kit, job, onStart)));
    },
  };
}

function jobRow(kit: Kit, job: Job, onStart: (job: Job) => void): HTMLElement {
  const { h } = kit;
  const start = h(
    "button",
    { class: "gt-button gt-primary", type: "button", disabled: job.available === 0 },
    words.startWorking,
    { click: () => onStart(job) },
  );
  return h("li", { class: "gt-job", "data-gt-job": job.job_name }, [
    h("div", { class: "gt-job-text" }, [
      h("strong", {}, job.title || job.job_name),
      h("span", { class: "gt-caption" }, job.title ? job.job_name : job.description),
      job.message ? h("span", { class: "gt-caption" }, job.message) : null,
    ]),
    h("div", { class: "gt-job-numbers" }, [
      statusPill(kit, job.status),
      h("span", { class: "gt-caption" }, words.tasksAvailable(job.available)),
      h("span", { class: "gt-caption" }, words.done(job.done)),
    ]),
    start,
  ]);
}

const TONES: Readonly<Record<string, string>> = {
  Completed: "good",
  Failed: "bad",
  Stopped: "off",
  Stopping: "off",
};

export function statusPill(kit: Kit, status: string): HTMLElement {
  const spaced = status.replace(/([a-z])([A-Z])/g, "$1 $2");
  const tone = TONES[status] ?? "busy";
  return kit.h("span", { class: `gt-pill gt-${tone}`, "data-gt-status": status }, spaced);
}

export interface WaitingOptions {
  readonly message: string | null;
  readonly finished: boolean;
  readonly onBack: () => void;
}

export function waitingView(kit: Kit, options: WaitingOptions): View {
  const { h } = kit;
  const back = h("button", { class: "gt-button", type: "button" }, words.backToJobs, {
    click: options.onBack,
  });
  return {
    name: "waiting",
    element: h("section", { class: "gt-narrow gt-center" }, [
      h("h3", { class: "gt-title" }, options.finished ? words.finishedTitle : words.waitingTitle),
      options.message ? h("p", { class: "gt-prose" }, options.message) : null,
      options.finished ? null : h("p", { class: "gt-caption" }, words.waiting),
      back,
    ]),
    focus: () => back.focus({ preventScroll: true }),
  };
}

/** Something is about to be shown; meanwhile, what. */
export function noteView(kit: Kit, note: string): View {
  const { h } = kit;
  const line = h("p", { class: "gt-prose gt-muted" }, note);
  const element = h("section", { class: "gt-narrow gt-center" }, line);
  return { name: "connecting", element, focus: () => undefined };
}
