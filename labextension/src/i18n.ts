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

export const brand = "Ground Truth";
export const localHint = "The embedded engine on this machine. Nothing leaves it and nothing is charged.";
export const awsHint = "Amazon Web Services: work here costs money.";

export const signInTitle = "Sign in to label";
export const userName = "User name";
export const password = "Password";
export const signIn = "Sign in";
export const signOut = "Sign out";
export const signingOut = "Signing out…";
export const newPasswordTitle = "Choose your own password";
export const newPasswordWhy = "You signed in with a temporary password.";
export const newPassword = "New password";
export const newPasswordAgain = "New password, once more";
export const setPassword = "Set password and go on";
export const passwordsDiffer = "The two passwords are not the same.";
export const signInAgain = "Your session has ended. Please sign in again; your work is kept here.";

export const jobsTitle = "Your labeling jobs";
export const noJobs = "No labeling job waits for you. New jobs appear here by themselves.";
export const startWorking = "Start working";
export const tasksAvailable = (n: number) => count(n, "task available", "tasks available");
export const done = (n: number) => `${n} done by you`;
export const backToJobs = "Back to jobs";
export const waitingTitle = "No task for you right now";
export const waiting = "This page looks again every two seconds.";
export const finishedTitle = "All done";

export const loadingPicture = "Loading the picture…";
export const connecting = "Connecting to the engine…";
export const pictureFailed = (why: string) => `The picture cannot be shown: ${why}`;
export const noPicture = "This task has no picture.";
export const unknownKind = (name: string) =>
  `This page is older than the engine and cannot show a task of the type “${name}”. Reload it.`;
export const object = (id: string) => `object ${id}`;
export const timeLeft = "Time left";
export const timeWarning = (seconds: number) => `${seconds} seconds left for this task`;
export const timeUp = "The time for that task was up, so it went back to the pool. Your draft is kept here.";
export const leaseExpired = "That task had gone back to the pool. Your draft is kept here.";
export const restored = "Your earlier work on this task is restored.";
export const workerName = (name: string) => `Signed in as ${name}`;

export const instructions = "Instructions";
export const fullInstructions = "Full instructions";
export const examples = "Examples";
export const example = (kind: string, caption: string): string =>
  caption || (kind === "bad" ? "Bad example" : kind === "good" ? "Good example" : "Example");
export const larger = "Larger or smaller";
export const labels = "Labels";
export const labelNext = "Label of what you draw next";
export const labelSelected = "Label of what is selected";
export const tools = "Tools";
export const select = "Select and move (V)";
export const zoomIn = "Zoom in (+)";
export const zoomOut = "Zoom out (-)";
export const fit = "Fit the picture (0)";
export const actual = "Actual pixels (Ctrl+1)";
export const undo = "Undo (Ctrl+Z)";
export const redo = "Redo (Ctrl+Shift+Z)";
export const remove = "Delete (Del)";
export const duplicate = "Duplicate (Ctrl+D)";
export const raise = "Bring forward (Page Up)";
export const lower = "Send backward (Page Down)";
export const lock = "Lock (L)";
export const hide = "Hide (H)";
export const locked = "locked";
export const hiddenShape = "hidden";
export const forms = FORMS;
export const showLabel = (label: string) => `Show “${label}”`;
export const opacityOf = (label: string) => `Opacity of “${label}”`;
export const pictureControls = "How the picture is shown";
export const brightness = "Brightness";
export const contrast = "Contrast";
export const invert = "Inverted (X)";
export const crosshair = "Crosshair (C)";
export const reset = "Reset";
export const shortcutsTitle = "Keyboard shortcuts";
export const shortcuts = "Keyboard shortcuts (?)";
export const nothing = "Nothing to label";
export const boxGeometry = ({ left, top, width, height }: Box) => `${width} by ${height} at ${left}, ${top}`;
export const pathGeometry = (form: Form, points: number, { x, y }: Point) =>
  form === "keypoint" || form === "line" ? `at ${x}, ${y}` : `${points} points from ${x}, ${y}`;
