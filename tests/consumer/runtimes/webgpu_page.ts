// A page with a WebGPU device of its own, on which Rill computes too.
import { openBackend } from "@rill/rill/models";
import { askWorker, post } from "./post.ts";
import { predict } from "./predict.ts";
import { useOwnDevice } from "./own_device.ts";

const own = await useOwnDevice();
const backend = await openBackend("webgpu");
const logits = await predict();
await backend.close();
await post({ own, description: backend.description, logits, worker: await askWorker("webgpu") });
