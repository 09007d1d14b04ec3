/** A labeling job at a glance: how far it is, what it costs, and what happens next. */
import { ask, type Backend } from "../backend/types.js";
import * as words from "../i18n.js";
import { codeOf, isUnreachable, type Card } from "../protocol.js";
import { pauseMs, type Delay } from "../work/patience.js";
import { statusPill } from "./job-list.js";
import type { Shell } from "./shell.js";
import { Thumbnails } from "./thumbnails.js";
import type { Kit, View } from "./view.js";

export interface CardOptions {
  readonly shell: Shell;
  readonly backend: Backend;
  readonly jobName: string;
  /** The card as the notebook keeps it, shown until an engine answers; null if it has none. */
  readonly snapshot: Card | null;
  readonly delay: Delay;
  readonly signal: AbortSignal;
}

const POLL_MS = 1_000;
const FINAL: ReadonlySet<string> = new Set(["Completed", "Failed", "Stopped"]);

export async function runCard(options: CardOptions): Promise<void> {
  const { shell, backend, jobName, snapshot, delay, signal } = options;
  const view = shell.swap((kit) => cardView(kit, backend, jobName));
  if (snapshot) view.show(snapshot);
  for (let failures = 0; !signal.aborted; ) {
    if (isInSight(view.element)) {
      try {
        const card = await ask(backend, "requester", "card", { job_name: jobName });
        if (signal.aborted) return;
        view.show(card);
        shell.say("");
        failures = 0;
        if (FINAL.has(card.status)) return;
      } catch (error) {
        if (signal.aborted) return;
        failures += 1;
        if (isUnreachable(error)) shell.say(snapshot ? words.snapshot : "");
        else shell.say(error instanceof Error ? error.message : String(error), "warn");
        if (codeOf(error) !== null && !isUnreachable(error)) return;
      }
    }
    await delay(failures > 0 ? pauseMs(failures) : POLL_MS, signal);
  }
}

/** Nobody looks at a card that is scrolled away, in a hidden tab or no longer in the page. */
function isInSight(element: HTMLElement): boolean {
  if (!element.isConnected || element.ownerDocument.hidden) return false;
  const { top, bottom, width } = element.getBoundingClientRect();
  return width > 0 && bottom >= 0 && top <= globalThis.innerHeight;
}

export interface CardView extends View {
  readonly show: (card: Card) => void;
}

export function cardView(kit: Kit, backend: Backend, jobName: string): CardView {
  const { h } = kit;
  const body = h("div", { class: "gt-card-body" }, [h("p", { class: "gt-muted" }, words.connecting)]);
  const thumbnails = new Thumbnails(kit, backend, jobName);
  const recent = h("section", { class: "gt-recent", hidden: true }, [
    h("h4", { class: "gt-heading" }, words.recent),
    thumbnails.element,
  ]);
  const props = { class: "gt-card", tabindex: -1, "data-gt-job": jobName };
  const element = h("section", props, [body, recent]);
  const details = new Map<string, boolean>();
  return {
    name: "card",
    element,
    focus: () => element.focus({ preventScroll: true }),
    show(card) {
      element.dataset["gtStatus"] = card.status;
      for (const each of body.querySelectorAll("details")) details.set("cost", each.open);
      body.replaceChildren(...cardParts(kit, card, details.get("cost") ?? false));
      recent.hidden = card.recent.length === 0;
      thumbnails.show(card);
    },
  };
}

