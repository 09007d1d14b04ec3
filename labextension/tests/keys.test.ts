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

test.each(["a", "b", "x", "d", "Enter", "Escape", "Delete", "z", " ", "ArrowUp"])(
  "the notebook never sees %s",
  (name) => {
    const root = Object.assign(new EventTarget(), { setAttribute: vi.fn() });
    guardKeys(root as unknown as HTMLElement, new AbortController().signal);
    const event = Object.assign(new Event("keydown"), key(name));
    const stop = vi.spyOn(event, "stopPropagation");
    root.dispatchEvent(event);
    expect(stop).toHaveBeenCalledOnce();
    expect(root.setAttribute).toHaveBeenCalledWith("data-lm-suppress-shortcuts", "true");
  },
);

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
