/** The shapes drawn, as a list box. */
import type { Form, Shape } from "../geometry/shape.js";
import * as words from "../i18n.js";
import type { StyleOf } from "../render/style.js";
import type { Item } from "../store.js";
import { icon } from "./icons.js";
import { listBox, type Listed } from "./list-box.js";
import type { Kit } from "./view.js";

export interface RegionList {
  readonly element: HTMLElement;
  readonly show: (items: readonly Item[], selected: number | null) => void;
}

export interface RegionActions {
  readonly choose: (id: number) => void;
  /** Enter: go on with the chosen shape on the picture. */
  readonly edit: () => void;
}

export function regionList(
  kit: Kit,
  form: Form,
  styleOf: StyleOf,
  actions: RegionActions,
): RegionList {
  const { many, none } = words.forms[form];
  const row = ({ label, shape, locked, hidden }: Item): Listed => {
    const caption = geometry(shape);
    return {
      color: styleOf(label).color,
      title: label,
      caption: caption.replace(" by ", " × "),
      said: [label, caption, locked && words.locked, hidden && words.hiddenShape].filter(Boolean).join(", "),
      off: hidden,
      marks: [locked && icon(kit.doc, "lock"), hidden && icon(kit.doc, "hidden")],
    };
  };
  const choose = ({ id }: Item) => actions.choose(id);
  const { element, show } = listBox(kit, { title: many, none, row, choose, edit: actions.edit });
  return {
    element,
    show: (items, selected) =>
      show(items, selected === null ? null : items.findIndex(({ id }) => id === selected)),
  };
}

/** Where it is and how large, in whole pixels. */
function geometry(shape: Shape): string {
  if (shape.form === "box") return words.boxGeometry(shape);
  const [first] = shape.vertices;
  return words.pathGeometry(shape.form, shape.vertices.length, first ?? { x: 0, y: 0 });
}
