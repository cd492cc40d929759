// What encoders of layers have in common: what they are given, and how they read a layer's settings.
import type { LayerNode } from "../layers/network.ts";
import type { Shape } from "../layers/layer.ts";
import type { StoredTensor } from "../weights/checkpoint.ts";
import type { Graph } from "./_graph.ts";
import { OnnxError } from "./onnx_error.ts";

/** What the encoder of a layer is given. */
export interface Encoding {
  /** The graph that nodes are added to. */
  readonly graph: Graph;
  /** Gets one of a layer's own tensors, in its layout at rest. */
  getTensor(node: LayerNode, own: string): StoredTensor;
  /** Adds one of a layer's own tensors to the graph as it is at rest, and gives its name. */
  addTensor(node: LayerNode, own: string): string;
  /** Encodes one of the layers that a layer is made of, and gives its output's name. */
  encode(node: LayerNode, x: string): string;
}

/**
 * Encodes a layer of one kind: adds its nodes to the graph, and gives its output's name. An example's channels come first, before
 * what lies next to each other.
 */
export type LayerEncoder = (node: LayerNode, x: string, encoding: Encoding) => string;

/** Turns the shape of an example around as ONNX has it: the channels first. */
export const toChannelsFirst = (shape: Shape): number[] =>
  shape.length < 2 ? [...shape] : [shape.at(-1)!, ...shape.slice(0, -1)];

/** Lists the axes in which a batch of an example's shape has its channels last, from those with the channels first. */
export const listChannelsLast = (shape: Shape): number[] =>
  shape.length < 2 ? [0, 1] : [0, ...shape.slice(1).map((_, i) => i + 2), 1];

/** Lists the axes that take {@linkcode listChannelsLast} back. */
export const listChannelsFirst = (shape: Shape): number[] =>
  shape.length < 2 ? [0, 1] : [0, shape.length, ...shape.slice(1).map((_, i) => i + 1)];

/** Gets a number of a layer's kind. Throws an OnnxError if there is none. */
export function getNumber(node: LayerNode, name: string): number {
  const value = node.kind?.attributes[name];
  return typeof value === "number" ? value : refuse(node, name, "a number");
}

/** Gets a list of so many numbers of a layer's kind. Throws an OnnxError if there is none. */
export function getNumbers(node: LayerNode, name: string, count: number): readonly number[] {
  const value = node.kind?.attributes[name];
  return Array.isArray(value) && value.length === count
    ? value
    : refuse(node, name, `${count} numbers`);
}

/** Gets a choice of a layer's kind. Throws an OnnxError if there is none. */
export function getBoolean(node: LayerNode, name: string): boolean {
  const value = node.kind?.attributes[name];
  return typeof value === "boolean" ? value : refuse(node, name, "true or false");
}

/** Gets the only layer that a layer is made of. Throws an OnnxError if there are others or none. */
export function getOnlyChild(node: LayerNode): LayerNode {
  const [child, ...others] = node.children;
  if (child && others.length === 0) return child;
  throw new OnnxError(node, `its kind ${node.kind?.type} is made of one layer`);
}

function refuse(node: LayerNode, name: string, needed: string): never {
  throw new OnnxError(node, `its kind ${node.kind?.type} needs ${name}, ${needed}`);
}
