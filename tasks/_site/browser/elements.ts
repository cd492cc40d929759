/// <reference lib="dom" />

/** Gets an element of the page by its id. */
export function getElement<E extends HTMLElement>(
  id: string,
  kind: abstract new (...args: never[]) => E,
): E {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`Cannot run the page as it has no ${id}`);
}

/** Makes an element with a class and text. */
export function makeElement<K extends keyof HTMLElementTagNameMap>(
  name: K,
  { className = "", text = "" }: { readonly className?: string; readonly text?: string } = {},
  children: readonly Node[] = [],
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  if (className !== "") element.className = className;
  if (text !== "") element.textContent = text;
  element.append(...children);
  return element;
}

/** Gets what draws on a canvas. */
export function getContext(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context) return context;
  throw new Error("Cannot draw as this browser has no canvas");
}

const problem = () => getElement("problem", HTMLParagraphElement);

/** Shows what went wrong, in place of what did before. */
export function showProblem(error: unknown): void {
  problem().textContent = error instanceof Error ? error.message : String(error);
}

/** Takes back what went wrong before. */
export function clearProblem(): void {
  problem().textContent = "";
}

/** Runs something that a person asked for, and shows what goes wrong. */
export async function attemptOnPage(body: () => Promise<void>): Promise<void> {
  clearProblem();
  try {
    await body();
  } catch (error) {
    showProblem(error);
  }
}

/** Formats a number of at least 0 with few digits. */
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`;
