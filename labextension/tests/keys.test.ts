import { expect, test, vi } from "vitest";
import { actionOf, guardKeys, passesToHost, type KeyLike } from "../src/keys.js";

const key = (name: string, more: Partial<KeyLike> = {}): KeyLike => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...more,
});

const SUPPRESS = "data-lm-suppress-shortcuts";

/** A guarded root without a DOM, and a way to press a key in it. */
function guarded() {
  const attributes = new Map<string, string>();
  const root = Object.assign(new EventTarget(), {
    setAttribute: (name: string, value: string) => void attributes.set(name, value),
    removeAttribute: (name: string) => void attributes.delete(name),
  });
  guardKeys(root as unknown as HTMLElement, new AbortController().signal);
  const press = (pressed: KeyLike) => {
    const event = Object.assign(new Event("keydown"), pressed);
    const stop = vi.spyOn(event, "stopPropagation");
    root.dispatchEvent(event);
    return stop;
  };
  return { attributes, press };
}

test.each(["a", "b", "x", "d", "Enter", "Escape", "Delete", "z", " ", "ArrowUp"])(
  "the notebook never sees %s",
  (name) => {
    const { attributes, press } = guarded();
    expect(press(key(name))).toHaveBeenCalledOnce();
    expect(attributes.get(SUPPRESS)).toBe("true");
  },
);

test("the notebook's shortcuts are suppressed for every key but the one that is let through", () => {
  vi.useFakeTimers();
  const { attributes, press } = guarded();
  expect(press(key("s", { ctrlKey: true }))).not.toHaveBeenCalled();
  expect(attributes.has(SUPPRESS)).toBe(false);
  vi.runAllTimers();
  expect(attributes.get(SUPPRESS)).toBe("true");
  vi.useRealTimers();
});

test.each([key("s", { ctrlKey: true }), key("S", { metaKey: true }), key("F5"), key("Tab")])(
  "saving, function keys and Tab are the notebook's: %j",
  (event) => expect(passesToHost(event)).toBe(true),
);

test.each<[KeyLike, boolean, unknown]>([
  [key("3"), false, { type: "label", index: 2 }],
  [key("Enter"), true, { type: "submit" }],
  [key("Enter"), false, null],
  [key("Enter", { ctrlKey: true }), false, { type: "submit" }],
  [key("Enter", { shiftKey: true }), true, null],
  [key("Z", { ctrlKey: true, shiftKey: true }), false, { type: "redo" }],
  [key("z", { metaKey: true }), false, { type: "undo" }],
  [key("?", { shiftKey: true }), false, { type: "help" }],
  [key("ArrowLeft", { shiftKey: true }), true, { type: "nudge", dx: -10, dy: 0, resize: false }],
  [key("ArrowDown", { altKey: true }), true, { type: "nudge", dx: 0, dy: 1, resize: true }],
  [key("ArrowDown"), false, null],
  [key("1", { ctrlKey: true }), true, { type: "actual" }],
])("%j (on the picture: %s) means %j", (event, onPicture, action) => {
  expect(actionOf(event, onPicture)).toEqual(action);
});
