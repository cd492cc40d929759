/**
 * Where a pipeline spends its time.
 *
 * @module
 */

export * from "./measure.ts";
export * from "./meter.ts";
export * from "./report_table.ts";
