import type { Network } from "../../models/mod.ts";
import { checkOutputFile, writeTextFileAtomically } from "../_files/files.ts";
import { printNote } from "../_text/print.ts";
import { drawNetwork, SVG_BEGINNING } from "./draw_network.ts";

/** Checks that a picture can be written where a path says, before there is one, and that it would replace nothing but a picture. */
export const checkGraphFile = (path: string | undefined): Promise<void> =>
  checkOutputFile(path, { name: "an SVG of ours", magic: new TextEncoder().encode(SVG_BEGINNING) });

/** Draws a network into a file, if one is named. */
export async function writeGraph(
  path: string | undefined,
  network: Network,
  title: string,
): Promise<void> {
  if (path === undefined) return;
  await writeTextFileAtomically(path, drawNetwork(network, title));
  printNote(`graph: drawn to ${path}`);
}
