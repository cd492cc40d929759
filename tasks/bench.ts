import { benchDecode } from "./_bench/decode/bench_decode.ts";
import { benchPhotos } from "./_bench/decode/bench_photos.ts";
import { benchInput } from "./_bench/input/bench_input.ts";
import { benchKernels } from "./_bench/kernels/bench_kernels.ts";
import { benchPipelines } from "./_bench/pipelines/bench_pipelines.ts";
import { benchRoofline } from "./_bench/roofline/bench_roofline.ts";
import { benchSave } from "./_bench/save/bench_save.ts";
import { benchServe } from "./_bench/serve/bench_serve.ts";
import { benchSets } from "./_bench/sets/bench_sets.ts";
import { benchStep } from "./_bench/step/bench_step.ts";
import { benchTrain } from "./_bench/train/bench_train.ts";
import { runSubcommand } from "./_cli/run_subcommand.ts";

const about = `Measures how fast Rill is:
  pipelines  stages and loading, beside torchvision and tfjs-data
  train      a training step and the start of a training, beside tfjs's kernels and PyTorch
  kernels    a step's kernels one by one, beside tfjs's
  step       what a step of any network spends its time on, kernel by kernel
  roofline   a step's products beside what the machine can do at most
  sets       sets of parameters for the WebGPU programs of dense layers
  input      how images get to a WebGPU device
  save       what saving beside a training takes of its time
  serve      what a server that runs answers under load
  decode     decoding JPEG on one core, beside Pillow
  photos     photos of a folder as batches for a network, beside torchvision

pipelines, train and kernels take --against CHECKOUT, to compare with another checkout in turn. Each takes --help.`;

await runSubcommand("bench", about, {
  pipelines: benchPipelines,
  train: benchTrain,
  kernels: benchKernels,
  step: benchStep,
  roofline: benchRoofline,
  sets: benchSets,
  input: benchInput,
  save: benchSave,
  serve: benchServe,
  decode: benchDecode,
  photos: benchPhotos,
});
