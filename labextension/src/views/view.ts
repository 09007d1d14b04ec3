/** What every view is made with and made of. */
import type { Action, KeyLike } from "../keys.js";
import type { Answer, Proposal, Task } from "../protocol.js";
import { builder, type Build } from "./dom.js";

export interface Kit {
  readonly h: Build;
  readonly doc: Document;
  /** Ends every listener of what was built with this kit. */
  readonly signal: AbortSignal;
}

export const kitFor = (doc: Document, signal: AbortSignal): Kit => ({
  h: builder(doc, signal),
  doc,
  signal,
});

export type ViewName =
  | "connecting"
  | "sign-in"
  | "new-password"
  | "jobs"
  | "task"
  | "waiting"
  | "card"
  | "outbox";

export interface View {
  readonly name: ViewName;
  readonly element: HTMLElement;
  /** Put the keyboard where work goes on. */
  readonly focus: () => void;
  /** A key of the map; true when it was used. */
  readonly act?: (action: Action, event: KeyboardEvent) => boolean;
  /** Keys that mean something in this view only; they go before the map. */
  readonly keyOf?: KeyOf | undefined;
}
export type KeyOf = (event: KeyLike) => Action | null;

export interface BodyOptions {
  readonly task: Task;
  readonly bitmap: Promise<ImageBitmap> | null;
  readonly draft: unknown;
  /** One gesture is finished. */
  readonly onDraft: () => void;
  readonly onHelp: () => void;
  /** The label used last in this job, if any. */
  readonly lastLabel: string | undefined;
  readonly onLabel: (label: string) => void;
  /** Ask the engine for a mask proposal; absent where nobody can be asked. */
  readonly segment?: (prompt: object) => Promise<Proposal>;
}
export type BodyFactory = (kit: Kit, options: BodyOptions) => TaskBody;

/** The part of a task that differs by kind. */
export interface TaskBody {
  /** Beside the picture: labels to choose from. */
  readonly side: HTMLElement;
  readonly main: HTMLElement;
  /** The other side: the boxes drawn so far. */
  readonly list: HTMLElement | null;
  readonly focus: () => void;
  readonly act: (action: Action, event: KeyboardEvent) => boolean;
  readonly keyOf?: KeyOf;
  /** The answer, or what the worker must still do, in words. */
  readonly answer: () => { readonly content: Answer } | { readonly missing: string };
  readonly draft: () => object;
  /** Resolves when answer and draft hold all that was done; absent where they always do. */
  readonly settle?: () => Promise<void>;
  /** Keys and what they do, for the `?` sheet, where they differ from the boxes'. */
  readonly keys?: readonly (readonly [string, string])[];
}
