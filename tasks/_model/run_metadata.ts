/** The entry of a checkpoint's metadata under which Rill keeps, as JSON, what it knows of model and run. */
export const RUN_METADATA = "rill";
