import { expect, test, vi } from "vitest";
import { ChosenBackend } from "../src/backend/choose.js";
import { commBackend, type Wire } from "../src/backend/comm.js";
import { memoryBackend } from "../src/backend/memory.js";
import { restBackend, xsrfCookie } from "../src/backend/rest.js";
import { ask, unreachable, type Backend } from "../src/backend/types.js";
import { codeOf, EngineError } from "../src/protocol.js";

const hello = (store_id: string) => () => ({ store_id, version: "1" });
const jobs = (user_name: string) => () => ({ worker: { user_name, sub: "s" }, jobs: [] });

function road(name: "rest" | "comm", store: string, more = {}): Backend & { readonly calls: object[] } {
  const made = memoryBackend({
    requester: { hello: hello(store) },
    worker: { jobs: jobs(name), ...more },
  });
  return Object.assign(made, { name });
}
const whoAnswers = async (backend: Backend) =>
  (await ask(backend, "worker", "jobs", {})).worker.user_name;

test("the server is asked first when it knows the kernel's store", async () => {
  const chosen = new ChosenBackend({ storeId: "a", rest: road("rest", "a"), comm: road("comm", "a") });
  expect(await whoAnswers(chosen)).toBe("rest");
  expect(chosen.name).toBe("rest");
});

test("a server with another store is left alone", async () => {
  const rest = road("rest", "other");
  const chosen = new ChosenBackend({ storeId: "a", rest, comm: road("comm", "a") });
  expect(await whoAnswers(chosen)).toBe("comm");
  expect(await whoAnswers(chosen)).toBe("comm");
  expect(rest.calls).toHaveLength(1); // one handshake, not one per call
});

test("a server that goes away hands over to the kernel and is asked again later", async () => {
  let up = true;
  const jobsWhileUp = () => {
    if (!up) throw unreachable("gone");
    return jobs("rest")();
  };
  const rest = road("rest", "a", { jobs: jobsWhileUp });
  const names: string[] = [];
  const onName = (name: string) => names.push(name);
  const chosen = new ChosenBackend({ storeId: "a", rest, comm: road("comm", "a"), onName });
  await whoAnswers(chosen);
  up = false;
  expect(await whoAnswers(chosen)).toBe("comm");
  up = true;
  expect(await whoAnswers(chosen)).toBe("rest");
  expect(names).toEqual(["rest", "comm", "rest"]);
});

test("the engine's refusal is final: the other road is not tried", async () => {
  const refuse = () => {
    throw new EngineError("LeaseExpired", "too late");
  };
  const comm = road("comm", "a");
  const chosen = new ChosenBackend({
    storeId: "a",
    rest: road("rest", "a", { jobs: refuse }),
    comm,
  });
  await expect(whoAnswers(chosen)).rejects.toThrow("too late");
  expect(comm.calls).toHaveLength(0);
});

test("with no road left the call says so, and the page is told", async () => {
  const reached: boolean[] = [];
  const onReach = (yes: boolean) => reached.push(yes);
  const chosen = new ChosenBackend({ storeId: "a", rest: null, comm: null, onReach });
  const error = await whoAnswers(chosen).catch((caught: unknown) => caught);
  expect(codeOf(error)).toBe("EngineUnreachable");
  expect(reached).toEqual([false]);
});

function fetched(status: number, body: string, type = "application/json") {
  const reply = () => Promise.resolve(new Response(body, { status, headers: { "Content-Type": type } }));
  return vi.fn<typeof fetch>(reply);
}
const rest = (fetch: typeof globalThis.fetch) =>
  restBackend({ baseUrl: "/user/ana/", storeId: "st", fetch, xsrf: () => "x1" });

test("a call carries the session and the XSRF token in headers, never in its arguments", async () => {
  const fetch = fetched(200, '{"ok": {}}');
  await rest(fetch).call("worker", "skip", { task_id: "t", lease: "l" }, "s-1");
  const [url, init] = fetch.mock.calls[0] ?? [];
  expect(url).toBe("/user/ana/gt-widgets/st/worker/skip");
  expect(init?.body).toBe('{"task_id":"t","lease":"l"}');
  expect(init?.headers).toMatchObject({ "X-Gt-Session": "s-1", "X-XSRFToken": "x1" });
});

test.each([
  [409, '{"error": {"code": "LeaseExpired", "message": "gone"}}', "LeaseExpired"],
  [404, "<html>404</html>", "EngineUnreachable"],
  [502, "bad gateway", "EngineUnreachable"],
  [200, "<html>log in</html>", "EngineUnreachable"],
])("HTTP %i with %s means %s", async (status, body, code) => {
  const call = rest(fetched(status, body)).call("worker", "jobs", {});
  expect(codeOf(await call.catch((error: unknown) => error))).toBe(code);
});

test("a picture is fetched by task and lease", async () => {
  const fetch = fetched(200, "bytes", "image/png");
  const blob = await rest(fetch).picture({ task_id: "t/1", lease: "l 2" }, "s-1");
  expect(fetch.mock.calls[0]?.[0]).toBe("/user/ana/gt-widgets/st/worker/picture/t%2F1?lease=l%202");
  expect(blob.type).toBe("image/png");
});

test("the XSRF cookie is found among others", () => {
  expect(xsrfCookie("a=1; _xsrf=2%7Cab; b=3")).toBe("2|ab");
  expect(xsrfCookie("not_xsrf=2")).toBeNull();
});

function kernel() {
  const sent: { id: number; op: string }[] = [];
  let answer: (message: unknown, buffers: readonly DataView[]) => void = () => undefined;
  const wire: Wire = {
    send: (message) => void sent.push(message as { id: number; op: string }),
    onMessage: (listener) => void (answer = listener),
  };
  return { wire, sent, answer: (message: unknown, ...b: DataView[]) => answer(message, b) };
}

test("answers of the kernel find their calls, in whatever order they come", async () => {
  const { wire, sent, answer } = kernel();
  const backend = commBackend(wire, { firstId: 7 });
  const first = backend.call("worker", "jobs", {});
  const second = backend.call("requester", "outbox", {});
  answer({ type: "result", id: 8, ok: "second" });
  answer({ type: "result", id: 7, ok: "first" });
  expect(await Promise.all([first, second])).toEqual(["first", "second"]);
  expect(sent.map(({ id }) => id)).toEqual([7, 8]);
});

test("a picture comes as one binary buffer", async () => {
  const { wire, answer } = kernel();
  const picture = commBackend(wire, { firstId: 1 }).picture({ task_id: "t", lease: "l" }, null);
  answer({ type: "result", id: 1, ok: { content_type: "image/png" } }, new DataView(new ArrayBuffer(9)));
  expect(await picture.then(({ size, type }) => [size, type])).toEqual([9, "image/png"]);
});

test("a kernel that computes is given up on, and its late answer does no harm", async () => {
  vi.useFakeTimers();
  const { wire, answer } = kernel();
  const call = commBackend(wire, { firstId: 1 }).call("worker", "jobs", {});
  const outcome = call.catch(codeOf);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await outcome).toBe("EngineUnreachable");
  answer({ type: "result", id: 1, ok: {} });
  vi.useRealTimers();
});
