// The order in which what was computed of each block of a batch is added up: a binary tree over the blocks, the same whoever
// computes which of them.

/** Blocks one behind the other: from `first` to before `end`. */
export type Run = readonly [first: number, end: number];

/** Halves a run of several blocks. */
const halve = ([first, end]: Run): readonly [Run, Run] => {
  const middle = Math.floor((first + end) / 2);
  return [[first, middle], [middle, end]];
};

/** Lists the nodes of the tree over `count` blocks that cover a run of them, the fewest, in order. */
export function listNodes(count: number, [first, end]: Run): Run[] {
  const visit = (node: Run): Run[] => {
    if (node[0] >= end || node[1] <= first) return [];
    if (node[0] >= first && node[1] <= end) return [node];
    return halve(node).flatMap(visit);
  };
  return visit([0, count]);
}

/**
 * Adds up what belongs to a node of the tree.
 *
 * @param find Gives it for a node where it is known, which it must be for a single block.
 * @param add Adds the second to the first, which it may write to.
 */
export function sumNode<T>(
  node: Run,
  find: (node: Run) => T | undefined,
  add: (a: T, b: T) => T,
): T {
  const found = find(node);
  if (found !== undefined) return found;
  const [left, right] = halve(node);
  const sum = sumNode(left, find, add);
  return add(sum, sumNode(right, find, add));
}
