// The module's functions. It works in the heap of tfjs's module and has no memory of its own: no data, no stack, no heap.
export { adam } from "./adam";
export { add } from "./add";
export { descend } from "./descend";
export { dropout } from "./dropout";
export { maxPool } from "./max_pool";
export { maxPoolGradient } from "./max_pool_gradient";
export { mix, sumSquares } from "./mix";
export { multiply } from "./multiply";
export { multiplyFewRows } from "./multiply_few_rows";
export { packColumns4, packColumns8 } from "./pack_columns";
export { packRows4, packRows8 } from "./pack_rows";
export { relu, reluGradient } from "./relu";
export { sumRows } from "./sum_rows";
