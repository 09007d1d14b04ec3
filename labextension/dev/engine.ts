/** A small engine in memory for the development page: enough of the protocol to see every view. */
import { isRecord } from "../src/decode.js";

interface DevTask {
  readonly task_id: string;
  readonly job: string;
  readonly hue: number;
  draft: unknown;
  state: "free" | "held" | "done";
}

const CATEGORIES = ["DHL", "RedBull", "Adidas", "Heineken"];
const MESSAGES = [
  "Kivi Cargo promised Monday; today it still sits in Tromsø. ⏰\r\n\r\nThe driver 👩‍👩‍👧 rang Søren\ttwice.",
  "החבילה של קיווי קרגו לא הגיעה לאוסלו ביום שני.\nThe driver rang on 12 May to say so.",
  "",
];
const four = ["late", "damaged", "lost", "praise"];
const topics = Array.from({ length: 40 }, (_, index) => `${four[index % 4]} ${index + 1}`);
const earlier = (kind: string, value: object, labels: readonly string[]) => ({
  attribute: "first-pass",
  kind,
  labels,
  value,
});
const spans = [
  { label: "late", startOffset: 0, endOffset: 10 },
  { label: "lost", startOffset: 5, endOffset: 26 },
  { label: "praise", startOffset: 49, endOffset: 55 },
];
const boxes = [
  { label: "DHL", left: 60, top: 90, width: 170, height: 80 },
  { label: "RedBull", left: 320, top: 60, width: 210, height: 110 },
];
const text = (task_type: string, kind: string, title: string, categories: readonly string[], more: object = {}) => ({
  task_type,
  kind,
  title,
  categories,
  texts: MESSAGES,
  pictured: false,
  purpose: "label",
  ...more,
});
const verify = { purpose: "verify" };
/** Jobs over texts, and verifications. */
const TEXT_JOBS: Readonly<Record<string, ReturnType<typeof text>>> = {
  topics: text("text-classification", "class", "What is the message about?", four),
  "many-topics": text("text-classification-multi-label", "classes", "What is it about?", topics),
  names: text("named-entity-recognition", "entities", "Mark each name", four),
  "names-verify": text("named-entity-recognition-verification", "class", "Are the names right?", ["good", "bad"], {
    ...verify,
    earlier: earlier("entities", { entities: spans }, four),
  }),
  "topics-verify": text("text-classification-verification", "class", "Is the topic right?", ["good", "bad"], {
    ...verify,
    earlier: earlier("class", { label: "late" }, four),
  }),
  "boxes-verify": text("bounding-box-verification", "class", "Are the boxes right?", ["good", "bad"], {
    ...verify,
    pictured: true,
    earlier: earlier("boxes", { boundingBoxes: boxes }, CATEGORIES),
  }),
};
const SIZE = { width: 640, height: 480 };
const DRAWN = ["polygon", "polyline", "line", "keypoint", "many", "large"] as const;
const LARGE = { width: 4000, height: 3000 };
const many = Number(new URLSearchParams(globalThis.location?.search).get("many") ?? 5_000);
export const now = () => Date.now() / 1_000;

export class DevEngine {
  readonly submitted: unknown[] = [];
  /** Messages are left unanswered while true, as by a kernel that computes. */
  busy = false;
  refuseNext: string | null = null;
  timeLimitS = 600;
  private passwordSet = false;
  private readonly keys = new Set<string>();
  private readonly tasks: DevTask[] = [];

  constructor(readonly storeId: string) {
    const jobs = ["brand-logos", "brand-classes", ...Object.keys(TEXT_JOBS), ...DRAWN];
    for (let index = 0; index < 3 * jobs.length; index++) {
      const job = jobs[Math.floor(index / 3)] ?? "";
      const task_id = `t${index}`;
      this.tasks.push({ task_id, job, hue: index * 67, draft: null, state: "free" });
    }
  }

  /** One message in, one message (and bytes) out, as the Python half does it. */
  async answer(message: unknown): Promise<[object, DataView[]] | null> {
    if (this.busy || !isRecord(message)) return null;
    const { id, op, args } = message;
    try {
      const [ok, bytes] = await this.run(String(op), (args ?? {}) as Record<string, unknown>);
      return [{ type: "result", id, ok }, bytes];
    } catch (error) {
      const [code, text] = String((error as Error).message).split("|");
      return [{ type: "result", id, error: { code, message: text ?? "" } }, []];
    }
  }

