// What there is to draw of a network: its tree of layers, with what says nothing to the eye taken away.
import type { LayerNode } from "../../models/mod.ts";

/** Layers one behind the other that are drawn as one box: a product with its normalization and activation, or any other alone. */
export interface BoxItem {
  readonly type: "box";
  readonly layers: readonly LayerNode[];
}

/** Items one below the other; `isKnown` tells whether each is given what the one above it gives. */
export interface ColumnItem {
  readonly type: "column";
  readonly items: readonly Item[];
  readonly isKnown: boolean;
}

/** Items side by side, which are given the same. */
export interface BranchesItem {
  readonly type: "branches";
  readonly branches: readonly Item[];
  /** Whether the first is the way, and the second leads past it. */
  readonly isResidual: boolean;
  /** What becomes of their outputs, as `parallel` calls it. */
  readonly join: string;
  readonly outputShape: readonly number[];
}

/** An item in a frame with a name. */
export interface GroupItem {
  readonly type: "group";
  /** The layers of the same kinds that it stands for, one behind the other. The first is drawn. */
  readonly nodes: readonly LayerNode[];
  /** What names in the frame begin with. */
  readonly prefix: string;
  readonly item: Item;
}

/** Something to draw. */
export type Item = BoxItem | ColumnItem | BranchesItem | GroupItem;

/** Layers that are drawn in the box of the one before, as a picture of a network in a paper has it. */
const FOLLOWERS = /norm|relu|sigmoid|tanh|gelu|silu|swish|softmax|dropout/i;

const isFollower = (item: Item): item is BoxItem =>
  item.type === "box" && FOLLOWERS.test(item.layers[0]?.kind?.type ?? "");

/** Lays out what there is to draw of a network. */
export function toItem(node: LayerNode): Item {
  const { children, kind, outputShape } = node;
  if (children.length === 0) return isEmpty(node) ? EMPTY : { type: "box", layers: [node] };
  const items = children.map((child) => frame(child, node.name, toItem(child)));
  switch (kind?.type) {
    case "sequential":
      return toColumn(items);
    case "parallel":
      return {
        type: "branches",
        branches: items,
        isResidual: false,
        join: String(kind.attributes.combine),
        outputShape,
      };
    case "residual": {
      const [body, shortcut = EMPTY] = items;
      return {
        type: "branches",
        branches: [body!, shortcut],
        isResidual: true,
        join: "add",
        outputShape,
      };
    }
  }
  if (children.length === 1) return items[0]!;
  // Nobody but the layer knows how they hang together.
  return { type: "column", items, isKnown: false };
}

/** Where there is a line alone. */
const EMPTY: ColumnItem = { type: "column", items: [], isKnown: true };

/** Whether a layer does nothing; the input's has only a name. */
const isEmpty = ({ kind, parameters, buffers }: LayerNode): boolean =>
  kind?.type === "identity" && parameters + buffers === 0;

/** Makes a column of items, without columns in it. */
function toColumn(items: readonly Item[]): Item {
  const flat = items.flatMap((item) =>
    item.type === "column" && item.isKnown ? item.items : [item]
  );
  const merged: Item[] = [];
  for (const item of flat) {
    const last = merged.at(-1);
    if (last?.type === "box" && isFollower(item)) {
      merged[merged.length - 1] = { type: "box", layers: [...last.layers, ...item.layers] };
    } else if (last?.type === "group" && isRepeated(last, item)) {
      merged[merged.length - 1] = { ...last, nodes: [...last.nodes, ...item.nodes] };
    } else merged.push(item);
  }
  return merged.length === 1 ? merged[0]! : { type: "column", items: merged, isKnown: true };
}

/** Puts an item in a frame, if it has a name of its own and is more than a box. */
function frame(node: LayerNode, parentName: string, item: Item): Item {
  const isMore = item.type === "branches" || item.type === "group" ||
    (item.type === "column" && item.items.length > 0);
  if (node.name === parentName) return item;
  // Two frames around the same are one.
  if (item.type === "group" && item.nodes.length === 1) return { ...item, nodes: [node] };
  if (!isMore) return item;
  return { type: "group", nodes: [node], prefix: node.name, item };
}

const isRepeated = (last: GroupItem, item: Item): item is GroupItem =>
  item.type === "group" && describeKinds(last.nodes[0]!) === describeKinds(item.nodes[0]!);

/** Describes what a layer and its children compute, whatever the shape of their input. */
const describeKinds = ({ kind, layer, children }: LayerNode): string =>
  JSON.stringify([kind ?? layer, children.map(describeKinds)]);

/** Counts what layers and all below them learn. */
export const countParameters = (nodes: readonly LayerNode[]): number =>
  nodes.reduce((sum, { parameters, children }) => sum + parameters + countParameters(children), 0);
