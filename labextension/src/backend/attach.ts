/** Bytes inside the arguments of a call travel beside it: "attached" stands in their place. */

export interface Parcel {
  readonly args: object;
  readonly attached: Uint8Array | null;
}

const MARK = "attached";
const LENGTH_BYTES = 4;
export const FRAMED = "application/vnd.gt-widgets.call";

/** One call carries one attachment; of two, the protocol would not know which is which. */
export function parcel(args: object): Parcel {
  let attached: Uint8Array | null = null;
  const lifted = (value: unknown): unknown => {
    if (value instanceof Uint8Array) {
      if (attached && attached !== value) throw new Error("A call carries one attachment");
      attached = value;
      return MARK;
    }
    if (Array.isArray(value)) return value.map(lifted);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, lifted(each)]));
  };
  const found = lifted(args) as object;
  return { args: found, attached };
}

/** Four bytes of length, the JSON, and the attachment behind it. */
export function framed({ args, attached }: Parcel): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(JSON.stringify(args));
  const body = new Uint8Array(LENGTH_BYTES + json.length + (attached?.length ?? 0));
  new DataView(body.buffer).setUint32(0, json.length);
  body.set(json, LENGTH_BYTES);
  if (attached) body.set(attached, LENGTH_BYTES + json.length);
  return body;
}
