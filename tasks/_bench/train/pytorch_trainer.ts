import type { Absentee } from "../shared/absentee.ts";
import { startPython } from "../shared/start_python.ts";
import type { TrainContestant } from "./train_contestant.ts";
import type { TrainLoad } from "../shared/train_load.ts";

const NAMES = {
  "cpu": "PyTorch, CPU",
  "cuda-float32": "PyTorch, GPU, float32 without TF32",
  "cuda": "PyTorch, GPU, its defaults",
};

/** Starts the chapter's script in PyTorch, on the CPU and, where PyTorch has one, on the GPU; or says why it can't be had. */
export async function startPytorchTrainers(
  load: TrainLoad,
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
  { side, batchSize }: TrainLoad,
  mode: keyof typeof NAMES,
): Promise<{ readonly trainer: TrainContestant | Absentee; readonly cuda: boolean }> {
  const args = [String(side), String(batchSize), mode];
  const process = await startPython(
    new URL("pytorch_trainer.py", import.meta.url),
    args,
    "PyTorch",
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
