/** Calls through the Jupyter server extension: unaffected by a busy kernel. */
import { isRecord, ProtocolError } from "../decode.js";
import { EngineError, opened, UNREACHABLE, type Scope } from "../protocol.js";
import { framed, FRAMED, parcel } from "./attach.js";
import { isSlow, SLOW_TIMEOUT_MS, unreachable, type Backend, type TaskRef } from "./types.js";

export interface RestOptions {
  /** `baseUrl` of the Jupyter page, with the slash at its end. */
  readonly baseUrl: string;
  readonly storeId: string;
  readonly fetch: typeof fetch;
  /** The `_xsrf` cookie, read anew for each call. */
  readonly xsrf: () => string | null;
  /** Jupyter's token, when the page was opened with one. */
  readonly token?: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
const PICTURE_TIMEOUT_MS = 30_000;

export function restBackend(options: RestOptions): Backend {
  const root = `${options.baseUrl}gt-widgets/${encodeURIComponent(options.storeId)}`;
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;

  const send = async (path: string, ms: number, session: string | null, body?: object) => {
    const sent = body && parcel(body);
    const init: RequestInit = {
      method: body ? "POST" : "GET",
      credentials: "same-origin",
      headers: headers(options, session, sent && (sent.attached ? FRAMED : "application/json")),
      signal: AbortSignal.timeout(ms),
      ...(sent ? { body: sent.attached ? framed(sent) : JSON.stringify(sent.args) } : {}),
    };
    const response = await options.fetch(`${root}/${path}`, init).catch((error: unknown) => {
      throw unreachable(`The Jupyter server does not answer: ${String(error)}`);
    });
    if (!response.ok) throw await refusal(response);
    return response;
  };

  return {
    name: "rest",
    async call(scope: Scope, op: string, args: object, session = null) {
      const hello = op === "hello";
      const path = hello ? "hello" : `${scope}/${op}`;
      const ms = isSlow(op, args) ? SLOW_TIMEOUT_MS : timeoutMs;
      const response = await send(path, ms, session, hello ? undefined : args);
      return opened(await envelope(response), `${scope}.${op}`);
    },
    async picture(task: TaskRef, session) {
      const lease = encodeURIComponent(task.lease);
      const more = task.example === undefined ? "" : `&example=${task.example}`;
      const path = `worker/picture/${encodeURIComponent(task.task_id)}?lease=${lease}${more}`;
      return (await send(path, PICTURE_TIMEOUT_MS, session)).blob();
    },
    async thumbnail(jobName, objectId) {
      const args = { job_name: jobName, object_id: objectId };
      return (await send("requester/thumbnail", PICTURE_TIMEOUT_MS, null, args)).blob();
    },
  };
}

function headers(options: RestOptions, session: string | null, type?: string): HeadersInit {
  const xsrf = options.xsrf();
  return {
    ...(type ? { "Content-Type": type } : {}),
    ...(xsrf ? { "X-XSRFToken": xsrf } : {}),
    ...(options.token ? { Authorization: `token ${options.token}` } : {}),
    ...(session ? { "X-Gt-Session": session } : {}),
  };
}

/** The engine's own words when it wrote the answer; else the server part is not there. */
async function refusal(response: Response): Promise<Error> {
  const missing = unreachable(`The Jupyter server answered ${response.status} without our words`);
  try {
    opened(await response.json(), "answer");
  } catch (error) {
    return error instanceof EngineError ? error : missing;
  }
  return missing;
}

/** A proxy's page instead of JSON means that nobody we know has answered. */
async function envelope(response: Response): Promise<unknown> {
  const body: unknown = await response.json().catch(() => null);
  if (isRecord(body)) return body;
  throw unreachable("The answer is not ours: no JSON object");
}

/** Whether the engine itself spoke, so that asking by another road would change nothing. */
export const isEnginesWord = (error: unknown): boolean =>
  error instanceof ProtocolError || (error instanceof EngineError && error.code !== UNREACHABLE);

/** What JupyterLab, Notebook and Voila write into their page about themselves. */
export function jupyterPage(doc: Document): { baseUrl: string; token: string } | null {
  const raw = doc.getElementById("jupyter-config-data")?.textContent;
  if (!raw) return null;
  try {
    const config: unknown = JSON.parse(raw);
    if (!isRecord(config) || typeof config["baseUrl"] !== "string") return null;
    const baseUrl = config["baseUrl"].endsWith("/") ? config["baseUrl"] : `${config["baseUrl"]}/`;
    return { baseUrl, token: typeof config["token"] === "string" ? config["token"] : "" };
  } catch {
    return null;
  }
}

/** The browser lists the cookie of the longest path first, which is the server's own. */
export function xsrfCookie(cookie: string): string | null {
  const found = /(?:^|;\s*)_xsrf=([^;]*)/.exec(cookie);
  return found?.[1] ? decodeURIComponent(found[1]) : null;
}
