/**
 * What a notebook shows of a value.
 *
 * @module
 */

/** The symbol by which Deno's kernel for Jupyter finds how a value is shown. */
export const jupyterDisplay: unique symbol = Symbol.for("Jupyter.display");

/** A value in several formats, by their media types. A notebook shows the richest that it knows. */
export interface MediaBundle {
  /** For a terminal, a screen reader, and wherever nothing else is shown. */
  readonly "text/plain": string;
  /** A drawing. */
  readonly "image/svg+xml"?: string;
  /** A picture, as base64. */
  readonly "image/png"?: string;
  /** A table. */
  readonly "text/html"?: string;
}

/**
 * What a notebook shows where it is the value of a cell's last line. Other programs get the formats by calling it:
 * `await display[jupyterDisplay]()`.
 */
export interface Display {
  /** Renders it in its formats. */
  readonly [jupyterDisplay]: () => Promise<MediaBundle>;
}

/**
 * Makes what a notebook shows of the function that renders it, for values that have no function here.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { jupyterDisplay, makeDisplay } from "@rill/rill/display";
 *
 * const display = makeDisplay(() => ({ "text/plain": "0.93", "text/html": "<b>0.93</b>" }));
 * assertEquals((await display[jupyterDisplay]())["text/html"], "<b>0.93</b>");
 * ```
 *
 * @param render Renders the formats, each time that it is shown.
 * @returns What a notebook shows.
 */
export function makeDisplay(render: () => MediaBundle | Promise<MediaBundle>): Display {
  return { [jupyterDisplay]: async () => await render() };
}
