/**
 * Images, batches, networks, metrics and curves as a notebook shows them. Each function gives a value that Deno's kernel for Jupyter
 * displays where it is the last line of a cell, as a picture, a drawing or a table, and as text wherever that isn't shown. Nothing here
 * needs Deno: a page or a program gets the formats by {@linkcode jupyterDisplay}.
 *
 * @example A curve of a loss
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { displayCurves, jupyterDisplay } from "@rill/rill/display";
 *
 * const display = displayCurves({ loss: [2.3, 1.1, 0.8] }, { title: "Training" });
 * const formats = await display[jupyterDisplay]();
 * assertStringIncludes(formats["image/svg+xml"] ?? "", "Training: loss 2.3 to 0.8 in 3 points");
 * ```
 *
 * @module
 */

export * from "./curves.ts";
export * from "./display.ts";
export * from "./images.ts";
export * from "./live_display.ts";
export * from "./metrics.ts";
export * from "./network.ts";
