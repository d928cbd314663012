/** An element of the page, by its id. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id) as HTMLElement;
}

/** A new element. What it says is text, never HTML: names come from outside. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  text: string = '',
  className: string = '',
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (text) made.textContent = text;
  if (className) made.className = className;
  return made;
}

/** Sets a text where it is another one, so that nothing is laid out again without need. */
export function say(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Gives a list these items, one for each of some values; items are made again only where the values have changed. */
export function fill<T>(list: HTMLElement, values: readonly T[], make: (value: T) => Element[]): void {
  const text = JSON.stringify(values);
  if (list.dataset['shown'] === text) return;
  list.dataset['shown'] = text;
  list.replaceChildren(...values.flatMap((value) => make(value)));
}

/** When something happened first and last. */
export function clocks(first: number, last: number): string {
  const [one, other] = [clock(first), clock(last)];
  return one === other ? one : `${one}–${other}`;
}

/** The time of day in UTC. */
export function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}
