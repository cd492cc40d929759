import type { Absentee } from "../shared/absentee.ts";
import { startPython } from "../shared/start_python.ts";
import type { TrainContestant } from "./train_contestant.ts";
import type { NetworkLoad } from "./network_load.ts";

const NAMES = {
  "cpu": "PyTorch, CPU",
  "cuda-float32": "PyTorch, GPU, float32 without TF32",
  "cuda": "PyTorch, GPU, its defaults",
};

/** The networks that PyTorch's side builds by itself; others are torchvision's. */
const OWN: readonly string[] = ["alexnet", "alexnet2012", "lenet", "nin", "resnet8"];

/** Starts PyTorch, the chapter's script or another network's, on the CPU and, where PyTorch has one, on the GPU; or says why it can't be had. */
export async function startPytorchTrainers(
  load: NetworkLoad,
): Promise<(TrainContestant | Absentee)[]> {
  const { trainer, cuda } = await startPytorchTrainer(load, "cpu");
  return [
    trainer,
    ...cuda
      ? [
        (await startPytorchTrainer(load, "cuda-float32")).trainer,
        (await startPytorchTrainer(load, "cuda")).trainer,
      ]
      : [],
  ];
}

async function startPytorchTrainer(
  { side, batchSize, model, channels }: NetworkLoad,
  mode: keyof typeof NAMES,
): Promise<{ readonly trainer: TrainContestant | Absentee; readonly cuda: boolean }> {
  const args = [model, String(channels), String(side), String(batchSize), mode];
  const process = await startPython(
    new URL("pytorch_trainer.py", import.meta.url),
    args,
    OWN.includes(model) ? "PyTorch" : "PyTorch with torchvision",
  );
  if ("missing" in process) {
    const name = mode === "cpu" ? "PyTorch" : NAMES[mode];
    return { trainer: { name, missing: process.missing }, cuda: false };
  }
  const { about, cuda } = JSON.parse(process.about!);
  return {
    trainer: {
      name: NAMES[mode],
      about,
      run: async (steps) => JSON.parse(await process.ask(String(steps))),
      close: process.close,
    },
    cuda,
  };
}
