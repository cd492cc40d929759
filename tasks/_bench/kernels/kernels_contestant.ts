import { startModule } from "../shared/answering_process.ts";
import type { Absentee } from "../shared/absentee.ts";
import type { KernelWorkload } from "./kernel_workloads.ts";
import type { Repeater } from "../shared/measure_turns.ts";
import type { TrainerSettings } from "../train/rill_trainer.ts";
import type { StepProfile } from "./step_profile.ts";

/** A question to a process: to take up a kernel by number, or none; to run it so many times; to profile so many steps. */
export type KernelsQuestion =
  | { readonly prepare: number | null }
  | { readonly run: number }
  | { readonly profile: number };

/** An answer of it. */
export type KernelsAnswer =
  | { readonly missing: string }
  | { readonly about: string; readonly workloads: readonly Workload[] }
  | { readonly seconds: number }
  | { readonly profile: StepProfile | { readonly missing: string } };

/** A kernel's work as it is known outside its process. */
export type Workload = Pick<KernelWorkload, "name" | "flops" | "bytes">;

/** One set of kernels, in a process that runs them when it is told to. */
export interface KernelsContestant extends Repeater<{ readonly seconds: number }> {
  readonly about: string;
  readonly workloads: readonly Workload[];
  /** Takes up the kernel that `run` runs, by its number. */
  readonly prepare: (index: number) => Promise<void>;
  /** Profiles so many steps and gives the middle one. */
  readonly profile: (steps: number) => Promise<StepProfile | { readonly missing: string }>;
  readonly close: () => Promise<void>;
}

/** Starts a process with Rill's kernels or tfjs's; or says why it can't be had. */
export async function startKernelsContestant(
  settings: TrainerSettings,
): Promise<KernelsContestant | Absentee> {
  const name = settings.kernels === "stock" ? "tfjs" : "Rill";
  const process = await startModule(new URL("kernels_process.ts", import.meta.url), [
    JSON.stringify(settings),
  ]);
  const read = (line: string): KernelsAnswer => JSON.parse(line);
  const first = process.about ? read(process.about) : { missing: "its process ended" };
  if (!("workloads" in first)) {
    await process.close();
    return { name, missing: "missing" in first ? first.missing : "it says nothing" };
  }
  const ask = async (question: KernelsQuestion) => {
    const answer = read(await process.ask(JSON.stringify(question)));
    if ("missing" in answer) throw new Error(answer.missing);
    return answer;
  };
  return {
    name,
    ...first,
    prepare: async (index) => void await ask({ prepare: index }),
    run: async (times) => await ask({ run: times }) as { seconds: number },
    async profile(steps) {
      await ask({ prepare: null });
      return (await ask({ profile: steps }) as { profile: StepProfile }).profile;
    },
    close: process.close,
  };
}
