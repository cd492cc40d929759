// The worker of a thread of a training, where the package isn't bundled.
import { runTrainingThread } from "./run_training_thread.ts";

runTrainingThread();
