// A program for Node: it prints the logits, by the WASM program where it is found or where the first argument says.
import process from "node:process";
import { openBackend } from "@rill/rill/models";
import { predict } from "./predict.ts";

const count = () =>
  ["uncaughtException", "unhandledRejection"].map((name) => process.listenerCount(name));

async function run(): Promise<void> {
  const before = count();
  const backend = await openBackend("auto", { wasmUrl: process.argv[2] });
  const { description, reason } = backend;
  const logits = await predict();
  const listeners = [before, count()];
  await backend.close();
  console.log(JSON.stringify({ description, reason, logits, listeners }));
}

// Bundles of CommonJS know no await outside of functions.
run().catch((error) => {
  console.error(String(error));
  process.exitCode = 1;
});
