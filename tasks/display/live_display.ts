/**
 * What changes in a notebook while a cell runs.
 *
 * @module
 */

import { type Display, jupyterDisplay } from "./display.ts";

export type { Display } from "./display.ts";

/** Sends a message to the notebook: `Deno.jupyter.broadcast`. */
export type Broadcast = (type: string, content: Record<string, unknown>) => Promise<void>;

/** A place below a cell. */
export interface LiveDisplay {
  /**
   * Shows something there, in the place of what was shown before.
   *
   * @param display What is shown.
   */
  show(display: Display): Promise<void>;
}

/**
 * Opens a place below the running cell whose content can be replaced, such as by the curve of a loss after each step.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayCurves, openLiveDisplay } from "@rill/rill/display";
 *
 * const sent: string[] = [];
 * const broadcast = (type: string) => Promise.resolve(void sent.push(type)); // in a notebook Deno.jupyter.broadcast
 * const place = openLiveDisplay(broadcast);
 * const loss: number[] = [];
 * for (const value of [2.3, 1.1]) {
 *   loss.push(value);
 *   await place.show(displayCurves({ loss }));
 * }
 * assertEquals(sent, ["display_data", "update_display_data"]);
 * ```
 *
 * @param broadcast The notebook's function that sends messages.
 * @returns The place. It appears when something is first shown there.
 */
export function openLiveDisplay(broadcast: Broadcast): LiveDisplay {
  const id = crypto.randomUUID();
  let isShown = false;
  return {
    async show(display) {
      const type = isShown ? "update_display_data" : "display_data";
      isShown = true;
      await broadcast(type, {
        data: await display[jupyterDisplay](),
        metadata: {},
        transient: { display_id: id },
      });
    },
  };
}
