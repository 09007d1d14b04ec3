/**
 * Entities being marked, as plain data. Entities may overlap and one stretch of text may have
 * several labels, as in the service's tool; the same label on the same stretch is one entity.
 */
import { flag, list, nullable, number, record, text } from "../decode.js";
import type { Task } from "../protocol.js";
import type { Span } from "./points.js";

export interface Entity extends Span {
  readonly label: string;
}
export interface Marked {
  readonly entities: readonly Entity[];
  /** The worker says there is nothing to mark; never true beside an entity. */
  readonly nothing: boolean;
}
export const UNMARKED: Marked = { entities: [], nothing: false };

/** In reading order; of those that begin together the longest first. */
export const inOrder = (a: Entity, b: Entity): number =>
  a.start - b.start || b.end - a.end || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0);

export const isSame = (a: Entity, b: Entity): boolean => inOrder(a, b) === 0;

/** With one entity more, or as it was if that one is there already. */
export function withEntity(marked: Marked, entity: Entity): Marked {
  if (marked.entities.some((each) => isSame(each, entity))) return marked;
  return { entities: [...marked.entities, entity].sort(inOrder), nothing: false };
}

export const without = ({ entities, nothing }: Marked, index: number): Marked => ({
  entities: entities.filter((_, at) => at !== index),
  nothing,
});

/** The entity under a code point: the shortest, or after the chosen one the next longer. */
export function entityAt(entities: readonly Entity[], point: number, chosen: number | null) {
  const under = entities
    .map((_, index) => index)
    .filter((index) => {
      const { start, end } = entities[index] as Entity;
      return start <= point && point < end;
    })
    .sort((a, b) => long(entities, a) - long(entities, b));
  if (under.length === 0) return null;
  const at = chosen === null ? -1 : under.indexOf(chosen);
  return under[(at + 1) % under.length] ?? null;
}
const long = (entities: readonly Entity[], index: number): number =>
  (entities[index]?.end ?? 0) - (entities[index]?.start ?? 0);

/** As the crowd element gives them. */
export const answerOf = ({ entities }: Marked): object => ({
  entities: entities.map(({ label, start, end }) => ({
    label,
    startOffset: start,
    endOffset: end,
  })),
});

const given = record({
  entities: list(record({ label: text, startOffset: number, endOffset: number })),
  nothing: nullable(flag),
});

/** Entities of a draft or an earlier label that make sense here; null if it cannot be read. */
export function markedFrom(value: unknown, labels: readonly string[], length: number): Marked | null {
  let read;
  try {
    read = given(value, "draft");
  } catch {
    return null; // not ours: begin afresh rather than fail the task
  }
  const known = new Set(labels);
  const marked = read.entities
    .map(({ label, startOffset, endOffset }) => ({ label, start: startOffset, end: endOffset }))
    .filter(({ label, start, end }) => known.has(label) && fits(start, end, length))
    .reduce(withEntity, UNMARKED);
  return marked.entities.length > 0 ? marked : { ...UNMARKED, nothing: read.nothing === true };
}

const fits = (start: number, end: number, length: number): boolean =>
  Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start < end && end <= length;

/** Where a worker begins: the draft, else in an adjustment the earlier label. */
export function firstMarked(
  { categories, purpose, earlier }: Task,
  draft: unknown,
  length: number,
): Marked {
  const kept = draft === null ? null : markedFrom(draft, categories, length);
  if (kept) return kept;
  const before = purpose === "adjust" ? markedFrom(earlier?.value, categories, length) : null;
  if (!before) return UNMARKED;
  return { ...before, nothing: before.entities.length === 0 };
}
