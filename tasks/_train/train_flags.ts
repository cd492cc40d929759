import { booleanFlag, choiceFlag, integerFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { dataFlags, prepareFlags } from "../_data/data_flags.ts";
import { backendFlag, kernelsFlag, precisionFlag, threadsFlag } from "../_model/backend_flags.ts";
import { presets } from "./settings/presets.ts";
import { recipeFlags } from "./settings/recipe_flags.ts";
import { saveFlags } from "./saving/save_flags.ts";

/** The flags of `deno task train`. */
export const trainFlags = {
  ...listIn("Run", {
    preset: choiceFlag(Object.keys(presets) as (keyof typeof presets)[], {
      help: "Settings to begin with; flags change them",
      shownDefault: "chapter on a GPU, quick without one; pictures for data of your own; " +
        "fine-tune with --weights for those, or with a head of another size. best: the most accurate in ten minutes on two cores",
    }),
    config: pathFlag({
      placeholder: "FILE",
      help: "The config.json of a run, whose settings this one begins with; flags change them",
      shownDefault: "none",
    }),
    weights: pathFlag({
      placeholder: "FILE|URL",
      help:
        "Start from the parameters of this file, safetensors or PyTorch's .pth, on disk or at an https address, or of a run's " +
        "folder: its best. A head of another size is drawn anew, and what was kept, drawn and left over is listed",
      shownDefault: "drawn parameters",
    }),
    sha256: pathFlag({
      placeholder: "HASH",
      help: "The SHA-256 that the file of --weights must have, or the beginning of it",
      shownDefault: "any; it is printed",
    }),
    resume: pathFlag({
      placeholder: "DIR",
      help:
        "Go on with the run saved in this folder. Its settings hold, --test-images too, and what computes it unless flags " +
        "say otherwise; --epochs and --steps can be raised. A schedule then goes on as if the run had had so many epochs " +
        "from the beginning",
      shownDefault: "a new run",
    }),
    steps: integerFlag({
      least: 1,
      help: "End after so many steps in all. An epoch that this cuts short has no test pass",
      shownDefault: "none",
    }),
    out: pathFlag({
      placeholder: "DIR",
      help: "Folder for the checkpoints, best.safetensors, log.jsonl and config.json",
      shownDefault: "runs/<time>; with --resume, that folder",
    }),
    log: pathFlag({
      placeholder: "FILE",
      help:
        "Write the run's log to this file, too. It has JSON lines: a run event, a step event every --log-every steps, " +
        "events of epochs and saves. Their loss is the mean loss of an image. A log that is there is replaced; with " +
        "--resume it is cut back to where the run goes on",
      shownDefault: "log.jsonl in the run's folder alone",
    }),
    logEvery: integerFlag({
      least: 1,
      help: "Steps from one step event to the next",
      shownDefault: "10",
    }),
    tensorboard: pathFlag({
      placeholder: "DIR",
      help:
        "Tell TensorBoard of the run, too, in a folder below this one that is called as the run's: loss, accuracy, learning rate " +
        "and images a second every --log-every steps, and what epochs come to. With --resume the new file makes void what " +
        "older ones tell of later steps",
      shownDefault: "none",
    }),
    dashboard: integerFlag({
      least: 0,
      most: 65535,
      bare: "0",
      placeholder: "PORT",
      help:
        "Show live curves of the run on a page of this machine, with buttons that save and stop. Prints its address",
      shownDefault: "no page; any free port",
    }),
    ...saveFlags,
    backend: backendFlag,
    kernels: kernelsFlag,
    precision: precisionFlag,
    threads: {
      ...threadsFlag,
      help:
        `${threadsFlag.help}. With the chapter's network on the smallest images one takes 0.6 GB of memory, and each more 0.4 GB`,
    },
    distributed: booleanFlag({
      help:
        "Share the run with the other processes that mpirun -n N has started, on any number of machines, on WASM. " +
        "The result is the same, bit for bit. They need the data, the first one alone the run's folder",
    }),
    quiet: booleanFlag({ help: "Print the epochs' lines and errors only" }),
    yes: booleanFlag({ help: "Overwrite a run that --out holds already, without asking" }),
  }),
  ...listIn("Data", {
    ...dataFlags,
    images: integerFlag({
      least: 1,
      help:
        "How many of the training images to use: the first ones, or of folders and tables a part with the classes in proportion",
      shownDefault: `all; ${presets.quick.images} of Fashion-MNIST without a GPU`,
    }),
    testImages: integerFlag({
      least: 1,
      help: "How many of the test images to use, likewise",
      shownDefault: "all",
    }),
    ...prepareFlags,
  }),
  ...recipeFlags,
};
