/** Elements without markup: data reaches the page as text nodes and attributes only. */

export type Child = Node | string | number | null | undefined | false;
type Attribute = string | number | boolean | null | undefined;
type Listeners = {
  readonly [K in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[K]) => void;
};
export type Props = Readonly<Record<string, Attribute>>;

export type Build = <T extends keyof HTMLElementTagNameMap>(
  tag: T,
  props?: Props,
  children?: readonly Child[] | Child,
  on?: Listeners,
) => HTMLElementTagNameMap[T];

/** `h(tag, props, children, listeners)`; every listener ends with the signal. */
export function builder(doc: Document, signal: AbortSignal): Build {
  return (tag, props = {}, children = [], on = {}) => {
    const element = doc.createElement(tag);
    setAttributes(element, props);
    const all: readonly Child[] = isList(children) ? children : [children];
    element.append(...all.filter(isShown).map((child) => (isNode(child) ? child : String(child))));
    for (const [type, listener] of Object.entries(on)) {
      element.addEventListener(type, listener as EventListener, { signal });
    }
    return element;
  };
}

export function setAttributes(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

/** An SVG element; its attributes are numbers and constants of ours. */
export function svg(
  doc: Document,
  tag: string,
  props: Props = {},
  children: readonly Element[] = [],
): SVGElement {
  const element = doc.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, props);
  element.append(...children);
  return element;
}

/** Whether the keyboard is somewhere inside, also within a shadow root. */
export function hasFocus(element: HTMLElement): boolean {
  const active = (element.getRootNode() as Document | ShadowRoot).activeElement;
  return active !== null && element.contains(active);
}

const isList = (children: readonly Child[] | Child): children is readonly Child[] =>
  Array.isArray(children);
const isNode = (child: Node | string | number): child is Node => typeof child === "object";
const isShown = (child: Child): child is Node | string | number =>
  child !== null && child !== undefined && child !== false;
