/** The entities as a list box: all that the text shows in colours, for ears and for keys alone. */
import { words } from "../i18n.js";
import type { Entity } from "../text/entities.js";
import type { TextPoints } from "../text/points.js";
import { swatch } from "./label-bar.js";
import type { Kit } from "./view.js";

export interface EntityList {
  readonly element: HTMLElement;
  readonly show: (entities: readonly Entity[], chosen: number | null) => void;
}
export interface EntityActions {
  readonly choose: (index: number) => void;
  /** Enter: go on with it in the text. */
  readonly edit: () => void;
}

/** Characters of an entity that the list shows. */
const SHOWN = 60;
let lists = 0;

export function entityList(
  kit: Kit,
  points: TextPoints,
  colorOf: (label: string) => string,
  actions: EntityActions | null,
): EntityList {
  const { h } = kit;
  const id = `gt-entities-${(lists += 1)}`;
  let shown: readonly Entity[] | null = null;
  let at: number | null = null;

  const onKey = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const count = shown?.length ?? 0;
    if (step !== undefined && count > 0) {
      const from = at ?? (step > 0 ? -1 : count);
      actions?.choose(Math.min(Math.max(from + step, 0), count - 1));
    } else if (event.key === "Enter" && at !== null) actions?.edit();
    else return;
    event.preventDefault();
  };
  const props = { class: "gt-regions", role: "listbox", tabindex: 0, "aria-label": words.entities };
  const listbox = h("ul", props, [], { keydown: onKey });
  const empty = h("p", { class: "gt-caption" }, words.noEntities);
  const heading = h("h4", { class: "gt-heading" }, words.entities);
  const option = (entity: Entity, index: number) => {
    const said = shortened(points.slice(entity));
    const place = words.entityPlace(entity.start, entity.end);
    return h(
      "li",
      { id: `${id}-${index}`, role: "option", "data-gt-span": `${entity.start}-${entity.end}` },
      [
        swatch(kit, colorOf(entity.label)),
        h("span", { class: "gt-entity" }, [
          h("bdi", {}, words.entity(entity.label, said)),
          h("span", { class: "gt-caption" }, place),
        ]),
      ],
      { click: () => actions?.choose(index) },
    );
  };
  return {
    element: h("section", { class: "gt-panel gt-region-panel" }, [heading, listbox, empty]),
    show(entities, chosen) {
      at = chosen;
      if (entities !== shown) listbox.replaceChildren(...entities.map(option));
      shown = entities;
      heading.textContent = words.entities + (entities.length > 0 ? ` (${entities.length})` : "");
      empty.hidden = entities.length > 0;
      listbox.hidden = entities.length === 0;
      [...listbox.children].forEach((each, index) => {
        each.setAttribute("aria-selected", String(index === chosen));
      });
      if (chosen === null) return listbox.removeAttribute("aria-activedescendant");
      listbox.setAttribute("aria-activedescendant", `${id}-${chosen}`);
      const current = listbox.children[chosen] as HTMLElement | undefined;
      if (current) listbox.scrollTop = Math.max(current.offsetTop - listbox.clientHeight / 2, 0);
    },
  };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/gu, " ");
  const characters = [...line];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : line;
}
