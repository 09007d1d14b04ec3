/** `unknown` at the border, parsed once: small decoders that compose and say where they failed. */

export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
}

export type Decoder<T> = (value: unknown, where: string) => T;
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

export const text = primitive<string>("a text", (value) => typeof value === "string");
export const number = primitive<number>(
  "a number",
  (value) => typeof value === "number" && Number.isFinite(value),
);
export const flag = /* @__PURE__ */ primitive<boolean>("true or false", (value) => typeof value === "boolean");

export const anything: Decoder<unknown> = (value) => value;

/** Any object: what is in it is for somebody else to read. */
export const object: Decoder<Readonly<Record<string, unknown>>> = (value, where) => {
  if (!isRecord(value)) throw unexpected(where, "an object", value);
  return value;
};

export function oneOf<const T extends string>(...words: readonly T[]): Decoder<T> {
  const expected = `one of ${words.map((word) => `"${word}"`).join(", ")}`;
  return primitive<T>(expected, (value) => words.includes(value as T));
}

export function nullable<T>(decoder: Decoder<T>): Decoder<T | null> {
  return (value, where) => (value === null || value === undefined ? null : decoder(value, where));
}

export function list<T>(decoder: Decoder<T>): Decoder<readonly T[]> {
  return (value, where) => {
    if (!Array.isArray(value)) throw unexpected(where, "a list", value);
    return value.map((item, index) => decoder(item, `${where}[${index}]`));
  };
}

/** The named members, each decoded; members we do not know are left out, as newer engines add them. */
export function record<const S extends Readonly<Record<string, Decoder<unknown>>>>(
  shape: S,
): Decoder<{ readonly [K in keyof S]: Decoded<S[K]> }> {
  return (value, where) => {
    if (!isRecord(value)) throw unexpected(where, "an object", value);
    const members = Object.entries(shape).map(
      ([name, decoder]) => [name, decoder(value[name], `${where}.${name}`)] as const,
    );
    return Object.fromEntries(members) as { readonly [K in keyof S]: Decoded<S[K]> };
  };
}

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export function unexpected(where: string, expected: string, found: unknown): ProtocolError {
  const shown = JSON.stringify(found) ?? "nothing";
  const short = shown.length > 60 ? `${shown.slice(0, 60)}…` : shown;
  return new ProtocolError(`${where}: expected ${expected}; found ${short}`);
}

function primitive<T>(expected: string, fits: (value: unknown) => boolean): Decoder<T> {
  return (value, where) => {
    if (!fits(value)) throw unexpected(where, expected, value);
    return value as T;
  };
}
