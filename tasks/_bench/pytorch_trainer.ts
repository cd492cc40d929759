import type { Absentee } from "./contestant.ts";
import { startPython } from "./start_python.ts";
import type { TrainContestant, TrainLoad } from "./train_contestant.ts";

const NAMES = {
  "cpu": "PyTorch, processor",
  "cuda-float32": "PyTorch, GPU, float32 without TF32",
  "cuda": "PyTorch, GPU, its defaults",
};

/** The chapter's script in PyTorch, on the processor and, where PyTorch has one, on the GPU; or why it isn't there. */
export async function pytorchTrainers(load: TrainLoad): Promise<(TrainContestant | Absentee)[]> {
  const { trainer, cuda } = await pytorchTrainer(load, "cpu");
  return [
    trainer,
    ...cuda
      ? [
        (await pytorchTrainer(load, "cuda-float32")).trainer,
        (await pytorchTrainer(load, "cuda")).trainer,
      ]
      : [],
  ];
}

async function pytorchTrainer(
  { side, batchSize }: TrainLoad,
  mode: keyof typeof NAMES,
): Promise<{ readonly trainer: TrainContestant | Absentee; readonly cuda: boolean }> {
  const args = [String(side), String(batchSize), mode];
  const process = await startPython("pytorch_trainer.py", args, "PyTorch");
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
