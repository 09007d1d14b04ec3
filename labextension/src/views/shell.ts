/** The frame of every widget: its root, one view at a time, the place, the status line. */
import * as words from "../i18n.js";
import { actionOf, guardKeys } from "../keys.js";
import { hasFocus } from "./dom.js";
import { kitFor, type Kit, type View } from "./view.js";

export interface Shell {
  readonly root: HTMLElement;
  /** Replace the view; `build` gets a kit that ends when the next view comes. */
  readonly swap: <V extends View>(build: (kit: Kit) => V) => V;
  readonly view: () => View | null;
  readonly say: (message: string, tone?: "plain" | "warn") => void;
  readonly setUser: (name: string | null) => void;
  readonly setUnsent: (unsent: number) => void;
  readonly setBackend: (name: string) => void;
  readonly setReach: (reached: boolean) => void;
}

export interface ShellOptions {
  readonly place: string;
  readonly signal: AbortSignal;
  readonly onSignOut: () => void;
}

export function shell(parent: HTMLElement, options: ShellOptions): Shell {
  const { place, signal } = options;
  const doc = parent.ownerDocument;
  const { h } = kitFor(doc, signal);
  const user = h("span", { class: "gt-user" });
  const signOut = h("button", { class: "gt-link", type: "button", hidden: true }, words.signOut, {
    click: options.onSignOut,
  });
  const slot = h("div", { class: "gt-slot" });
  const reach = h("span", { class: "gt-warn", hidden: true }, words.unreachable);
  const said = h("span");
  const status = h("p", { class: "gt-status", role: "status" }, [reach, said]);
  const root = h(
    "div",
    { class: "gt-root", tabindex: -1, "data-gt-unsent": 0, "data-gt-backend": "none" },
    [
      h("div", { class: "gt-bar" }, [
        h("strong", { class: "gt-brand" }, words.brand),
        badge(h, place),
        h("span", { class: "gt-spring" }),
        user,
        signOut,
      ]),
      slot,
      status,
    ],
  );
  let current: { view: View; end: AbortController } | null = null;
  guardKeys(root, signal);
  root.addEventListener("keydown", (event) => dispatch(event, current?.view ?? null), { signal });
  parent.append(root);

  return {
    root,
    view: () => current?.view ?? null,
    swap(build) {
      const focused = hasFocus(root);
      current?.end.abort();
      const end = new AbortController();
      signal.addEventListener("abort", () => end.abort(), { signal: end.signal });
      const view = build(kitFor(doc, end.signal));
      current = { view, end };
      root.dataset["gtView"] = view.name;
      slot.replaceChildren(view.element);
      if (focused) view.focus();
      if (focused && !hasFocus(root)) root.focus({ preventScroll: true });
      return view;
    },
    say(message, tone = "plain") {
      said.textContent = message;
      said.classList.toggle("gt-warn", tone === "warn");
    },
    setUser(name) {
      user.textContent = name === null ? "" : words.workerName(name);
      signOut.hidden = name === null;
    },
    setUnsent: (unsent) => void (root.dataset["gtUnsent"] = String(unsent)),
    setReach: (reached) => void (reach.hidden = reached),
    setBackend: (name) => void (root.dataset["gtBackend"] = name),
  };
}

export function badge(h: Kit["h"], place: string): HTMLElement {
  const aws = place === "AWS";
  const props = {
    class: `gt-badge ${aws ? "gt-aws" : "gt-local"}`,
    title: aws ? words.awsHint : words.localHint,
    "data-gt-place": place,
  };
  return h("span", props, place);
}

/** Keys of the view, then of the map; what is used does nothing else. */
function dispatch(event: KeyboardEvent, view: View | null): void {
  const { target } = event;
  if (!view?.act || event.defaultPrevented) return;
  const onSurface =
    target instanceof HTMLCanvasElement ||
    (target instanceof HTMLElement && target.dataset["gtSurface"] !== undefined);
  const typing = isTyping(target);
  const action = (typing ? null : view.keyOf?.(event)) ?? actionOf(event, onSurface);
  if (!action || (typing && action.type !== "submit")) return;
  if (view.act(action, event)) event.preventDefault();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLTextAreaElement ||
  (target instanceof HTMLInputElement && /^(text|password|search)$/.test(target.type));
