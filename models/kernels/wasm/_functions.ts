import type { Windows } from "../definitions/_pool_windows.ts";
import type { TileFunctions } from "./_tile_functions.ts";

/** The sizes of a convolution of lines: images, lines and columns of each output, those of the kernel, and channels. */
type LineSizes = readonly [
  batch: number,
  height: number,
  width: number,
  kernelHeight: number,
  kernelWidth: number,
  outputs: number,
];

/** The functions of the module, which `assembly/` describes. Addresses and offsets are in bytes. */
export interface Functions extends TileFunctions {
  multiplyRows(
    sources: number,
    step: number,
    b: number,
    panelBytes: number,
    stretch: number,
    end: number,
    results: number,
    offset: number,
    rows: number,
    columns: number,
    accumulate: number,
  ): void;
  tabulate(
    table: number,
    address: number,
    outer: number,
    outerBytes: number,
    middle: number,
    middleBytes: number,
    inner: number,
    innerBytes: number,
  ): void;
  convolveLines(x: number, filter: number, y: number, ...sizes: LineSizes): void;
  convolveLinesFilterGradient(x: number, dy: number, dFilter: number, ...sizes: LineSizes): void;
  takeApart(x: number, y: number, pixels: number, channels: number): void;
  padImages(
    x: number,
    y: number,
    batch: number,
    height: number,
    lineBytes: number,
    paddedHeight: number,
    paddedLineBytes: number,
    top: number,
    leftBytes: number,
  ): void;
  multiplyFewRows(
    a: number,
    b: number,
    c: number,
    rows: number,
    depth: number,
    columns: number,
    rowBytes: number,
    matrixRowBytes: number,
  ): void;
  /** 1 or 0. */
  areFinite(x: number, count: number): number;
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
  adadelta(
    parameter: number,
    gradient: number,
    square: number,
    delta: number,
    count: number,
    decay: number,
    keep: number,
    rate: number,
    rho: number,
    rest: number,
    epsilon: number,
  ): void;
  adagrad(
    parameter: number,
    gradient: number,
    sum: number,
    count: number,
    decay: number,
    keep: number,
    rate: number,
    epsilon: number,
  ): void;
  amsgrad(
    parameter: number,
    gradient: number,
    m: number,
    v: number,
    vMax: number,
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
  rmsprop(
    parameter: number,
    gradient: number,
    square: number,
    mean: number,
    momentum: number,
    count: number,
    decay: number,
    keep: number,
    rate: number,
    alpha: number,
    rest: number,
    epsilon: number,
    along: number,
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
  maxPool(x: number, y: number, ...windows: PlacedWindows): void;
  maxPoolGradient(x: number, dy: number, dx: number, ...windows: PlacedWindows): void;
  avgPool(x: number, y: number, ...windows: PlacedWindows): void;
  avgPoolGradient(dy: number, dx: number, ...windows: PlacedWindows): void;
  mix(sum: number, x: number, count: number, kept: number, added: number): void;
  depthwiseInputGradient(dy: number, filter: number, dx: number, ...taps: PlacedTaps): void;
  depthwiseFilterGradient(
    x: number,
    dy: number,
    dFilter: number,
    sums: number,
    ...taps: PlacedTaps
  ): void;
  /** `kind` is that of a rectifier, here and below. */
  relu(x: number, y: number, count: number, kind: number): void;
  reluGradient(x: number, dy: number, dx: number, count: number, kind: number): void;
  leakyRelu(x: number, y: number, count: number, slope: number): void;
  leakyReluGradient(x: number, dy: number, dx: number, count: number, slope: number): void;
  activate(x: number, y: number, count: number, kind: number): void;
  activateGradient(x: number, dy: number, dx: number, count: number, kind: number): void;
  addRow(x: number, row: number, y: number, rows: number, columns: number, kind: number): void;
  addRowGradients(y: number, dy: number, dx: number, dRow: number, ...size: RowsAndColumns): void;
  sumCenteredSquares(
    x: number,
    mean: number,
    y: number,
    batch: number,
    rows: number,
    columns: number,
  ): void;
  sumCenteredProducts(
    dy: number,
    x: number,
    mean: number,
    own: number,
    products: number,
    batch: number,
    rows: number,
    columns: number,
    scale: number,
    shift: number,
    kind: number,
  ): void;
  scaleAndShift(
    x: number,
    scale: number,
    shift: number,
    y: number,
    rows: number,
    columns: number,
    kind: number,
  ): void;
  combine(
    dy: number,
    scale: number,
    x: number,
    slope: number,
    offset: number,
    dx: number,
    rows: number,
    columns: number,
    shift: number,
    kind: number,
  ): void;
  copyRows(
    from: number,
    to: number,
    rows: number,
    fromBytes: number,
    toBytes: number,
    bytes: number,
  ): void;
  sumRows(x: number, y: number, rows: number, columns: number): void;
  multiplyBy(x: number, count: number, factor: number): void;
  sumSquares(x: number, count: number): number;
  packRows8(
    to: number,
    groupBytes: number,
    table: number,
    rows: number,
    offset: number,
    length: number,
  ): void;
  packColumns8(
    to: number,
    groupBytes: number,
    table: number,
    depth: number,
    offset: number,
    columns: number,
  ): void;
}

/** The size of a matrix. */
type RowsAndColumns = readonly [rows: number, columns: number];

/** Where the windows of a pool lie, as `Windows` says it. */
export type PlacedWindows = readonly [
  ...Windows["input"],
  ...Windows["output"],
  ...Windows["window"],
  ...Windows["strides"],
  ...Windows["padding"],
];

/** Where the taps of a depthwise convolution lie. */
export type PlacedTaps = readonly [
  batch: number,
  height: number,
  width: number,
  channels: number,
  outputHeight: number,
  outputWidth: number,
  kernelHeight: number,
  kernelWidth: number,
  strideHeight: number,
  strideWidth: number,
  dilationHeight: number,
  dilationWidth: number,
  top: number,
  left: number,
];
