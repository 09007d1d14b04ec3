/** Every word the page says of its own, in one catalogue. What the engine says comes as it is. */
import type { Box, Point } from "./geometry/box.js";
import type { Form } from "./geometry/shape.js";
import type { Task } from "./protocol.js";

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

const formWords = (one: string, many: string, how: string) => ({
  many: `${many.charAt(0).toUpperCase()}${many.slice(1)}`,
  none: `No ${one} yet. ${how}`,
  draw: `Draw a ${one} (B)`,
  add: `Add a ${one} in the middle (A)`,
});
const FORMS: Readonly<Record<Form, ReturnType<typeof formWords>>> = {
  box: formWords("box", "boxes", "Drag on the picture to draw one."),
  polygon: formWords("polygon", "polygons", "Click along an outline; click its first point to end."),
  polyline: formWords("polyline", "polylines", "Click along a line; click its last point to end."),
  line: formWords("line", "lines", "Drag from one end to the other."),
  keypoint: formWords("key point", "key points", "Click on the picture to set one."),
};

export const words = {
  brand: "Ground Truth",
  localHint: "The embedded engine on this machine. Nothing leaves it and nothing is charged.",
  awsHint: "Amazon Web Services: work here costs money.",

  signInTitle: "Sign in to label",
  userName: "User name",
  password: "Password",
  signIn: "Sign in",
  signOut: "Sign out",
  signingOut: "Signing out…",
  newPasswordTitle: "Choose your own password",
  newPasswordWhy: "You signed in with a temporary password.",
  newPassword: "New password",
  newPasswordAgain: "New password, once more",
  setPassword: "Set password and go on",
  passwordsDiffer: "The two passwords are not the same.",
  signInAgain: "Your session has ended. Please sign in again; your work is kept here.",

  jobsTitle: "Your labeling jobs",
  noJobs: "No labeling job waits for you. New jobs appear here by themselves.",
  startWorking: "Start working",
  tasksAvailable: (n: number) => count(n, "task available", "tasks available"),
  done: (n: number) => `${n} done by you`,
  backToJobs: "Back to jobs",
  waitingTitle: "No task for you right now",
  waiting: "This page looks again every two seconds.",
  finishedTitle: "All done",

  loadingPicture: "Loading the picture…",
  connecting: "Connecting to the engine…",
  pictureFailed: (why: string) => `The picture cannot be shown: ${why}`,
  noPicture: "This task has no picture.",
  unknownKind: (name: string) =>
    `This page is older than the engine and cannot show a task of the type “${name}”. Reload it.`,
  object: (id: string) => `object ${id}`,
  timeLeft: "Time left",
  timeWarning: (seconds: number) => `${seconds} seconds left for this task`,
  timeUp: "The time for that task was up, so it went back to the pool. Your draft is kept here.",
  leaseExpired: "That task had gone back to the pool. Your draft is kept here.",
  restored: "Your earlier work on this task is restored.",
  workerName: (name: string) => `Signed in as ${name}`,

  instructions: "Instructions",
  fullInstructions: "Full instructions",
  labels: "Labels",
  labelNext: "Label of what you draw next",
  labelSelected: "Label of what is selected",
  tools: "Tools",
  select: "Select and move (V)",
  zoomIn: "Zoom in (+)",
  zoomOut: "Zoom out (-)",
  fit: "Fit the picture (0)",
  actual: "Actual pixels (Ctrl+1)",
  undo: "Undo (Ctrl+Z)",
  redo: "Redo (Ctrl+Shift+Z)",
  remove: "Delete (Del)",
  duplicate: "Duplicate (Ctrl+D)",
  raise: "Bring forward (Page Up)",
  lower: "Send backward (Page Down)",
  lock: "Lock (L)",
  hide: "Hide (H)",
  locked: "locked",
  hiddenShape: "hidden",
  forms: FORMS,
  showLabel: (label: string) => `Show “${label}”`,
  opacityOf: (label: string) => `Opacity of “${label}”`,
  pictureControls: "How the picture is shown",
  brightness: "Brightness",
  contrast: "Contrast",
  invert: "Inverted (X)",
  crosshair: "Crosshair (C)",
  reset: "Reset",
  shortcutsTitle: "Keyboard shortcuts",
  shortcuts: "Keyboard shortcuts (?)",
  nothing: "Nothing to label",
  boxGeometry: ({ left, top, width, height }: Box) => `${width} by ${height} at ${left}, ${top}`,
  pathGeometry: (form: Form, points: number, { x, y }: Point) =>
    form === "keypoint" || form === "line" ? `at ${x}, ${y}` : `${points} points from ${x}, ${y}`,
  canvasHelp:
    "Draw on the picture, or press A to add a shape. Arrow keys move what is selected, with Alt " +
    "they resize it. Press question mark for all keys.",
  canvasLabel: (title: string, id: string) => `Picture of object ${id}. ${title}`,

  submit: "Submit",
  skip: "Skip",
  skipHint: "Put it back; it is offered to you last",
  decline: "Decline",
  declineHint: "Never offer this task to me again",
  release: "Release",
  releaseHint: "Give the task back; what you drew is lost",
  stop: "Stop and resume later",
  stopHint: "Keep the task and what you drew until its time limit",
  askNothing: "Nothing is drawn. If there is nothing to label, tick “Nothing to label” and submit.",
  notPacked: (why: string) => `What you painted could not be packed: ${why}`,
  askLabel: "Choose a label first.",
  refused: (why: string) => `Your answer was not accepted: ${why}`,
  lost: (why: string) => `An answer came too late: ${why}`,

  unreachable: "The kernel is busy or gone; your work is kept here. Trying again…",
  unsent: (n: number) => `${count(n, "answer")} on the way…`,
  unsentStuck: (n: number) =>
    `${count(n, "answer")} not sent yet.`,
  sent: (n: number) => `${count(n, "answer")} sent`,
  close: "Close",

  copy: "Copy",
  copied: "Copied",
  outboxTitle: "Outbox",
  outboxWhy: "Invitations the engine would have mailed. Nothing is sent from this machine.",
  outboxEmpty: "No invitation yet. Create a private team to write one.",
  temporaryPassword: "Temporary password",
  passwordState: { waiting: "", used: "already used", replaced: "replaced by a newer one" },
  portal: "Portal",
  wholeMail: "The whole mail",
  to: (address: string) => `to ${address}`,

  human: (n: number) => `${n} labeled by people`,
  machine: (n: number) => `${n} by machine`,
  failedObjects: (n: number) => `${n} failed`,
  unlabeled: (n: number) => `${n} to do`,
  labeledOf: (done: number, total: number) => `${done} of ${total} labeled`,
  batch: (iteration: number, done: number, total: number, leased: number) =>
    `Batch ${iteration}: ${done} of ${count(total, "task")} done, ${leased} being worked on`,
  cost: (usd: number) => `$${usd.toFixed(2)} so far`,
  estimate: (usd: number) => `about $${usd.toFixed(2)} in all`,
  costWhy: "How this is worked out",
  next: "Next",
  workers: "Workers",
  noWorkers: "No answer yet.",
  answers: (n: number) => count(n, "answer"),
  simulated: "simulated",
  secondsPerTask: (seconds: number) => `${seconds.toFixed(1)} s per task`,
  recent: "Latest labels",
  confidence: (value: number) => `confidence ${value.toFixed(2)}`,
  nothingFound: "nothing to label",
  snapshot: "As of the last time the kernel ran.",
  manifest: "Output manifest",

  labelThatFits: "Choose one label",
  labelsThatFit: "Choose all labels that fit",
  noneOfThese: "None of the above",
  searchLabels: "Search labels (/)",
  noLabelFound: "No label is called so.",
  askLabels: "Choose the labels that fit, or “None of the above”.",
  lookHelp: "Wheel, + and - zoom. Press question mark for all keys.",
  textLabel: (id: string) => `Text of object ${id}`,
  emptyText: "This text is empty.",
  textHelp:
    "Highlight text with the mouse or with Shift and the arrow keys, then press the key of a " +
    "label. Press question mark for all keys.",
  entities: "Entities",
  noEntities: "Nothing is marked yet. Highlight text, then choose a label.",
  entity: (label: string, text: string) => `${label}: ${text}`,
  entityPlace: (start: number, end: number) => `characters ${start} to ${end}`,
  wholeWords: "Whole words (W)",
  removeEntity: "Remove the chosen entity (Del)",
  labelHighlight: "Label the highlighted text",
  labelOf: {
    highlight: "Label of the highlighted text",
    chosen: "Label of the chosen entity",
    next: "Choose one to mark with it at once",
  },
  labelReady: (label: string) => `What you highlight becomes “${label}”`,
  verdict: "Your verdict",
  comment: "What is wrong? (C)",
  askVerdict: "Choose your verdict first.",
  earlierLabel: "Label to check",
  earlierFrom: (attribute: string) => `from “${attribute}”`,
  earlierEmpty: "The earlier label says that there is nothing to label.",
  earlierShape: (label: string, { left, top, width, height }: Box) =>
    width === 0 && height === 0
      ? `${label}, at ${left}, ${top}`
      : `${label}, ${width} by ${height} at ${left}, ${top}`,
  adjusting: (attribute: string) =>
    `You are mending the label “${attribute}”: it is there already, correct what is wrong.`,
  askEntities: "Nothing is marked. If there is nothing to mark, tick “Nothing to label” and submit.",
} as const;

