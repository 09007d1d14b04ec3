/** The development page: the very widget of the notebook over an engine in memory. Not shipped. */
import widget, { type Traits } from "../src/widget/index.js";
import { DevEngine, devCard } from "./engine.js";

type Listener = (message: unknown, buffers: readonly DataView[]) => void;

const query = new URLSearchParams(location.search);
const traits: Traits = {
  kind: (query.get("kind") ?? "worker") as Traits["kind"],
  store_id: query.get("store") ?? "dev-store",
  job_name: query.get("job") ?? "",
  user_name: query.get("user") ?? "ana",
  place: "LOCAL",
  snapshot: query.has("snapshot") ? devCard("brand-logos") : null,
};
const engine = new DevEngine(traits.store_id);
const listeners = new Set<Listener>();
const model = {
  get: (name: keyof Traits) => traits[name],
  on: (_: string, listener: Listener) => void listeners.add(listener),
  off: (_: string, listener: Listener) => void listeners.delete(listener),
  send: (message: unknown) =>
    void engine.answer(message).then((answer) => {
      if (answer) listeners.forEach((listener) => listener(...answer));
    }),
};
const end = new AbortController();
const el = document.getElementById("cell");
if (el) void widget.render({ model, el, signal: end.signal } as never);
Object.assign(globalThis, { engine, end, keysSeen: [] as string[] });
document.addEventListener("keydown", (event) => {
  (globalThis as unknown as { keysSeen: string[] }).keysSeen.push(event.key);
});
if (query.has("dark")) document.documentElement.classList.add("dark");
