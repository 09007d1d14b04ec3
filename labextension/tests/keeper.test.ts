/** The other thread, without a thread: packing, reading back, flooding; and what travels beside. */
import { expect, test } from "vitest";
import { framed, parcel } from "../src/backend/attach.js";
import { Helper } from "../src/mask/helper.js";
import { keeper, type Ask } from "../src/mask/keeper.js";
import { earlierOpening, opening, renumbered } from "../src/mask/saved.js";
import { memoryShelf, storageShelf } from "../src/shelves.js";

function helper() {
  return new Helper(new AbortController().signal, () => null);
}
async function words(packed: Uint8Array): Promise<number[][]> {
  const body = new Blob([packed as Uint8Array<ArrayBuffer>]).stream();
  const raw = await new Response(body.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer();
  const view = new DataView(raw);
  return Array.from({ length: raw.byteLength / 4 }, (_, k) => view.getUint32(k * 4, true)).map(
    (word) => [word >>> 8, word & 0xff],
  );
}
const open: Ask = { op: "open", width: 4, height: 3 };

test("a map is packed as runs of count and value that go on from row to row", async () => {
  const other = helper();
  await other.ask(open);
  other.tell({ op: "patch", left: 1, top: 0, width: 2, bytes: Uint8Array.from([1, 1, 1, 1]) });
  expect(await words(await other.bytes({ op: "pack" }))).toEqual([[1, 0], [2, 1], [2, 0], [2, 1], [5, 0]]);
});

test("what was packed is read back; a mask of another size is refused", async () => {
  const other = helper();
  await other.ask(open);
  other.tell({ op: "patch", left: 0, top: 2, width: 4, bytes: Uint8Array.from([3, 0, 3, 7]) });
  const packed = await other.bytes({ op: "pack" });
  const again = await helper().bytes({ ...open, packed });
  expect([...again]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 3, 7]);
  await expect(helper().ask({ op: "open", width: 5, height: 3, packed })).rejects.toThrow("12 pixels");
  await expect(helper().ask({ ...open, packed: new Uint8Array(3) })).rejects.toThrow();
});

test("a run too long for its 24 bits is written as several", async () => {
  const other = helper();
  await other.ask({ op: "open", width: 1 << 13, height: 1 << 12 });
  expect(await words(await other.bytes({ op: "pack" }))).toEqual([[0xffffff, 0], [0xffffff, 0], [2, 0]]);
});

test("a table renames the values on their way out", async () => {
  const other = helper();
  await other.ask(open);
  other.tell({ op: "patch", left: 0, top: 0, width: 4, bytes: Uint8Array.from([1, 2, 3, 0]) });
  const counts = Float64Array.from([9, 1, 0, 2]);
  const layers = [1, 2, 3].map((value) => ({ value, label: "car", color: "" }));
  const { table, kept } = renumbered(layers, counts);
  expect(kept.map(({ value }) => value)).toEqual([1, 3]);
  expect(await words(await other.bytes({ op: "pack", table }))).toEqual([[1, 1], [1, 0], [1, 2], [9, 0]]);
});

test("a flood stays within one label and what hangs together", async () => {
  const other = helper();
  await other.ask({ op: "open", width: 5, height: 3 });
  const wall = Uint8Array.from([1, 1, 1]);
  other.tell({ op: "patch", left: 2, top: 0, width: 1, bytes: wall });
  const runs = (await other.ask({ op: "flood", x: 0, y: 1, tolerance: 255 })) as Uint32Array;
  const pixels = Array.from({ length: runs.length / 2 }, (_, k) => [runs[2 * k], runs[2 * k + 1]]);
  expect(pixels.sort(([a], [b]) => a! - b!)).toEqual([[0, 2], [5, 2], [10, 2]]);
});

test("the worker's text names nothing outside of itself", async () => {
  const alone = new Function(`return (${keeper.toString()})`)() as typeof keeper;
  const heard: { ok?: unknown; error?: string }[] = [];
  await alone((message) => heard.push(message))({ id: 1, op: "open", width: 2, height: 1 });
  expect(heard).toEqual([{ id: 1, ok: new Uint8Array(2) }]);
});

test("a draft of bytes or of base64 is opened; else the earlier label; else an empty map", () => {
  const packed = Uint8Array.from([120, 156, 99]);
  const size = { width: 4, height: 3 };
  const labels = [{ label: "road", color: "#2ca02c", shortDisplayName: null }];
  const earlier = {
    colors: null, attribute: "a",
    kind: "mask",
    labels: ["road"],
    value: { labeledImage: { pngImageData: "AAAA" }, labelMappings: { road: { color: "#2ca02c" } } },
  };
  expect(opening(size, { mask_runs: packed }, earlier, labels)).toMatchObject({ packed });
  const text = btoa(String.fromCharCode(...packed));
  expect(opening(size, { mask_runs: text }, null, labels)).toEqual({ op: "open", ...size, packed });
  expect(opening(size, { nothing: true }, earlier, labels)).toMatchObject({ colors: [0x2ca02c, 1] });
  expect(opening(size, null, null, labels)).toEqual({ op: "open", ...size });
  expect(earlierOpening(size, { ...earlier, value: {} }, labels)).toBeNull();
});

test("bytes travel beside the JSON, wherever they stood in it", () => {
  const runs = Uint8Array.from([1, 2, 3]);
  const { args, attached } = parcel({ content: { any: { mask_runs: runs } }, list: [1] });
  expect(args).toEqual({ content: { any: { mask_runs: "attached" } }, list: [1] });
  expect(attached).toBe(runs);
  const body = framed({ args, attached });
  const length = new DataView(body.buffer).getUint32(0);
  expect(JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + length)))).toEqual(args);
  expect([...body.subarray(4 + length)]).toEqual([1, 2, 3]);
  expect(() => parcel({ a: runs, b: new Uint8Array(1) })).toThrow("one attachment");
});

test("bytes survive every shelf", async () => {
  const kept = new Map<string, string>();
  const storage = {
    get length() {
      return kept.size;
    },
    key: (index: number) => [...kept.keys()][index] ?? null,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
  for (const shelf of [memoryShelf(), storageShelf(storage)]) {
    await shelf.set("draft|a", { mask_runs: Uint8Array.from([0, 255, 7]), n: 1 });
    expect(await shelf.get("draft|a")).toEqual({ mask_runs: Uint8Array.from([0, 255, 7]), n: 1 });
  }
});
