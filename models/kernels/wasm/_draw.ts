// Numbers drawn eight at a time, to the same bits as one by one. It works in a memory of its own, so that it needs no backend, and
// serves all of them.
import { addMean, computeStep, type Draw, drawOnHost } from "../../random/_draw.ts";
import type { Key } from "../../random/key.ts";
import { DRAW } from "./_draw_bytes.ts";

/** The module that `assembly/draw.ts` describes. */
interface Module {
  readonly memory: WebAssembly.Memory;
  drawUniforms(
    to: number,
    groups: number,
    block: number,
    key0: number,
    key1: number,
    low: number,
    step: number,
  ): void;
  drawNormals(
    to: number,
    groups: number,
    block: number,
    key0: number,
    key1: number,
    std: number,
    doubtful: number,
  ): number;
}

/** The numbers of a group, which are drawn together. */
const GROUP = 8;

/** The most groups that are drawn at a time, into the first half of a page of memory. What is doubtful is noted in the second. */
const GROUPS = 1024;
const DOUBTFUL = GROUPS * GROUP * 4;

/** The standard deviations with which no number is less than the least normal one of single precision, or infinite. */
const [LEAST, MOST] = [2 ** -50, 2 ** 100];

/**
 * Draws numbers, each of which is a function of the key and its index.
 *
 * @param first The index of the first number; the others follow.
 */
export function drawNumbers(
  draw: Draw,
  key: Key,
  first: number,
  out: Float32Array<ArrayBuffer>,
): void {
  const module = isInRange(draw) ? getModule() : undefined;
  if (!module) return drawOnHost(draw, key, first, out);
  for (let at = 0; at < out.length;) {
    // A group begins at a multiple of its numbers.
    const skipped = (first + at) % GROUP;
    const count = Math.min(GROUPS * GROUP - skipped, out.length - at);
    const start = first + at - skipped;
    const groups = Math.ceil((skipped + count) / GROUP);
    const numbers = drawGroups(module, draw, key, start, groups);
    out.set(numbers.subarray(skipped, skipped + count), at);
    at += count;
  }
}

const isInRange = (draw: Draw): boolean =>
  draw.kind === "uniform" || Math.abs(draw.std) >= LEAST && Math.abs(draw.std) <= MOST;

/** Draws groups of numbers, which are there until the next call. */
function drawGroups(
  { memory, drawUniforms, drawNormals }: Module,
  draw: Draw,
  key: Key,
  start: number,
  groups: number,
): Float32Array<ArrayBuffer> {
  const buffer = memory.buffer as ArrayBuffer;
  const numbers = new Float32Array(buffer, 0, groups * GROUP);
  const block = start / 2;
  if (draw.kind === "uniform") {
    const { low, high } = draw;
    drawUniforms(0, groups, block, key[0], key[1], low, computeStep(low, high));
    return numbers;
  }
  const noted = drawNormals(0, groups, block, key[0], key[1], draw.std, DOUBTFUL);
  const { std } = draw;
  for (const doubtful of new Uint32Array(buffer, DOUBTFUL, noted)) {
    const at = 2 * (doubtful - block);
    drawOnHost({ kind: "normal", std }, key, start + at, numbers.subarray(at, at + GROUP));
  }
  addMean(draw, numbers);
  return numbers;
}

let module: Module | null | undefined;

/** Gives the module, or nothing where the engine has no SIMD, or a page's policy forbids WebAssembly. */
function getModule(): Module | null {
  if (module === undefined) {
    try {
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(DRAW));
      module = exports as unknown as Module;
    } catch {
      module = null;
    }
  }
  return module;
}
