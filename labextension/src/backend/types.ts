/** The seam between the page and the engine; what carries the calls is not the views' business. */
import { parcel } from "./attach.js";
import {
  EngineError,
  parseResult,
  UNREACHABLE,
  type Args,
  type Op,
  type Result,
  type Scope,
} from "../protocol.js";

export type BackendName = "rest" | "comm" | "memory" | "none";

export interface TaskRef {
  readonly task_id: string;
  readonly lease: string;
  /** A picture of its instructions instead of its own: counted from 0. */
  readonly example?: number;
}

export interface Backend {
  readonly name: BackendName;
  /** The `ok` part of the answer, not yet parsed. Throws `EngineError`. */
  call(scope: Scope, op: string, args: object, session?: string | null): Promise<unknown>;
  /** The stored picture of a task the worker holds. */
  picture(task: TaskRef, session: string | null): Promise<Blob>;
  thumbnail(jobName: string, objectId: string): Promise<Blob>;
}

/** One operation, arguments and result typed by the protocol. */
export async function ask<S extends Scope, O extends Op<S> & keyof Args[S]>(
  backend: Backend,
  scope: S,
  op: O,
  args: Args[S][O] & object,
  session: string | null = null,
): Promise<Result<S, O>> {
  return parseResult<S, O>(scope, op, await backend.call(scope, op, args, session));
}

/** Masks are decoded, and proposals made, before there is an answer. */
export const SLOW_TIMEOUT_MS = 25_000;
export const isSlow = (op: string, args: object): boolean =>
  op === "segment" || (op === "submit" && parcel(args).attached !== null);

export const unreachable = (why: string): EngineError => new EngineError(UNREACHABLE, why);
