/** What every view is made with and made of. */
import type { Action } from "../keys.js";
import type { Answer, Task } from "../protocol.js";
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
}

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
  /** The answer, or what the worker must still do, in words. */
  readonly answer: () => { readonly content: Answer } | { readonly missing: string };
  readonly draft: () => object;
}