export const canvasHelp =
  "Draw on the picture, or press A to add a shape. Arrow keys move what is selected, with Alt " +
  "they resize it. Press question mark for all keys.";
export const canvasLabel = (title: string, id: string) => `Picture of object ${id}. ${title}`;

export const submit = "Submit";
export const skip = "Skip";
export const skipHint = "Put it back; it is offered to you last";
export const decline = "Decline";
export const declineHint = "Never offer this task to me again";
export const release = "Release";
export const releaseHint = "Give the task back; what you drew is lost";
export const stop = "Stop and resume later";
export const stopHint = "Keep the task and what you drew until its time limit";
export const askNothing = "Nothing is drawn. If there is nothing to label, tick “Nothing to label” and submit.";
export const notPacked = (why: string) => `What you painted could not be packed: ${why}`;
export const askLabel = "Choose a label first.";
export const refused = (why: string) => `Your answer was not accepted: ${why}`;
export const lost = (why: string) => `An answer came too late: ${why}`;

export const unreachable = "The kernel is busy or gone; your work is kept here. Trying again…";
export const unsent = (n: number) => `${count(n, "answer")} on the way…`;
export const unsentStuck = (n: number) =>
  `${count(n, "answer")} not sent yet.`;
export const sent = (n: number) => `${count(n, "answer")} sent`;
export const close = "Close";

export const copy = "Copy";
export const copied = "Copied";
export const outboxTitle = "Outbox";
export const outboxWhy = "Invitations the engine would have mailed. Nothing is sent from this machine.";
export const outboxEmpty = "No invitation yet. Create a private team to write one.";
export const temporaryPassword = "Temporary password";
export const passwordState = { waiting: "", used: "already used", replaced: "replaced by a newer one" };
export const portal = "Portal";
export const wholeMail = "The whole mail";
export const to = (address: string) => `to ${address}`;

export const human = (n: number) => `${n} labeled by people`;
export const machine = (n: number) => `${n} by machine`;
export const failedObjects = (n: number) => `${n} failed`;
export const unlabeled = (n: number) => `${n} to do`;
export const labeledOf = (done: number, total: number) => `${done} of ${total} labeled`;
export const batch = (iteration: number, done: number, total: number, leased: number) =>
  `Batch ${iteration}: ${done} of ${count(total, "task")} done, ${leased} being worked on`;
export const cost = (usd: number) => `$${usd.toFixed(2)} so far`;
export const estimate = (usd: number) => `about $${usd.toFixed(2)} in all`;
export const costWhy = "How this is worked out";
export const next = "Next";
export const workers = "Workers";
export const noWorkers = "No answer yet.";
export const answers = (n: number) => count(n, "answer");
export const simulated = "simulated";
export const secondsPerTask = (seconds: number) => `${seconds.toFixed(1)} s per task`;
export const recent = "Latest labels";
export const confidence = (value: number) => `confidence ${value.toFixed(2)}`;
export const nothingFound = "nothing to label";
export const snapshot = "As of the last time the kernel ran.";
export const manifest = "Output manifest";

export const labelThatFits = "Choose one label";
export const labelsThatFit = "Choose all labels that fit";
export const noneOfThese = "None of the above";
export const searchLabels = "Search labels (/)";
export const noLabelFound = "No label is called so.";
export const askLabels = "Choose the labels that fit, or “None of the above”.";
export const lookHelp = "Wheel, + and - zoom. Press question mark for all keys.";
export const textLabel = (id: string) => `Text of object ${id}`;
export const emptyText = "This text is empty.";
export const textHelp =
  "Highlight text with the mouse or with Shift and the arrow keys, then press the key of a " +
  "label. Press question mark for all keys.";
