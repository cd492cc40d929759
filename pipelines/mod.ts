/**
 * Stream stages: how data moves. Knows nothing of tensors or of models, and needs nothing but the language and web
 * streams, so it runs in browsers, Deno and Node alike.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { batch, collect, type Example, normalize, readIndexed } from "@rill/rill/pipelines";
 *
 * const pixel = (label: number): Example => ({
 *   image: { data: Uint8Array.of(255), height: 1, width: 1, channels: 1 },
 *   label,
 * });
 * const batches = pipe(
 *   readIndexed({ length: 5, get: pixel }, { seed: 1, epoch: 0 }),
 *   normalize(),
 *   batch(2),
 * );
 * assertEquals((await collect(batches)).map(({ size }) => size), [2, 2, 1]);
 * ```
 *
 * @module
 */
export * from "./adjust_brightness.ts";
export * from "./adjust_contrast.ts";
export * from "./adjust_hue.ts";
export * from "./adjust_saturation.ts";
export * from "./batch.ts";
export * from "./cache.ts";
export * from "./cache_file_error.ts";
export * from "./center_crop.ts";
export * from "./collect.ts";
export * from "./color_jitter.ts";
export * from "./concat.ts";
export * from "./crop_image.ts";
export * from "./csv_error.ts";
export * from "./decode_csv.ts";
export * from "./decode_idx.ts";
export * from "./decode_tar.ts";
export * from "./drain.ts";
export * from "./encode_tar.ts";
export * from "./encoded_image.ts";
export * from "./enumerate.ts";
export * from "./every.ts";
export * from "./example.ts";
export * from "./fail_records.ts";
export * from "./filter.ts";
export * from "./flat_map.ts";
export * from "./flip_horizontal.ts";
export * from "./flip_image.ts";
export * from "./grayscale.ts";
export * from "./guarded.ts";
export * from "./gunzip.ts";
export * from "./gzip_error.ts";
export * from "./http_error.ts";
export * from "./http_options.ts";
export * from "./http_records.ts";
export * from "./http_source.ts";
export * from "./idx_array.ts";
export * from "./idx_error.ts";
export * from "./image.ts";
export * from "./image_batch.ts";
export * from "./image_error.ts";
export * from "./image_folder_error.ts";
export * from "./in_workers.ts";
export * from "./index_permutation.ts";
export * from "./indexed_source.ts";
export * from "./interleave.ts";
export * from "./map.ts";
export * from "./map_indexed.ts";
export * from "./measure.ts";
export * from "./meter.ts";
export * from "./meter_report.ts";
export * from "./mix.ts";
export * from "./mixed_batch.ts";
export * from "./mixup.ts";
export * from "./normalize.ts";
export * from "./pca_lighting.ts";
export * from "./position.ts";
export * from "./position_error.ts";
export * from "./prefetch.ts";
export * from "./random_crop.ts";
export * from "./random_erasing.ts";
export * from "./random_options.ts";
export * from "./random_resized_crop.ts";
export * from "./read_epochs.ts";
export * from "./read_http_range.ts";
export * from "./read_indexed.ts";
export * from "./record_policy.ts";
export * from "./recycle.ts";
export * from "./reduce.ts";
export * from "./repeat.ts";
export * from "./report_table.ts";
export * from "./resize.ts";
export * from "./resize_image.ts";
export * from "./resumable.ts";
export * from "./resume_from.ts";
export * from "./sample_indexed.ts";
export * from "./scan.ts";
export * from "./select_indexed.ts";
export * from "./shard.ts";
export * from "./shard_indexed.ts";
export * from "./shuffle.ts";
export * from "./shuffle_indexed.ts";
export * from "./skip.ts";
export * from "./skip_records.ts";
export * from "./split_indexed.ts";
export * from "./stage.ts";
export * from "./stage_error.ts";
export * from "./stratify_indexed.ts";
export * from "./take.ts";
export * from "./tap.ts";
export * from "./tar_entry.ts";
export * from "./tar_error.ts";
export * from "./tar_shard.ts";
export * from "./to_float.ts";
export * from "./to_rgb.ts";
export * from "./unbatch.ts";
export * from "./web_dataset.ts";
export * from "./web_dataset_sample.ts";
export * from "./window.ts";
export * from "./with_position.ts";
export * from "./worker_error.ts";
export * from "./write_shards.ts";
export * from "./zip.ts";
