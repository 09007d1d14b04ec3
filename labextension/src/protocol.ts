/**
 * The worker and requester protocols, the TypeScript half. What each operation means is in
 * docs/reference/worker-protocol.md; both test suites read tests/fixtures/protocol/.
 */
import {
  anything,
  flag,
  isRecord,
  list,
  nullable,
  number,
  object,
  oneOf,
  record,
  text,
  unexpected,
  type Decoded,
  type Decoder,
} from "./decode.js";
import { colorOf } from "./render/palette.js";

const workerName = record({ user_name: text, sub: text });

const job = record({
  job_name: text,
  title: text,
  description: text,
  task_type: text,
  available: number,
  done: number,
  status: text,
  message: nullable(text),
});

const label = record({ label: text, color: nullable(text), shortDisplayName: nullable(text) });
const earlier = record({
  attribute: text,
  kind: text,
  labels: list(text),
  /** Of the labels, as the earlier job had them. */
  colors: nullable(list(text)),
  value: object,
});

const wireTask = record({
  task_id: text,
  lease: text,
  job_name: text,
  object_id: text,
  task_type: text,
  kind: nullable(text),
  purpose: nullable(oneOf("label", "verify", "adjust")),
  element: nullable(text),
  title: text,
  description: text,
  categories: list(text),
  labels: nullable(list(label)),
  earlier: nullable(earlier),
  instructions: record({
    short: text,
    full: text,
    examples: nullable(list(record({ kind: text, caption: text }))),
  }),
  picture: nullable(record({ width: number, height: number, content_type: text })),
  /** Hints that `segment` takes for this task. */
  segment: nullable(list(text)),
  text: nullable(text),
  problem: nullable(text),
  time_limit_s: number,
  lease_until: number,
  now: number,
  draft: anything,
});

/** Engines of version 0.1 name the task type alone, and know these two. */
const BEFORE_KINDS: Readonly<Record<string, { readonly kind: string; readonly element: string }>> = {
  "bounding-box": { kind: "boxes", element: "boundingBox" },
  "image-classification": { kind: "class", element: "crowd-image-classifier" },
};

/** What an older engine leaves out follows from the task type and the categories. */
const task = (value: unknown, where: string) => {
  const wire = wireTask(value, where);
  const before = BEFORE_KINDS[wire.task_type];
  return {
    ...wire,
    /** What a worker gives; views/bodies.ts has the body for it. */
    kind: wire.kind ?? before?.kind ?? "",
    purpose: wire.purpose ?? "label",
    /** The name that the answer goes under. */
    element: wire.element ?? before?.element ?? `crowd-${wire.task_type}`,
    labels: (wire.labels ?? wire.categories.map(unadorned)).map((each, classId) => ({
      ...each,
      color: HEX.test(each.color ?? "") ? (each.color as string) : colorOf(classId),
    })),
  };
};
const HEX = /^#[0-9a-f]{6}$/i;
const unadorned = (label: string) => ({ label, color: null, shortDisplayName: null });

const signedIn = record({ session: text, worker: workerName });
const challenged = record({
  challenge: oneOf("NEW_PASSWORD_REQUIRED"),
  challenge_session: text,
  password_policy: text,
});
const signIn: Decoder<SignedIn | Challenged> = (value, where) =>
  isRecord(value) && "challenge" in value ? challenged(value, where) : signedIn(value, where);

const card = record({
  job_name: text,
  status: text,
  task_type: text,
  team: text,
  counters: record({
    total: number,
    human_labeled: number,
    machine_labeled: number,
    failed: number,
    unlabeled: number,
    foreseen: nullable(number),
  }),
  batch: nullable(
    record({
      iteration: number,
      objects: number,
      tasks_done: number,
      tasks_total: number,
      leased: number,
    }),
  ),
  workers: list(record({ user_name: text, answers: number, simulated: flag })),
  cost: record({ so_far_usd: number, estimate_usd: nullable(number), explanation: text }),
  next: text,
  failure_reason: nullable(text),
  manifest_uri: nullable(text),
  created_at: number,
  now: number,
  seconds_per_task: nullable(number),
  recent: list(
    record({
      object_id: text,
      width: number,
      height: number,
      boxes: list(
        record({ class_id: number, left: number, top: number, width: number, height: number }),
      ),
      class_id: nullable(number),
      confidence: nullable(number),
    }),
  ),
  categories: list(text),
});

const mail = record({
  mail_id: text,
  to: text,
  subject: text,
  sent_at: number,
  body: text,
  /** This and what follows: of invitations; other mail has null. */
  user_name: nullable(text),
  temporary_password: nullable(text),
  /** Whether the temporary password still opens anything. */
  password_state: nullable(oneOf("waiting", "used", "replaced")),
  portal_url: nullable(text),
  sub: nullable(text),
  /** Until when the temporary password is good. */
  expires_at: nullable(number),
});