export const entities = "Entities";
export const noEntities = "Nothing is marked yet. Highlight text, then choose a label.";
export const entity = (label: string, text: string) => `${label}: ${text}`;
export const entityPlace = (start: number, end: number) => `characters ${start} to ${end}`;
export const wholeWords = "Whole words (W)";
export const removeEntity = "Remove the chosen entity (Del)";
export const labelHighlight = "Label the highlighted text";
export const labelOf = {
  highlight: "Label of the highlighted text",
  chosen: "Label of the chosen entity",
  next: "Choose one to mark with it at once",
};
export const labelReady = (label: string) => `What you highlight becomes “${label}”`;
export const verdict = "Your verdict";
export const comment = "What is wrong? (C)";
export const askVerdict = "Choose your verdict first.";
export const earlierLabel = "Label to check";
export const earlierFrom = (attribute: string) => `from “${attribute}”`;
export const earlierEmpty = "The earlier label says that there is nothing to label.";
export const earlierShape = (label: string, { left, top, width, height }: Box) =>
  width === 0 && height === 0
    ? `${label}, at ${left}, ${top}`
    : `${label}, ${width} by ${height} at ${left}, ${top}`;
export const adjusting = (attribute: string) =>
  `You are mending the label “${attribute}”: it is there already, correct what is wrong.`;
export const askEntities = "Nothing is marked. If there is nothing to mark, tick “Nothing to label” and submit.";

export const settings = "Settings of the tool";
export const brush = "Brush (B)";
export const eraser = "Eraser (E)";
export const lasso = "Polygon (P)";
export const fill = "Fill (F)";
export const hint = "Auto-segment (G)";
export const respect = "Keep to background: never paint over other labels (R)";
export const size = "Size";
export const tolerance = "Tolerance";
export const opacity = "Opacity";
export const pixels = (n: number) => `${n} px`;
export const clickHint = "One click";
export const lassoTip = "Click corners or drag; Enter or the first corner fills.";
export const hintTip = "Drag a rough box, or click the four outermost points.";
export const instances = "Instances";
export const newInstance = "New instance (I)";
export const instanceOf = (label: string, n: number) => `${label} ${n}`;
export const noInstances = "No instance yet. Choose a label and paint.";
export const chooseLabel = "Label of the next instance";
export const share = (percent: number) => (percent > 0 && percent < 0.1 ? "<0.1%" : `${percent.toFixed(1)}%`);
export const askPaint =
  "Nothing is painted. If there is nothing to label, tick “Nothing to label” and submit.";
export const opening = "Opening the mask…";
export const unreadable = (why: string) => `The earlier mask cannot be read, so this one begins empty: ${why}`;
export const working = "Working…";
export const noProposal = (why: string) => `No proposal: ${why}`;
export const blocked = "Nothing was filled: only background is painted over now (R).";
export const tooMany = "There is no room for another instance in one mask.";
export const nothingProposed = "nothing was found there";
export const paintHelp =
  "Drag to paint. Arrow keys move the cross, with Alt they paint; A paints at the cross. " +
  "Press question mark for all keys.";

type Sheet = readonly (readonly [string, string])[];
const everyTask: Sheet = [
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
}: Pick<Task, "kind" | "purpose" | "picture">): Sheet => {
  const own = KINDS[purpose === "verify" ? purpose : kind];
  return [
    ["Choose a label", own ? "1 – 9, then letters" : "1 – 9"],
    ...everyTask,
    ...(own ?? drawing),
    ...(picture ? looking : []),
  ];
};

export const maskShortcuts: Sheet = [
  ["Choose a label", "1 – 9"],
  ...everyTask,
  ["Brush / eraser", "B / E"],
  ["Polygon (close it)", "P (Enter)"],
  ["Fill / auto-segment", "F / G"],
  ["Smaller / larger brush", "[ / ], or Alt and wheel"],
  ["Keep to background", "R"],
  ["New instance", "I"],
  ["Show or hide the label", "H"],
  ["Move the cross", "arrows (Shift: 10 pixels)"],
  ["Paint by keys", "A, or Alt + arrows"],
  ["Last corner back", "Backspace"],
  ["Undo / redo", "Ctrl+Z / Ctrl+Shift+Z"],
  ["Nothing to label", "N"],
  ["Zoom", "wheel, + and -"],
  ["Fit / actual pixels", "0 / Ctrl+1"],
  ["Move the picture", "Space and drag, or the middle button"],
  ["Drop what is begun", "Esc"],
];
