/**
 * The command line without a checkout: all tasks as one program, `rill train`, `rill evaluate`, `rill predict` and so on. It is run
 * and not imported: `deno run -A jsr:@rill/rill/cli train --data folder:photos`.
 *
 * @module
 */

import { printPermissions } from "./_cli/permissions.ts";
import { runSubcommand } from "./_cli/run_subcommand.ts";

const about = `Trains and uses networks that classify images:
  train        train a network, on Fashion-MNIST or on data of your own
  evaluate     evaluate a checkpoint
  predict      tell what is on pictures
  serve        tell what is on pictures that a page or a program sends
  report       write a page about runs
  data         look at data, or fetch Fashion-MNIST
  pipeline     run the training input alone and show its bottleneck
  summary      print a network as a table
  export       hand a network to other programs: ONNX, PyTorch
  devices      print what computes here
  tune         find the fastest programs for this machine's WebGPU adapter
  permissions  print the least permissions of one of these, as flags of deno run

Each takes --help.`;

// Each is loaded when it is called, and then runs by itself: what one needs costs the others nothing.
await runSubcommand("", about, {
  train: async () => void await import("./train.ts"),
  evaluate: async () => void await import("./evaluate.ts"),
  predict: async () => void await import("./predict.ts"),
  serve: async () => void await import("./serve.ts"),
  report: async () => void await import("./report.ts"),
  data: async () => void await import("./data.ts"),
  pipeline: async () => void await import("./pipeline.ts"),
  summary: async () => void await import("./summary.ts"),
  export: async () => void await import("./export.ts"),
  devices: async () => void await import("./devices.ts"),
  tune: async () => void await import("./tune.ts"),
  permissions: printPermissions,
}, Deno.args);
