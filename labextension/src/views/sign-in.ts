/** Signing in, and choosing a password of one's own the first time. */
import * as words from "../i18n.js";
import type { Challenged } from "../protocol.js";
import type { Kit, View } from "./view.js";

export interface SignInOptions {
  readonly userName: string;
  readonly message: string | null;
  /** Rejects with words for the worker. */
  readonly onSignIn: (userName: string, password: string) => Promise<void>;
}

export function signInView(kit: Kit, options: SignInOptions): View {
  const { h } = kit;
  const userName = field(kit, words.userName, {
    type: "text",
    name: "user_name",
    autocomplete: "username",
    value: options.userName,
  });
  const password = field(kit, words.password, {
    type: "password",
    name: "password",
    autocomplete: "current-password",
  });
  const form = formView(kit, {
    title: words.signInTitle,
    intro: null,
    fields: [userName, password],
    button: words.signIn,
    onSubmit: () => options.onSignIn(userName.input.value.trim(), password.input.value),
  });
  form.say(options.message);
  return {
    name: "sign-in",
    element: h("section", { class: "gt-narrow" }, form.element),
    focus: () => (options.userName ? password : userName).input.focus({ preventScroll: true }),
  };
}

export interface NewPasswordOptions {
  readonly challenge: Challenged;
  readonly onSet: (password: string) => Promise<void>;
}

export function newPasswordView(kit: Kit, options: NewPasswordOptions): View {
  const { h } = kit;
  const props = { type: "password", autocomplete: "new-password" };
  const first = field(kit, words.newPassword, { ...props, name: "new_password" });
  const second = field(kit, words.newPasswordAgain, { ...props, name: "new_password_again" });
  const form = formView(kit, {
    title: words.newPasswordTitle,
    intro: `${words.newPasswordWhy} ${options.challenge.password_policy}`,
    fields: [first, second],
    button: words.setPassword,
    onSubmit: async () => {
      if (first.input.value !== second.input.value) throw new Error(words.passwordsDiffer);
      await options.onSet(first.input.value);
    },
  });
  return {
    name: "new-password",
    element: h("section", { class: "gt-narrow" }, form.element),
    focus: () => first.input.focus({ preventScroll: true }),
  };
}

interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

function field(kit: Kit, label: string, props: Readonly<Record<string, string>>): Field {
  const input = kit.h("input", { class: "gt-input", required: true, ...props });
  return { input, element: kit.h("label", { class: "gt-field" }, [label, input]) };
}

interface FormOptions {
  readonly title: string;
  readonly intro: string | null;
  readonly fields: readonly Field[];
  readonly button: string;
  readonly onSubmit: () => Promise<void>;
}

function formView(kit: Kit, options: FormOptions) {
  const { h } = kit;
  const problem = h("p", { class: "gt-notice gt-error", role: "alert", hidden: true });
  const say = (message: string | null) => {
    problem.textContent = message;
    problem.hidden = message === null;
  };
  const button = h("button", { class: "gt-button gt-primary", type: "submit" }, options.button);
  const submit = async () => {
    button.disabled = true;
    say(null);
    try {
      await options.onSubmit();
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    } finally {
      button.disabled = false;
    }
  };
  const element = h(
    "form",
    { class: "gt-form" },
    [
      h("h3", { class: "gt-title" }, options.title),
      options.intro === null ? null : h("p", { class: "gt-prose" }, options.intro),
      ...options.fields.map((each) => each.element),
      problem,
      button,
    ],
    {
      submit: (event) => {
        event.preventDefault();
        void submit();
      },
    },
  );
  return { element, say };
}
