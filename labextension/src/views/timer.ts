/** The time left for a task, counted down on this page's own clock. */
import * as words from "../i18n.js";
import { icon } from "./icons.js";
import type { Kit } from "./view.js";

export interface Timer {
  readonly element: HTMLElement;
  /** The engine said how many seconds are left, just now. */
  readonly set: (seconds: number) => void;
}

const WARN_S = 30;
const TICK_MS = 250;

export function timer(
  kit: Kit,
  seconds: number,
  on: { readonly warn: (seconds: number) => void; readonly end: () => void },
): Timer {
  const { h, doc, signal } = kit;
  const face = h("span", { class: "gt-time" });
  const element = h("span", { class: "gt-timer", role: "timer", title: words.timeLeft }, [
    icon(doc, "clock"),
    face,
  ]);
  let deadline = 0;
  let warned = false;

  const tick = () => {
    const left = Math.max(Math.ceil((deadline - performance.now()) / 1_000), 0);
    face.textContent = clockFace(left);
    const late = left <= WARN_S;
    element.classList.toggle("gt-late", late);
    if (late && !warned && left > 0) {
      warned = true;
      on.warn(left);
    }
    if (left > 0) return;
    clearInterval(ticking);
    on.end();
  };
  const set = (left: number) => {
    deadline = performance.now() + left * 1_000;
    tick();
  };
  const ticking = setInterval(tick, TICK_MS);
  signal.addEventListener("abort", () => clearInterval(ticking));
  deadline = performance.now() + seconds * 1_000;
  face.textContent = clockFace(Math.max(Math.ceil(seconds), 0));
  return { element, set };
}

/** 65 s is 1:05; 3,700 s is 1:01:40. */
export function clockFace(seconds: number): string {
  const pad = (n: number) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60];
  const tail = pad(seconds % 60);
  return hours > 0 ? `${hours}:${pad(minutes)}:${tail}` : `${minutes}:${tail}`;
}