type Sheet = readonly (readonly [string, string])[];
const everyTask: Sheet = [
  ["Choose a label", "1 – 9, then letters"],
  ["Search in a long list of labels", "/"],
  ["Submit", "Enter on the picture or text, or Ctrl+Enter"],
];
const drawing: Sheet = [
  ["Draw / select", "B / V"],
  ["Add a shape without a pointer", "A"],
  ["End a polygon or polyline", "Enter, double click, or click its end"],
  ["Move what is selected", "arrows (Shift: 10 pixels)"],
  ["Resize it", "Alt + arrows"],
  ["Next / previous shape", "] / ["],
  ["Next / previous point of it", ". / ,"],
  ["Insert a point after that one", "I"],
  ["Delete the point, or the shape", "Delete or Backspace"],
  ["Duplicate", "Ctrl+D"],
  ["Forward / backward in the stack", "Page Up / Page Down (Shift: all the way)"],
  ["Lock / hide", "L / H"],
  ["Do not snap to the border", "hold Alt"],
  ["Undo / redo", "Ctrl+Z / Ctrl+Shift+Z"],
  ["Nothing to label", "N"],
  ["Cancel, then deselect", "Esc"],
];
const looking: Sheet = [
  ["Zoom", "wheel, + and -"],
  ["Fit / actual pixels", "0 / Ctrl+1"],
  ["Move the picture", "Space and drag, or the middle button"],
  ["Crosshair / invert the picture", "C / X"],
];
const several: Sheet = [["None of the above", "N"]];
const marking: Sheet = [
  ["Highlight", "drag, double click, or Shift + arrows (Ctrl: words)"],
  ["Highlight whole words only", "W"],
  ["Choose an entity", "click, or put the caret on it"],
  ["Next / previous entity", "] / ["],
  ["Move its end / its start", ", . / < >"],
  ["Change its label", "the key of the label"],
  ["Remove it", "Delete or Backspace"],
  ["Undo / redo", "Ctrl+Z / Ctrl+Shift+Z"],
  ["Nothing to label", "N"],
  ["Cancel", "Esc"],
];
const judging: Sheet = [
  ["Show or hide the label to check", "H"],
  ["Go to the comment", "C"],
];
const KINDS: Readonly<Record<string, Sheet>> = {
  class: [],
  classes: several,
  entities: marking,
  verify: judging,
};

/** The `?` sheet: what it does and the keys for it; only those that this task has. */
export const shortcutSheet = ({
  kind,
  purpose,
  picture,
}: Pick<Task, "kind" | "purpose" | "picture">): Sheet => [
  ...everyTask,
  ...(KINDS[purpose === "verify" ? purpose : kind] ?? drawing),
  ...(picture ? looking : []),
];
