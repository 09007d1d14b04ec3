/**
 * The other thread: keeps a copy of the label map, packs it for the wire and for drafts, reads
 * masks back, and floods. `keeper` is sent to a worker as its own text (a widget's module is a
 * blob, from which no worker file can be resolved), so it names nothing outside of itself.
 */

export type Ask =
  /** Begin with an empty map, with packed runs, or with a PNG and what its colours stand for. */
  | {
      readonly op: "open";
      readonly width: number;
      readonly height: number;
      readonly packed?: Uint8Array;
      readonly png?: Uint8Array;
      /** `0xrrggbb` and value, by turns. */
      readonly colors?: readonly number[];
    }
  | {
      readonly op: "patch";
      readonly left: number;
      readonly top: number;
      readonly width: number;
      readonly bytes: Uint8Array;
    }
  /** `table`: the value each value is written as. */
  | { readonly op: "pack"; readonly table?: Uint8Array }
  | { readonly op: "unpack"; readonly packed: Uint8Array; readonly count: number }
  | { readonly op: "picture"; readonly bitmap: ImageBitmap }
  | {
      readonly op: "flood";
      readonly x: number;
      readonly y: number;
      /** Largest difference from the colour under the point, 0..255; 255 ignores colours. */
      readonly tolerance: number;
    };

export interface Post {
  (message: object, transfer: readonly Transferable[]): void;
}

