/** The keeper's side on the main thread: asks it, in a worker or, where none may be, right here. */
import { keeper, type Ask } from "./keeper.js";

type Reply = { readonly id: number; readonly ok?: unknown; readonly error?: string };

export class Helper {
  private nextId = 0;
  private readonly waiting = new Map<
    number,
    { readonly settle: (ok: unknown) => void; readonly fail: (error: Error) => void }
  >();
  private readonly send: (message: { id: number } & Ask, transfer: Transferable[]) => void;
  private readonly worker: Worker | null;

  constructor(signal: AbortSignal, makeWorker: () => Worker | null = inlineWorker) {
    this.worker = makeWorker();
    if (this.worker) {
      const { worker } = this;
      worker.onmessage = ({ data }: MessageEvent<Reply>) => this.hear(data);
      worker.onerror = (event) => this.giveUp(event.message);
      this.send = (message, transfer) => worker.postMessage(message, transfer);
    } else {
      const answer = keeper((reply) => this.hear(reply as Reply));
      this.send = (message) => void answer(message);
    }
    signal.addEventListener("abort", () => this.giveUp("The page has gone"));
  }

  ask(ask: Ask, transfer: Transferable[] = []): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((settle, fail) => {
      this.waiting.set(id, { settle, fail });
      this.send({ ...ask, id }, transfer);
    });
  }

  async bytes(ask: Ask, transfer?: Transferable[]): Promise<Uint8Array> {
    return (await this.ask(ask, transfer)) as Uint8Array;
  }

  /** Nobody waits for these. */
  tell(ask: Ask, transfer?: Transferable[]): void {
    this.ask(ask, transfer).catch(() => undefined);
  }

  private hear({ id, ok, error }: Reply): void {
    const call = this.waiting.get(id);
    this.waiting.delete(id);
    if (error === undefined) call?.settle(ok);
    else call?.fail(new Error(error));
  }

  private giveUp(why: string): void {
    this.worker?.terminate();
    for (const { fail } of this.waiting.values()) fail(new Error(why));
    this.waiting.clear();
  }
}

/** null where the page's policy forbids workers. */
function inlineWorker(): Worker | null {
  const text = `const hear = (${keeper.toString()})((m, t) => postMessage(m, t));
onmessage = ({ data }) => hear(data);`;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return new Worker(url);
  } catch {
    return null;
  } finally {
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }
}
