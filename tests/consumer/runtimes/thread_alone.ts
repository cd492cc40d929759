// The worker of a training's thread that loads the plan from the address that it is told.
import { runTrainingThread } from "@rill/rill/models/run-training-thread";

runTrainingThread();
