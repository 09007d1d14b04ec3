/** Invitations as the service would mail them: user name, temporary password, portal address. */
import { ask, type Backend } from "../backend/types.js";
import * as words from "../i18n.js";
import type { Mail } from "../protocol.js";
import { patiently, type Delay } from "../work/patience.js";
import type { Shell } from "./shell.js";
import type { Kit, View } from "./view.js";

export interface OutboxOptions {
  readonly shell: Shell;
  readonly backend: Backend;
  readonly delay: Delay;
  readonly signal: AbortSignal;
}

const POLL_MS = 3_000;

export async function runOutbox({ shell, backend, delay, signal }: OutboxOptions): Promise<void> {
  const view = shell.swap(outboxView);
  try {
    while (!signal.aborted) {
      const go = () => ask(backend, "requester", "outbox", {});
      const { mails } = await patiently(go, { delay, signal });
      if (signal.aborted) return;
      view.show(mails);
      await delay(POLL_MS, signal);
    }
  } catch (error) {
    if (!signal.aborted) shell.say(error instanceof Error ? error.message : String(error), "warn");
  }
}

export interface OutboxView extends View {
  readonly show: (mails: readonly Mail[]) => void;
}

export function outboxView(kit: Kit): OutboxView {
  const { h } = kit;
  const list = h("ul", { class: "gt-mails" });
  const empty = h("p", { class: "gt-prose gt-muted" }, words.outboxEmpty);
  const element = h("section", { class: "gt-narrow gt-wide", tabindex: -1 }, [
    h("h3", { class: "gt-title" }, words.outboxTitle),
    h("p", { class: "gt-caption" }, words.outboxWhy),
    list,
    empty,
  ]);
  let shownAs = "";
  return {
    name: "outbox",
    element,
    focus: () => element.focus({ preventScroll: true }),
    show(mails) {
      const now = JSON.stringify(mails);
      if (now === shownAs) return;
      shownAs = now;
      empty.hidden = mails.length > 0;
      list.replaceChildren(...mails.map((mail) => mailCard(kit, mail)));
    },
  };
}

function mailCard(kit: Kit, mail: Mail): HTMLElement {
  const { h } = kit;
  const sentAt = new Date(mail.sent_at * 1_000).toLocaleString();
  return h("li", { class: "gt-mail", "data-gt-mail": mail.mail_id }, [
    h("header", {}, [
      h("strong", {}, mail.subject),
      h("span", { class: "gt-caption" }, `${words.to(mail.to)} · ${sentAt}`),
    ]),
    invitation(kit, mail),
    h("details", { class: "gt-details" }, [
      h("summary", {}, words.wholeMail),
      h("p", { class: "gt-prose" }, mail.body),
    ]),
  ]);
}

/** What an invitation is opened for; other mail, the messages of a topic, has only its text. */
function invitation(kit: Kit, mail: Mail): HTMLElement | "" {
  const { h } = kit;
  const { user_name: name, temporary_password: password, portal_url: portal } = mail;
  if (name === null || password === null) return "";
  const state = mail.password_state ? words.passwordState[mail.password_state] : "";
  return h("dl", { class: "gt-pairs" }, [
    h("dt", {}, words.userName),
    h("dd", {}, [h("code", {}, name), copyButton(kit, name)]),
    h("dt", {}, words.temporaryPassword),
    h("dd", {}, [
      h("code", { "data-gt-password": "1" }, password),
      copyButton(kit, password),
      state && h("span", { class: "gt-caption" }, state),
    ]),
    h("dt", {}, words.portal),
    h("dd", {}, h("code", {}, portal ?? "")),
  ]);
}

function copyButton(kit: Kit, value: string): HTMLElement {
  const button = kit.h("button", { class: "gt-button gt-small", type: "button" }, words.copy, {
    click: () => {
      void copyText(kit.doc, value).then(() => {
        button.textContent = words.copied;
      });
    },
  });
  return button;
}

/** The clipboard of a page without https is reached through a selection. */
async function copyText(doc: Document, value: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const area = doc.createElement("textarea");
    area.value = value;
    doc.body.append(area);
    area.select();
    doc.execCommand("copy");
    area.remove();
  }
}
