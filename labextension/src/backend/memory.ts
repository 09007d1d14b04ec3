/** A backend made of functions: for tests and the development page. */
import { EngineError, type Scope } from "../protocol.js";
import type { Backend, TaskRef } from "./types.js";

export type Operation = (args: never, session: string | null) => unknown;
export interface MemoryOptions {
  readonly worker?: Readonly<Record<string, Operation>>;
  readonly requester?: Readonly<Record<string, Operation>>;
  readonly picture?: (task: TaskRef) => Blob | Promise<Blob>;
  readonly thumbnail?: (jobName: string, objectId: string) => Blob | Promise<Blob>;
}

export interface Call {
  readonly op: string;
  readonly args: object;
  readonly session: string | null;
}

export function memoryBackend(options: MemoryOptions): Backend & { readonly calls: Call[] } {
  const calls: Call[] = [];
  return {
    name: "memory",
    calls,
    async call(scope: Scope, op: string, args: object, session = null) {
      calls.push({ op, args, session });
      const operation = options[scope]?.[op];
      if (!operation) throw new EngineError("NotImplemented", `No operation ${scope}.${op}`);
      return operation(args as never, session);
    },
    async picture(task) {
      return options.picture ? options.picture(task) : new Blob();
    },
    async thumbnail(jobName, objectId) {
      return options.thumbnail ? options.thumbnail(jobName, objectId) : new Blob();
    },
  };
}
