/** The entities of a text, as a list box. */
import * as words from "../i18n.js";
import type { Entity } from "../text/entities.js";
import type { TextPoints } from "../text/points.js";
import { listBox, type ListBox } from "./list-box.js";
import type { Kit } from "./view.js";

export interface EntityActions {
  readonly choose: (index: number) => void;
  /** Enter: go on with it in the text. */
  readonly edit: () => void;
}

/** Characters of an entity that the list shows. */
const SHOWN = 60;

export const entityList = (
  kit: Kit,
  points: TextPoints,
  colorOf: (label: string) => string,
  actions: EntityActions,
): ListBox<Entity> =>
  listBox(kit, {
    title: words.entities,
    none: words.noEntities,
    row: (entity: Entity) => ({
      color: colorOf(entity.label),
      title: words.entity(entity.label, shortened(points.slice(entity))),
      caption: words.entityPlace(entity.start, entity.end),
      place: `${entity.start}-${entity.end}`,
    }),
    choose: (_, index) => actions.choose(index),
    edit: actions.edit,
  });

function shortened(text: string): string {
  const line = text.replace(/\s+/gu, " ");
  const characters = [...line];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN).join("")}…` : line;
}