/** Answers `{id, ok}` or `{id, error}`; `ok` is a `Uint8Array`, or a `Uint32Array` of runs. */
export function keeper(post: Post): (message: { id: number } & Ask) => Promise<void> {
  let width = 0;
  let height = 0;
  let map = new Uint8Array(0);
  let pixels: Uint8ClampedArray | null = null;
  let bitmap: ImageBitmap | null = null;
  const LONGEST = 0xffffff;

  const through = async (bytes: Uint8Array, stream: CompressionStream | DecompressionStream) => {
    const body = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    const out = body.pipeThrough(stream as unknown as TransformStream<Uint8Array, Uint8Array>);
    return new Uint8Array(await new Response(out as unknown as BodyInit).arrayBuffer());
  };

  const runsOf = (table?: Uint8Array): Uint32Array => {
    let words = new Uint32Array(4096);
    let used = 0;
    for (let at = 0; at < map.length; ) {
      const value = map[at] as number;
      let to = at + 1;
      while (to < map.length && map[to] === value) to++;
      const written = table ? (table[value] as number) : value;
      for (let count = to - at; count > 0; count -= LONGEST) {
        if (used === words.length) {
          const larger = new Uint32Array(words.length * 2);
          larger.set(words);
          words = larger;
        }
        words[used++] = (Math.min(count, LONGEST) << 8) | written;
      }
      at = to;
    }
    return words.slice(0, used);
  };

  const pack = async (table?: Uint8Array): Promise<Uint8Array> => {
    const words = runsOf(table);
    return through(new Uint8Array(words.buffer), new CompressionStream("deflate"));
  };

  const unpack = async (packed: Uint8Array, count: number): Promise<Uint8Array<ArrayBuffer>> => {
    const raw = await through(packed, new DecompressionStream("deflate"));
    const words = new Uint32Array(raw.buffer, 0, raw.length >> 2);
    const out = new Uint8Array(count);
    let at = 0;
    for (const word of words) {
      out.fill(word & 0xff, at, at + (word >>> 8));
      at += word >>> 8;
    }
    if (at !== count) throw new Error(`The mask has ${at} pixels, not ${count}`);
    return out;
  };

  const draw = (source: ImageBitmap): Uint8ClampedArray => {
    const pen = new OffscreenCanvas(source.width, source.height).getContext("2d", {
      willReadFrequently: true,
    }) as OffscreenCanvasRenderingContext2D;
    pen.drawImage(source, 0, 0);
    const { data } = pen.getImageData(0, 0, source.width, source.height);
    source.close();
    return data;
  };

  const ofPng = async (png: Uint8Array, colors: readonly number[]) => {
    const blob = new Blob([png as Uint8Array<ArrayBuffer>], { type: "image/png" });
    const plain = { colorSpaceConversion: "none", premultiplyAlpha: "none" } as const;
    const image = await createImageBitmap(blob, plain);
    if (image.width !== width || image.height !== height) {
      throw new Error(`The mask has ${image.width} x ${image.height} pixels`);
    }
    const values = new Map<number, number>();
    for (let at = 0; at < colors.length; at += 2) {
      values.set(colors[at] as number, colors[at + 1] as number);
    }
    const rgba = new Uint32Array(draw(image).buffer);
    const out = new Uint8Array(rgba.length);
    let [last, value] = [-1, 0]; // neighbours are mostly alike
    for (let at = 0; at < rgba.length; at++) {
      const word = rgba[at] as number;
      if (word !== last) {
        last = word;
        const rgb = ((word & 0xff) << 16) | (word & 0xff00) | ((word >>> 16) & 0xff);
        value = word >>> 24 === 0 ? 0 : (values.get(rgb) ?? 0);
      }
      out[at] = value;
    }
    return out;
  };

  /** Pixels of one label that hang together and look alike: runs of offset and count. */
  const flood = (x: number, y: number, tolerance: number): Uint32Array => {
    if (bitmap) pixels = draw(bitmap);
    bitmap = null;
    const rgba = tolerance < 255 ? pixels : null;
    const seed = y * width + x;
    const label = map[seed];
    const [red, green, blue] = rgba ? [rgba[seed * 4], rgba[seed * 4 + 1], rgba[seed * 4 + 2]] : [];
    const seen = new Uint8Array(map.length);
    const fits = (at: number): boolean => {
      if (seen[at] === 1 || map[at] !== label) return false;
      if (!rgba) return true;
      return (
        Math.abs((rgba[at * 4] as number) - (red as number)) <= tolerance &&
        Math.abs((rgba[at * 4 + 1] as number) - (green as number)) <= tolerance &&
        Math.abs((rgba[at * 4 + 2] as number) - (blue as number)) <= tolerance
      );
    };
    const runs: number[] = [];
    const waiting = [seed];
    while (waiting.length > 0) {
      const at = waiting.pop() as number;
      if (!fits(at)) continue;
      const start = at - (at % width);
      let left = at;
      while (left > start && fits(left - 1)) left--;
      let right = at + 1;
      while (right < start + width && fits(right)) right++;
      seen.fill(1, left, right);
      runs.push(left, right - left);
      for (const shift of [-width, width]) {
        if (left + shift < 0 || left + shift >= map.length) continue;
        let inside = false;
        for (let next = left + shift; next < right + shift; next++) {
          const fit = fits(next);
          if (fit && !inside) waiting.push(next);
          inside = fit;
        }
      }
    }
    return Uint32Array.from(runs);
  };

  const answer = async (ask: Ask): Promise<Uint8Array | Uint32Array | null> => {
    switch (ask.op) {
      case "open":
        ({ width, height } = ask);
        if (ask.packed) map = await unpack(ask.packed, width * height);
        else if (ask.png) map = await ofPng(ask.png, ask.colors ?? []);
        else map = new Uint8Array(width * height);
        return map.slice();
      case "patch":
        for (let at = 0, row = ask.top; at < ask.bytes.length; at += ask.width, row++) {
          map.set(ask.bytes.subarray(at, at + ask.width), row * width + ask.left);
        }
        return null;
      case "pack":
        return pack(ask.table);
      case "unpack":
        return unpack(ask.packed, ask.count);
      case "picture":
        ({ bitmap } = ask);
        return null;
      case "flood":
        return flood(ask.x, ask.y, ask.tolerance);
    }
  };

  // in turn: what is asked after a patch is answered with the patch in it
  let turn: Promise<void> = Promise.resolve();
  return (message) => {
    const { id } = message;
    turn = turn.then(async () => {
      try {
        const ok = await answer(message);
        post({ id, ok }, ok ? [ok.buffer as ArrayBuffer] : []);
      } catch (error) {
        post({ id, error: String(error) }, []);
      }
    });
    return turn;
  };
}
