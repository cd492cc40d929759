// The worker of a thread of a run. It loads what it computes with before it is told of a training: the other threads begin while
// the first one still reads the data.
import { runTrainingThread } from "../../models/training/threads/run_training_thread.ts";
import planTraining from "./training_plan.ts";

runTrainingThread(planTraining);

// Whoever opens the backend awaits it, and handles the error.
import("../../models/kernels/_open_wasm.ts").catch(() => {});
