/**
 * Metrics: numbers that are reported and that nothing is trained on. A metric is a function of a network's outputs and a batch
 * that gives a sum and its weight, so one of your own is a function, too; each loss is one. What is counted over predictions,
 * such as a confusion matrix, is computed of plain numbers.
 *
 * @module
 */

export * from "./accuracy.ts";
export * from "./classification_report.ts";
export * from "./confusion_matrix.ts";
export * from "./top_k.ts";
