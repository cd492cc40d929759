/** What is imported of `pipelines`, and the most bytes that it may be. */
export interface StageRow {
  /** The names. */
  readonly names: readonly string[];
  /** The entry point of their own, below `pipelines`. */
  readonly entry: string;
  /** The most bytes that are loaded at once, gzipped, when they are imported from `pipelines`, or else from the entry point. */
  readonly most: number;
  /** Whether `pipelines` itself hasn't them. */
  readonly isApart?: boolean;
}

/** A page, and the most bytes of the scripts that it loads. */
export interface PageRow {
  /** What it does, for people. */
  readonly title: string;
  /** The program, in `pages/`. */
  readonly program: string;
  /** The backend that it opens. */
  readonly backend: "wasm" | "webgpu";
  /** The most bytes of its scripts, gzipped, the kernels for WASM aside. */
  readonly most: number;
}

const row = (entry: string, most: number, ...names: readonly string[]): StageRow => ({
  entry,
  names,
  most,
});

/** Of each subject what is used of it most, and what is largest. */
export const STAGES: readonly StageRow[] = [
  row("map", 5100, "map"),
  row("take", 4300, "take"),
  row("shuffle", 5300, "shuffle"),
  row("prefetch", 2800, "prefetch"),
  row("until-aborted", 2750, "untilAborted"),
  row("read-indexed", 4900, "readIndexed"),
  row("with-position", 2300, "withPosition"),
  row("batch", 5100, "batch"),
  row("resize", 8300, "resize"),
  row("normalize", 5400, "normalize"),
  row("random-resized-crop", 10800, "randomResizedCrop"),
  row("rand-augment", 11900, "randAugment"),
  row("mixup", 6200, "mixup"),
  row("image-data", 2400, "readImageData", "toImageData"),
  row("video-frame", 3900, "readVideoFrame", "toVideoFrame"),
  row("encode-png", 2600, "encodePng"),
  row("decode-idx", 5400, "decodeIdx"),
  row("decode-csv", 5900, "decodeCsv"),
  row("web-dataset", 4800, "webDataset"),
  row("gunzip", 5200, "gunzip"),
  row("http-source", 10300, "httpSource"),
  row("in-workers", 7100, "inWorkers"),
  row("measure", 3000, "measure"),
  { ...row("decode-image", 8900, "decodeImageBytes"), isApart: true },
];

/** The most bytes of `pipelines` as a whole, gzipped. */
export const WHOLE = 64_000;

/** The bar for a page that predicts: 200 kB, kernels apart. */
export const PREDICTION_BAR = 200_000;

/** The pages. */
export const PAGES: readonly PageRow[] = [
  { title: "predicts", program: "predict", backend: "wasm", most: 150_000 },
  { title: "predicts", program: "predict", backend: "webgpu", most: 190_000 },
  { title: "trains", program: "train", backend: "wasm", most: 182_500 },
  { title: "trains", program: "train", backend: "webgpu", most: 228_500 },
];