function cardParts(kit: Kit, card: Card, costOpen: boolean): HTMLElement[] {
  const { h } = kit;
  const { counters, batch, cost } = card;
  const labeled = counters.human_labeled + counters.machine_labeled;
  const parts = [
    h("header", { class: "gt-card-header" }, [
      h("div", {}, [
        h("h3", { class: "gt-title" }, card.job_name),
        h("p", { class: "gt-caption" }, `${spaced(card.task_type)} · ${card.team}`),
      ]),
      statusPill(kit, card.status),
    ]),
    progress(kit, card),
    h("p", { class: "gt-counters" }, [
      h("strong", {}, words.labeledOf(labeled, counters.total)),
      counter(kit, "gt-human", words.human(counters.human_labeled)),
      counter(kit, "gt-machine", words.machine(counters.machine_labeled)),
      counters.failed > 0 && counter(kit, "gt-failed", words.failedObjects(counters.failed)),
      counter(kit, "gt-todo", words.unlabeled(counters.unlabeled)),
    ]),
    batch &&
      batch.tasks_total > 0 &&
      h(
        "p",
        { class: "gt-caption" },
        words.batch(batch.iteration, batch.tasks_done, batch.tasks_total, batch.leased),
      ),
    card.failure_reason && h("p", { class: "gt-notice gt-error", role: "alert" }, card.failure_reason),
    card.next && h("p", { class: "gt-next" }, [h("strong", {}, `${words.next}: `), card.next]),
    h("div", { class: "gt-facts" }, [costFact(kit, cost, costOpen), workersFact(kit, card)]),
    FINAL.has(card.status) && card.manifest_uri
      ? h("p", { class: "gt-caption" }, [`${words.manifest}: `, h("code", {}, card.manifest_uri)])
      : null,
  ];
  return parts.filter((part) => part instanceof HTMLElement);
}

function progress(kit: Kit, { counters }: Card): HTMLElement {
  const { h } = kit;
  const { total, human_labeled, machine_labeled, failed, foreseen } = counters;
  const segment = (name: string, n: number) => {
    const part = h("span", { class: `gt-segment ${name}` });
    part.style.setProperty("width", `${total > 0 ? (100 * n) / total : 0}%`);
    return part;
  };
  const done = human_labeled + machine_labeled;
  const props = {
    class: "gt-progress",
    role: "progressbar",
    "aria-valuemin": 0,
    "aria-valuemax": total,
    "aria-valuenow": done,
    "aria-label": words.labeledOf(done, total),
  };
  return h("div", props, [
    segment("gt-human", human_labeled),
    segment("gt-machine", machine_labeled),
    segment("gt-failed", failed),
    segment("gt-machine gt-foreseen", foreseen ?? 0),
  ]);
}

function counter(kit: Kit, name: string, said: string): HTMLElement {
  const dot = kit.h("span", { class: `gt-dot ${name}`, "aria-hidden": "true" });
  return kit.h("span", { class: "gt-counter" }, [dot, said]);
}

function costFact(kit: Kit, cost: Card["cost"], open: boolean): HTMLElement {
  const { h } = kit;
  const whole = cost.estimate_usd === null ? "" : `, ${words.estimate(cost.estimate_usd)}`;
  return h("div", { class: "gt-fact" }, [
    h("strong", {}, words.cost(cost.so_far_usd)),
    h("span", { class: "gt-caption" }, whole),
    cost.explanation &&
      h("details", { class: "gt-details", open }, [
        h("summary", {}, words.costWhy),
        h("p", { class: "gt-prose" }, cost.explanation),
      ]),
  ]);
}

function workersFact(kit: Kit, card: Card): HTMLElement {
  const { h } = kit;
  const row = ({ user_name, answers, simulated }: Card["workers"][number]) =>
    h("li", {}, [
      h("span", {}, user_name),
      simulated && h("span", { class: "gt-pill gt-off" }, words.simulated),
      h("span", { class: "gt-caption" }, words.answers(answers)),
    ]);
  const pace = card.seconds_per_task;
  return h("div", { class: "gt-fact" }, [
    h("strong", {}, words.workers),
    pace !== null && h("span", { class: "gt-caption" }, ` · ${words.secondsPerTask(pace)}`),
    card.workers.length === 0 && h("p", { class: "gt-caption" }, words.noWorkers),
    h("ul", { class: "gt-workers" }, card.workers.map(row)),
  ]);
}

const spaced = (taskType: string): string => taskType.replaceAll("-", " ");
