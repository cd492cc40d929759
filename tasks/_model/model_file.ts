import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Layer } from "../../models/mod.ts";
import { formatError, UsageError } from "../_cli/errors.ts";
import { hashBytes } from "../_files/files.ts";
import { importModule } from "../_files/import_module.ts";

/** What a model file's function is called with. */
export interface ModelRequest {
  readonly classes: number;
  readonly channels: number;
  /** Side of the square input, in pixels. */
  readonly side: number;
}

/** A file of code that was named on the command line, and that a checkpoint names. */
export interface CodeFile {
  /** The path as it was given. */
  readonly path: string;
  /** SHA-256 of the file's bytes, in hexadecimal. What it imports isn't looked at. */
  readonly hash: string;
}

/** Reads a file of code's hash. Throws a UsageError that names the flag if it can't be read. */
export async function hashCodeFile(path: string, flag: string): Promise<CodeFile> {
  const bytes = await Deno.readFile(path).catch((error) => {
    const reason = error instanceof Deno.errors.NotFound
      ? "there is no such file"
      : `it cannot be read: ${formatError(error)}`;
    throw new UsageError(`Cannot use ${flag} ${path} as ${reason}`);
  });
  return { path, hash: await hashBytes(bytes) };
}

/**
 * Imports the default export of a file of code, a function.
 *
 * @throws {UsageError} If the file throws, or exports something else.
 */
export async function importFunction(
  path: string,
  flag: string,
  expected: string,
): Promise<(...args: unknown[]) => unknown> {
  let module: { readonly default?: unknown };
  try {
    module = await importModule(pathToFileURL(resolve(path)).href);
  } catch (error) {
    throw new UsageError(`Cannot use ${flag} ${path} as it throws: ${formatError(error)}`);
  }
  const { default: made } = module;
  if (typeof made === "function") return made as (...args: unknown[]) => unknown;
  const found = made === undefined ? "it has no default export" : `that is ${describe(made)}`;
  throw new UsageError(
    `Cannot use ${flag} ${path} as its default export must be ${expected}: ${found}`,
  );
}

/**
 * Describes the network of a model file.
 *
 * @throws {UsageError} If the file throws, or gives no layer.
 */
export async function describeModelFile(path: string, request: ModelRequest): Promise<Layer> {
  const expected = "a function ({ classes, channels, side }) => Layer";
  const make = await importFunction(path, "--model", expected);
  let layer: unknown;
  try {
    layer = await make(request);
  } catch (error) {
    throw new UsageError(`Cannot use --model ${path} as it throws: ${formatError(error)}`);
  }
  if (isLayer(layer)) return layer;
  throw new UsageError(
    `Cannot use --model ${path} as its function must return a layer: it gave ${describe(layer)}`,
  );
}

const isLayer = (value: unknown): value is Layer =>
  typeof value === "object" && value !== null && "describe" in value && "plan" in value &&
  typeof value.describe === "function" && typeof value.plan === "function";

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object of another kind" : `a ${typeof value}`;
}
