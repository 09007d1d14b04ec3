/** Calls through the kernel's comm: works in every host, waits while a cell computes. */
import { isRecord, ProtocolError, record, text } from "../decode.js";
import { opened, type Scope } from "../protocol.js";
import { parcel } from "./attach.js";
import { isSlow, SLOW_TIMEOUT_MS, unreachable, type Backend, type TaskRef } from "./types.js";

/** The two members of an anywidget model that a comm needs. */
export interface Wire {
  send(message: object, buffers?: readonly ArrayBuffer[]): void;
  /** `buffers` hold the bytes of a picture. */
  onMessage(listener: (message: unknown, buffers: readonly DataView[]) => void): void;
}

interface Waiting {
  readonly settle: (answer: { readonly ok: unknown; readonly buffers: readonly DataView[] }) => void;
  readonly fail: (error: unknown) => void;
}

const TIMEOUT_MS = 5_000;
const PICTURE_TIMEOUT_MS = 30_000;

export function commBackend(wire: Wire, options: { firstId: number; timeoutMs?: number }): Backend {
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const waiting = new Map<number, Waiting>();
  let nextId = options.firstId;

  wire.onMessage((message, buffers) => {
    if (!isRecord(message) || message["type"] !== "result") return;
    const id = message["id"];
    const call = typeof id === "number" ? waiting.get(id) : undefined;
    if (!call) return; // another view's call, or one that was given up
    waiting.delete(id as number);
    try {
      call.settle({ ok: opened(message, "comm"), buffers });
    } catch (error) {
      call.fail(error);
    }
  });

  const send = (scope: Scope, op: string, args: object, session: string | null, ms: number) =>
    new Promise<{ readonly ok: unknown; readonly buffers: readonly DataView[] }>((settle, fail) => {
      const id = nextId++;
      waiting.set(id, { settle, fail });
      setTimeout(() => {
        if (waiting.delete(id)) fail(unreachable("The kernel is busy or gone"));
      }, ms);
      try {
        const { args: plain, attached } = parcel(args);
        const buffers = attached ? [attached.slice().buffer] : [];
        wire.send({ type: "call", id, scope, op, args: plain, session }, buffers);
      } catch (error) {
        waiting.delete(id);
        fail(unreachable(`The kernel is gone: ${String(error)}`));
      }
    });

  const bytes = async (scope: Scope, op: string, args: object, session: string | null) => {
    const { ok, buffers } = await send(scope, op, args, session, PICTURE_TIMEOUT_MS);
    const { content_type: type } = record({ content_type: text })(ok, `${scope}.${op}`);
    const [body] = buffers;
    if (!body) throw new ProtocolError(`${scope}.${op}: expected one binary buffer; found none`);
    return new Blob([body as DataView<ArrayBuffer>], { type });
  };

  return {
    name: "comm",
    async call(scope, op, args, session = null) {
      const ms = isSlow(op, args) ? SLOW_TIMEOUT_MS : timeoutMs;
      return (await send(scope, op, args, session, ms)).ok;
    },
    picture: ({ task_id, lease, example }: TaskRef, session) =>
      bytes("worker", "picture", { task_id, lease, example }, session),
    thumbnail: (job_name, object_id) =>
      bytes("requester", "thumbnail", { job_name, object_id }, null),
  };
}