/** A mask of 0 and 1 for a rectangle of the picture, packed and in base64. */
const proposal = record({
  left: number,
  top: number,
  width: number,
  height: number,
  mask_runs: text,
  method: text,
});

const nothing = record({});

/** What every operation answers with `ok`; the bytes of pictures travel beside it. */
export const RESULTS = {
  worker: {
    sign_in: signIn,
    set_new_password: signedIn,
    sign_out: nothing,
    jobs: record({ worker: workerName, jobs: list(job) }),
    claim: record({
      tasks: list(task),
      message: nullable(text),
      state: oneOf("tasks", "waiting", "finished"),
    }),
    begin: record({ lease_until: number, now: number }),
    save_draft: nothing,
    submit: record({ accepted: flag, duplicate: flag }),
    skip: nothing,
    decline: nothing,
    release: nothing,
    stop: nothing,
    picture: record({ content_type: text }),
    segment: proposal,
  },
  requester: {
    hello: record({ store_id: text, version: text }),
    card,
    thumbnail: record({ content_type: text }),
    outbox: record({ mails: list(mail) }),
  },
} as const;

export type Scope = keyof typeof RESULTS;
export type Op<S extends Scope> = keyof (typeof RESULTS)[S] & string;
export type Result<S extends Scope, O extends Op<S>> = Decoded<(typeof RESULTS)[S][O]>;

export type Job = Decoded<typeof job>;
export type Task = Decoded<typeof task>;
/** A label category with its colour, `#rrggbb`, as the manifest has it. */
export type TaskLabel = Task["labels"][number];
/** The label that a verification shows and an adjustment starts from. */
export type Earlier = NonNullable<Task["earlier"]>;
export type Proposal = Decoded<typeof proposal>;
export type Card = Decoded<typeof card>;
export type Mail = Decoded<typeof mail>;
export type SignedIn = Decoded<typeof signedIn>;
export type Challenged = Decoded<typeof challenged>;
export type Claimed = Result<"worker", "claim">;

interface Held {
  readonly task_id: string;
  readonly lease: string;
}
export interface Args {
  readonly worker: {
    readonly sign_in: { readonly user_name: string; readonly password: string };
    readonly set_new_password: {
      readonly user_name: string;
      readonly challenge_session: string;
      readonly new_password: string;
    };
    readonly sign_out: Record<string, never>;
    readonly jobs: Record<string, never>;
    readonly claim: {
      readonly job_name: string;
      readonly count: number;
      readonly holding: readonly string[];
    };
    readonly begin: Held;
    readonly save_draft: Held & { readonly draft: unknown };
    readonly submit: Held & {
      readonly content: Answer;
      readonly time_spent_s: number;
      readonly key: string;
    };
    readonly skip: Held;
    readonly decline: Held;
    readonly release: Held;
    readonly stop: Held & { readonly draft: unknown };
    readonly picture: Held;
    readonly segment: Held & { readonly prompt: object };
  };
  readonly requester: {
    readonly hello: Record<string, never>;
    readonly card: { readonly job_name: string };
    readonly thumbnail: { readonly job_name: string; readonly object_id: string };
    readonly outbox: Record<string, never>;
  };
}

/** One object under the task's `element`; each kind's members are in the protocol page. */
export type Answer = Readonly<Record<string, object>>;

/** The engine refused, in its own words; `code` is one of the protocol's error codes. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const UNREACHABLE = "EngineUnreachable";
export const isUnreachable = (error: unknown): boolean => codeOf(error) === UNREACHABLE;
export const codeOf = (error: unknown): string | null =>
  error instanceof EngineError ? error.code : null;

/** `{"ok": result}` gives the result; `{"error": {...}}` is thrown. */
export function opened(envelope: unknown, where: string): unknown {
  if (isRecord(envelope) && "ok" in envelope) return envelope["ok"];
  if (isRecord(envelope) && "error" in envelope) {
    const { code, message } = record({ code: text, message: text })(envelope["error"], where);
    throw new EngineError(code, message);
  }
  throw unexpected(where, '{"ok": ...} or {"error": ...}', envelope);
}

export function parseResult<S extends Scope, O extends Op<S>>(
  scope: S,
  op: O,
  value: unknown,
): Result<S, O> {
  const decoder = RESULTS[scope][op] as Decoder<Result<S, O>>;
  return decoder(value, `${scope}.${op}`);
}

export const parseTask = (value: unknown): Task => task(value, "task");
export const parseCard = (value: unknown): Card => card(value, "card");
