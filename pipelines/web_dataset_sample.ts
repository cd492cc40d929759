/**
 * A sample of a WebDataset: the files of one name, told apart by their extensions.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import type { WebDatasetSample } from "@rill/rill/pipelines";
 *
 * const sample: WebDatasetSample = {
 *   key: "boots/0001",
 *   fields: { "cls": new TextEncoder().encode("9"), "json": new TextEncoder().encode("{}") },
 * };
 * assertEquals(Number(new TextDecoder().decode(sample.fields.cls)), 9);
 * ```
 */
export interface WebDatasetSample {
  /** The path of the files up to the first dot of their last part. */
  readonly key: string;
  /** The content of each file by its extension, which is all that follows that dot, in lower case. */
  readonly fields: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
}
