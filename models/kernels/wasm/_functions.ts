/** The functions of the module, which `assembly/` describes. Addresses and offsets are in bytes. */
export interface Functions {
  multiply(
    a: number,
    b: number,
    panelBytes: number,
    stretch: number,
    end: number,
    depth: number,
    results: number,
    offset: number,
    rows: number,
    columns: number,
    accumulate: number,
    edge: number,
  ): void;
  multiplyFewRows(
    a: number,
    b: number,
    c: number,
    rows: number,
    depth: number,
    columns: number,
  ): void;
  add(to: number, from: number, count: number): void;
  adam(
    parameter: number,
    gradient: number,
    m: number,
    v: number,
    count: number,
    decay: number,
    keep: number,
    beta1: number,
    beta2: number,
    rest1: number,
    rest2: number,
    stepSize: number,
    scale: number,
    epsilon: number,
  ): void;
  descend(
    parameter: number,
    gradient: number,
    momentum: number,
    count: number,
    decay: number,
    keep: number,
    rate: number,
    along: number,
    rest: number,
    nesterov: number,
  ): void;
  dropout(
    x: number,
    y: number,
    count: number,
    key0: number,
    key1: number,
    offset: number,
    threshold: number,
    scale: number,
    edge: number,
  ): void;
  maxPool(
    x: number,
    y: number,
    batch: number,
    height: number,
    width: number,
    channels: number,
    outputHeight: number,
    outputWidth: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    top: number,
    left: number,
  ): void;
  maxPoolGradient(
    x: number,
    dy: number,
    dx: number,
    batch: number,
    height: number,
    width: number,
    channels: number,
    outputHeight: number,
    outputWidth: number,
    windowHeight: number,
    windowWidth: number,
    strideHeight: number,
    strideWidth: number,
    top: number,
    left: number,
  ): void;
  mix(sum: number, x: number, count: number, kept: number, added: number): void;
  relu(x: number, y: number, count: number): void;
  reluGradient(x: number, dy: number, dx: number, count: number): void;
  sumRows(x: number, y: number, rows: number, columns: number): void;
  sumSquares(x: number, count: number): number;
  packRows4: PackRows;
  packRows8: PackRows;
  packColumns4: PackColumns;
  packColumns8: PackColumns;
}

type PackRows = (
  to: number,
  groupBytes: number,
  table: number,
  rows: number,
  offset: number,
  length: number,
) => void;

type PackColumns = (
  to: number,
  groupBytes: number,
  table: number,
  depth: number,
  offset: number,
  columns: number,
) => void;
