/** Which key does what, and which keys the notebook around the widget may still see. */

export interface KeyLike {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly repeat?: boolean;
}

export type Action =
  | { readonly type: "label"; readonly index: number }
  | { readonly type: "nudge"; readonly dx: number; readonly dy: number; readonly resize: boolean }
  | { readonly type: (typeof PLAIN)[number] };

const PLAIN = [
  "submit",
  "undo",
  "redo",
  "remove",
  "escape",
  "draw",
  "select",
  "add",
  "nothing",
  "zoom-in",
  "zoom-out",
  "fit",
  "actual",
  "next",
  "previous",
  "search",
  "words",
  "comment",
  "end-on",
  "end-back",
  "start-on",
  "start-back",
  "duplicate",
  "lock",
  "hide",
  "raise",
  "lower",
  "top",
  "bottom",
  "next-vertex",
  "previous-vertex",
  "insert-vertex",
  "crosshair",
  "invert",
  "help",
] as const;

const KEYMAP: Readonly<Record<string, (typeof PLAIN)[number]>> = {
  "Mod+Enter": "submit",
  "Mod+z": "undo",
  "Mod+Shift+z": "redo",
  "Mod+y": "redo",
  Delete: "remove",
  Backspace: "remove",
  Escape: "escape",
  b: "draw",
  v: "select",
  a: "add",
  n: "nothing",
  "+": "zoom-in",
  "=": "zoom-in",
  "-": "zoom-out",
  "0": "fit",
  "Mod+0": "fit",
  "Mod+1": "actual",
  "]": "next",
  "[": "previous",
  "/": "search",
  "Mod+d": "duplicate",
  l: "lock",
  h: "hide",
  PageUp: "raise",
  PageDown: "lower",
  "Shift+PageUp": "top",
  "Shift+PageDown": "bottom",
  ".": "next-vertex",
  ",": "previous-vertex",
  i: "insert-vertex",
  c: "crosshair",
  x: "invert",
  "?": "help",
};
/** Only while the picture has the keyboard: elsewhere these keys have their usual meaning. */
const ON_PICTURE: Readonly<Record<string, (typeof PLAIN)[number]>> = { Enter: "submit" };
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const BIG_STEP = 10;

export function actionOf(event: KeyLike, onPicture: boolean): Action | null {
  const arrow = ARROWS[event.key];
  if (arrow) return onPicture ? nudge(event, arrow) : null;
  const combo = comboOf(event);
  if (/^[1-9]$/.test(combo)) return { type: "label", index: Number(combo) - 1 };
  const type = KEYMAP[combo] ?? (onPicture ? ON_PICTURE[combo] : undefined);
  return type ? { type } : null;
}

/** Save, function keys and Tab stay the notebook's and the browser's. */
export function passesToHost(event: KeyLike): boolean {
  if (event.key === "Tab" || /^F\d{1,2}$/.test(event.key)) return true;
  return (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s";
}

/** Where JupyterLab finds this on the way to a key's target, its shortcuts do not apply. */
const SUPPRESS = "data-lm-suppress-shortcuts";

/** Keys pressed inside the widget never reach the notebook: there `d d` deletes the cell. */
export function guardKeys(root: HTMLElement, signal: AbortSignal): void {
  root.setAttribute(SUPPRESS, "true");
  for (const type of ["keydown", "keypress", "keyup"] as const) {
    const guard = (event: KeyboardEvent) => {
      if (!passesToHost(event)) return event.stopPropagation();
      root.removeAttribute(SUPPRESS); // until this event has been to the document and back
      setTimeout(() => root.setAttribute(SUPPRESS, "true"));
    };
    root.addEventListener(type, guard, { signal });
  }
}

function nudge(event: KeyLike, [x, y]: readonly [number, number]): Action {
  const step = event.shiftKey ? BIG_STEP : 1;
  return { type: "nudge", dx: x * step, dy: y * step, resize: event.altKey };
}

/** Letters in lower case; Shift is named where it does not already show in the character. */
function comboOf(event: KeyLike): string {
  const mod = event.ctrlKey || event.metaKey;
  const letter = /^[a-z]$/i.test(event.key);
  const key = letter ? event.key.toLowerCase() : event.key;
  if (event.altKey) return `Alt+${key}`;
  const shift = event.shiftKey && (letter ? mod : event.key.length > 1);
  return `${mod ? "Mod+" : ""}${shift ? "Shift+" : ""}${key}`;
}
