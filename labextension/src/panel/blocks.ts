/** What a panel is made of, as the kernel sends it: parsed once, everything unknown refused. */
import { isRecord, list, nullable, number, object, oneOf, record, text, unexpected, type Decoded, type Decoder } from "../decode.js";

const kinds = oneOf("people", "machine", "foreseen", "left", "all");

/** Two numbers, or three: a place, and a height or the two ends of a band. */
const numbers = (count: number): Decoder<readonly number[]> => (value, where) => {
  const found = list(number)(value, where);
  if (found.length !== count) throw unexpected(where, `${count} numbers`, value);
  return found;
};
const tick = record({ at: number, label: text });

const head = record({ title: text, caption: text, pill: text });
const figure = record({ value: text, words: text });
const bar = record({ total: number, parts: list(record({ kind: kinds, count: number, label: text })) });
const tiles = record({ tiles: list(record({ label: text, value: text, note: text })) });
const compare = record({
  label: text,
  most: number,
  rows: list(
    record({ kind: kinds, label: text, value: number, low: nullable(number), high: nullable(number), words: text }),
  ),
});
const chart = record({
  name: text,
  x: numbers(2),
  y: numbers(2),
  x_ticks: list(tick),
  y_ticks: list(tick),
  x_label: text,
  band: list(numbers(3)),
  line: list(numbers(2)),
  mark: nullable(record({ at: numbers(2), label: text })),
  rule: nullable(tick),
});
const note = record({ words: text });

export type Block =
  | ({ readonly block: "head" } & Decoded<typeof head>)
  | ({ readonly block: "figure" } & Decoded<typeof figure>)
  | ({ readonly block: "bar" } & Decoded<typeof bar>)
  | ({ readonly block: "tiles" } & Decoded<typeof tiles>)
  | ({ readonly block: "compare" } & Decoded<typeof compare>)
  | ({ readonly block: "chart" } & Decoded<typeof chart>)
  | ({ readonly block: "note" } & Decoded<typeof note>);
export type Chart = Decoded<typeof chart>;
export type Compare = Decoded<typeof compare>;
export type Bar = Decoded<typeof bar>;

const decoders = { head, figure, bar, tiles, compare, chart, note } as const;
const named = oneOf(...(Object.keys(decoders) as (keyof typeof decoders)[]));
const block: Decoder<Block> = (value, where) => {
  const name = named(object(value, where)["block"], where);
  return { block: name, ...decoders[name](value, where) } as Block;
};

export const parseBlocks = (value: unknown): readonly Block[] => list(block)(value, "blocks");

const choice = record({ label: text, blocks: list(block) });
export type Choice = Decoded<typeof choice>;
export const parseChoices = (value: unknown): readonly Choice[] => list(choice)(value, "choices");

const act = record({
  state: oneOf("ready", "refused", "busy", "over"),
  heard: number,
  said: text,
  label: text,
  words: text,
  rests: list(record({ value: text, label: text })),
  confirm: text,
});
export type Act = Decoded<typeof act>;
/** Null where a panel has no button. */
export const parseAct = (value: unknown): Act | null =>
  isRecord(value) && "state" in value ? act(value, "act") : null;

/** Where a value lies on an axis, in 0..1; values beyond its ends stay at these. */
export function along([from = 0, to = 1]: readonly number[], value: number): number {
  const span = to - from;
  return span > 0 ? Math.min(Math.max((value - from) / span, 0), 1) : 0;
}