  private async run(op: string, args: Record<string, unknown>): Promise<[object, DataView[]]> {
    const task = this.tasks.find(({ task_id }) => task_id === args["task_id"]);
    switch (op) {
      case "hello":
        return [{ store_id: this.storeId, version: "dev" }, []];
      case "sign_in":
        return [this.signIn(String(args["user_name"]), String(args["password"])), []];
      case "set_new_password":
        this.passwordSet = true;
        return [{ session: "s-1", worker: { user_name: args["user_name"], sub: "sub-1" } }, []];
      case "jobs":
        return [{ worker: { user_name: "ana", sub: "sub-1" }, jobs: this.jobs() }, []];
      case "claim":
        return [this.claim(args), []];
      case "begin":
        return [{ lease_until: now() + this.timeLimitS, now: now() }, []];
      case "save_draft":
      case "stop":
        if (task) task.draft = args["draft"];
        return [{}, []];
      case "submit":
        return [this.submit(task, args), []];
      case "skip":
      case "decline":
      case "release":
        if (task) task.state = op === "decline" ? "done" : "free";
        return [{}, []];
      case "picture":
        return [{ content_type: "image/png" }, [await picture(task?.hue ?? 0, sizeOf(task?.job))]];
      case "thumbnail":
        return [{ content_type: "image/png" }, [await picture(Number(args["object_id"]) * 67)]];
      case "card":
        return [devCard(String(args["job_name"])), []];
      case "outbox":
        return [{ mails: [devMail("ana"), devMail("ben")] }, []];
      default:
        return [{}, []];
    }
  }

  private signIn(user_name: string, password: string): object {
    if (password === "wrong") throw new Error("NotAuthorizedException|Incorrect username or password.");
    const worker = { user_name, sub: "sub-1" };
    const policy = "At least 8 characters, with upper and lower case, a number and a symbol.";
    return this.passwordSet
      ? { session: "s-1", worker }
      : { challenge: "NEW_PASSWORD_REQUIRED", challenge_session: "c", password_policy: policy };
  }

  private jobs(): object[] {
    return [
      ["brand-logos", "Draw a box around each brand logo", "bounding-box"],
      ["brand-classes", "Which brand is in the picture?", "image-classification"],
      ...Object.entries(TEXT_JOBS).map(([name, { title, task_type }]) => [name, title, task_type]),
      ...DRAWN.map((name) => [name, `Draw: ${name}`, name]),
    ].map(([job_name, title, task_type]) => ({
      job_name,
      title,
      task_type,
      description: "",
      available: this.tasks.filter((t) => t.job === job_name && t.state !== "done").length,
      done: this.tasks.filter((t) => t.job === job_name && t.state === "done").length,
      status: "InProgress",
      message: "",
    }));
  }

  private claim(args: Record<string, unknown>): object {
    const holding = args["holding"] as string[];
    const mine = this.tasks
      .filter((t) => t.job === args["job_name"] && t.state !== "done")
      .filter((t) => !holding.includes(t.task_id))
      .slice(0, Number(args["count"]));
    for (const task of mine) task.state = "held";
    const none = "All 5 tasks of this batch are answered. The next batch comes after the other workers.";
    return {
      tasks: mine.map((task) => this.wire(task)),
      state: mine.length > 0 ? "tasks" : "waiting",
      message: mine.length > 0 ? null : none,
    };
  }

  private wire(task: DevTask): object {
    if ((DRAWN as readonly string[]).includes(task.job)) return { ...this.plain(task), ...drawnTask(task.job) };
    const text = TEXT_JOBS[task.job];
    const plain = this.plain(task);
    if (!text) return plain;
    const pick = text.texts[Number(task.task_id.slice(1)) % text.texts.length];
    const { pictured, ...told } = text;
    return { ...plain, ...told, picture: pictured ? plain["picture"] : null, text: pictured ? null : pick };
  }

  private plain(task: DevTask): Record<string, unknown> {
    const boxes = task.job === "brand-logos";
    return {
      task_id: task.task_id,
      lease: "lease-1",
      job_name: task.job,
      object_id: task.task_id.slice(1),
      task_type: boxes ? "bounding-box" : "image-classification",
      title: boxes ? "Draw a box around each brand logo" : "Which brand is in the picture?",
      description: "",
      categories: CATEGORIES,
      instructions: {
        short: "Draw a tight box around every logo you can see, also small ones.",
        full: "Draw a tight box around every logo.\n\nA logo cut off by the edge counts too.",
      },
      picture: { ...SIZE, content_type: "image/png" },
      text: null,
      time_limit_s: this.timeLimitS,
      lease_until: now() + this.timeLimitS,
      now: now(),
      draft: task.draft,
    };
  }

  private submit(task: DevTask | undefined, args: Record<string, unknown>): object {
    const refusal = this.refuseNext;
    this.refuseNext = null;
    if (refusal) throw new Error(`InvalidAnswer|${refusal}`);
    const duplicate = this.keys.has(String(args["key"]));
    if (!duplicate) this.submitted.push(args["content"]);
    this.keys.add(String(args["key"]));
    if (task) task.state = "done";
    return { accepted: true, duplicate };
  }
}

