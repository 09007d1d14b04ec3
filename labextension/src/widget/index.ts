/** The anywidget entry: one file for all our widgets; the trait `kind` says which one this is. */
import type { AnyModel, RenderProps } from "@anywidget/types";
import { ChosenBackend } from "../backend/choose.js";
import { commBackend } from "../backend/comm.js";
import { jupyterPage, restBackend, xsrfCookie } from "../backend/rest.js";
import type { Backend } from "../backend/types.js";
import { parseCard, type Card } from "../protocol.js";
import { openShelf } from "../shelves.js";
import { runCard } from "../views/job-card.js";
import { hasFocus } from "../views/dom.js";
import { runOutbox } from "../views/outbox.js";
import { shell, type Shell } from "../views/shell.js";
import { WorkerPage } from "../views/worker.js";
import { delay } from "../work/patience.js";
import { Sessions, tabPocket } from "../work/session.js";

/** The traits the Python half syncs. A worker's session is never one of them. */
export interface Traits {
  readonly kind: "worker" | "annotator" | "card" | "outbox";
  readonly store_id: string;
  readonly job_name: string;
  readonly user_name: string;
  readonly place: "LOCAL" | "AWS";
  readonly snapshot?: unknown;
  /** Of an annotator: goes up when the kernel has another item to show. */
  readonly turn?: number;
}
type Model = AnyModel<Traits>;

function render({ model, el, signal }: RenderProps<Traits>): () => void {
  let end = new AbortController();
  const show = () => {
    const focused = hasFocus(el); // keys must not fall to the notebook between two items
    end.abort();
    end = new AbortController();
    const root = mount(model, el, end.signal);
    if (focused) root.focus({ preventScroll: true });
  };
  const leave = () => {
    model.off("change:turn", show);
    end.abort();
  };
  signal?.addEventListener("abort", leave); // absent before anywidget 0.11
  model.on("change:turn", show);
  show();
  return leave;
}

function mount(model: Model, parent: HTMLElement, signal: AbortSignal): HTMLElement {
  let page: WorkerPage | null = null;
  const frame = shell(parent, {
    place: model.get("place"),
    signal,
    onSignOut: () => void page?.signOut(),
  });
  signal.addEventListener("abort", () => frame.root.remove());
  const storeId = model.get("store_id");
  const backend = backendFor(model, frame, signal);
  const common = { shell: frame, backend, delay, signal };
  const [kind, jobName, userName] = [model.get("kind"), model.get("job_name"), model.get("user_name")];
  frame.root.dataset["gtKind"] = kind;
  switch (kind) {
    case "card": {
      const snapshot = snapshotOf(model);
      void runCard({ ...common, jobName, snapshot });
      break;
    }
    case "outbox":
      void runOutbox(common);
      break;
    default:
      void openShelf().then((shelf) => {
        if (signal.aborted) return;
        const sessions = new Sessions(tabPocket(), storeId);
        if (kind === "annotator") {
          sessions.keep({ userName, token: kind }); // whoever has the notebook has the item
          sessions.working(userName, jobName, jobName);
        }
        page = new WorkerPage({ ...common, shelf, storeId, sessions, jobName, userName, newId });
        void page.start();
      });
  }
  return frame.root;
}

function backendFor(model: Model, frame: Shell, signal: AbortSignal): Backend {
  const doc = frame.root.ownerDocument;
  const storeId = model.get("store_id");
  const page = storeId ? jupyterPage(doc) : null; // a job on AWS has no store here
  const rest = page
    ? restBackend({
        ...page,
        storeId,
        fetch: globalThis.fetch.bind(globalThis),
        xsrf: () => xsrfCookie(doc.cookie),
      })
    : null;
  const wire = {
    send: (message: object, buffers: readonly ArrayBuffer[] = []) =>
      model.send(message, undefined, [...buffers]),
    onMessage: (listener: (message: unknown, buffers: readonly DataView[]) => void) => {
      model.on("msg:custom", listener);
      signal.addEventListener("abort", () => model.off("msg:custom", listener));
    },
  };
  // Two views of one model hear each other's answers: their call numbers must not meet.
  const firstId = Math.floor(Math.random() * 2 ** 40);
  return new ChosenBackend({
    storeId,
    rest,
    comm: commBackend(wire, { firstId }),
    onName: frame.setBackend,
    onReach: frame.setReach,
  });
}

function snapshotOf(model: Model): Card | null {
  try {
    return parseCard(model.get("snapshot"));
  } catch {
    return null; // no snapshot yet, or one of another version
  }
}

/** `crypto.randomUUID` is missing on pages served without https. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export default { render };
