import { booleanFlag, integerFlag, listIn } from "../_cli/flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";
import { backendFlag, kernelsFlag } from "../_model/backend_flags.ts";
import { predictFlags } from "../_predict/predict_flags.ts";

/** The flags of the task `serve`. */
export const serveFlags = {
  ...listIn("Server", {
    checkpoint: predictFlags.checkpoint,
    port: integerFlag({
      least: 0,
      most: 65535,
      help: "The port to listen on, on 127.0.0.1; 0 for any that is free",
      shownDefault: "8000",
    }),
    top: integerFlag({
      least: 1,
      help: "How many of the likeliest classes to tell, where the request doesn't say it",
      shownDefault: "5",
    }),
    batchSize: integerFlag({
      least: 1,
      most: 1024,
      help:
        "The most pictures that are predicted together: those that come while others are predicted",
      shownDefault: "32",
    }),
    queue: integerFlag({
      least: 1,
      most: 65536,
      help:
        "The most pictures at a time that wait or are predicted; others are told to come again. " +
        "Four times as many may be on their way",
      shownDefault: "64",
    }),
    maxBody: integerFlag({
      least: 1,
      most: 1024,
      placeholder: "MB",
      help: "The largest body of a request, in megabytes. Each request may take so much memory",
      shownDefault: "10",
    }),
    maxPixels: integerFlag({
      least: 1,
      // As many as decoding takes, with four samples each.
      most: 2 ** 26,
      help: "The most pixels of a picture; one that has more isn't decoded",
      shownDefault: "50000000",
    }),
    backend: backendFlag,
    kernels: kernelsFlag,
    quiet: booleanFlag({ help: "Print the address, warnings and errors only" }),
  }),
  ...listIn("Model", modelFlags),
};