const sizeOf = (job = "") => (job === "many" || job === "large" ? LARGE : SIZE);

/** What differs in a job of drawn shapes; "many" is an adjustment of many boxes. */
function drawnTask(job: string): object {
  const kind = job === "many" || job === "large" ? "boxes" : `${job}s`;
  const picture = { ...sizeOf(job), content_type: "image/png" };
  const drawn = { task_type: job, kind, element: `crowd-${job}`, title: `Draw: ${job}`, picture };
  if (job !== "many") return drawn;
  const across = Math.ceil(Math.sqrt(many * 1.33));
  const step = LARGE.width / across;
  const boundingBoxes = Array.from({ length: many }, (_, index) => ({
    label: CATEGORIES[index % CATEGORIES.length],
    left: Math.floor((index % across) * step),
    top: Math.floor(Math.floor(index / across) * step),
    width: Math.floor(step * 0.8),
    height: Math.floor(step * 0.7),
  }));
  const earlier = { attribute: "logos", kind, labels: CATEGORIES, value: { boundingBoxes } };
  return { ...drawn, element: "boundingBox", purpose: "adjust", earlier };
}

/** A drawn street scene with coloured signs, different by hue. */
async function picture(hue: number, size = SIZE): Promise<DataView> {
  const canvas = new OffscreenCanvas(size.width, size.height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no 2d context");
  pen.scale(size.width / SIZE.width, size.height / SIZE.height);
  const sky = pen.createLinearGradient(0, 0, 0, SIZE.height);
  sky.addColorStop(0, `hsl(${hue}, 45%, 78%)`);
  sky.addColorStop(1, `hsl(${hue + 40}, 35%, 45%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, SIZE.width, SIZE.height);
  const signs = [
    [60, 90, 170, 80, "#ffcc00", "DHL", "#d40511"],
    [320, 60, 210, 110, "#0b2a6f", "RedBull", "#ffffff"],
    [180, 290, 260, 100, "#ffffff", "adidas", "#000000"],
  ] as const;
  for (const [left, top, width, height, back, name, ink] of signs) {
    pen.fillStyle = back;
    pen.fillRect(left, top, width, height);
    pen.fillStyle = ink;
    pen.font = `bold ${height * 0.5}px sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(name, left + width / 2, top + height / 2, width - 16);
  }
  return new DataView(await (await canvas.convertToBlob()).arrayBuffer());
}

export function devCard(job_name: string): object {
  const boxes = [
    { class_id: 0, left: 60, top: 90, width: 170, height: 80 },
    { class_id: 1, left: 320, top: 60, width: 210, height: 110 },
  ];
  return {
    job_name,
    status: "InProgress",
    task_type: "bounding-box",
    team: "brand-logos-team",
    counters: { total: 120, human_labeled: 42, machine_labeled: 30, failed: 3, unlabeled: 45 },
    batch: { iteration: 2, objects: 30, tasks_done: 18, tasks_total: 60, leased: 4 },
    workers: [
      { user_name: "ana", answers: 41, simulated: false },
      { user_name: "simulated-1", answers: 38, simulated: true },
    ],
    cost: {
      so_far_usd: 3.36,
      estimate_usd: 9.6,
      explanation: "42 objects at $0.08 each; the price on AWS. Here nothing is charged.",
    },
    next: "18 of 60 answers of batch 2 are in; ana and simulated-1 have the rest. Then a model is trained.",
    failure_reason: null,
    manifest_uri: `s3://gt-logos/out/${job_name}/manifests/output/output.manifest`,
    created_at: now() - 400,
    now: now(),
    seconds_per_task: 7.4,
    recent: [0, 1, 2, 3, 4].map((object) => ({
      object_id: String(object),
      ...SIZE,
      boxes: object === 3 ? [] : boxes,
      class_id: null,
      confidence: 0.87,
    })),
    categories: CATEGORIES,
  };
}

const devMail = (user_name: string): object => ({
  mail_id: `mail-${user_name}`,
  password_state: user_name === "ana" ? "used" : "waiting",
  to: `${user_name}@example.com`,
  subject: "You are invited to work on a labeling project",
  sent_at: now(),
  body: `Hi ${user_name},\nyou are invited. <b>This is text</b>, not markup.`,
  user_name,
  temporary_password: "Tq7!kMzP2x",
  portal_url: "http://localhost:8888/gt-widgets/portal",
  sub: "0b1c2d3e",
  expires_at: Date.now() / 1_000 + 604_800,
});
