// A page that opens the WASM backend with the program wherever it is, and lets a worker do so.
import { openBackend } from "@rill/rill/models";
import { predict } from "./predict.ts";
import { askWorker, post, refuse } from "./post.ts";

async function open(wasmUrl?: string | URL): Promise<unknown> {
  const backend = await openBackend("wasm", { wasmUrl });
  try {
    return { description: backend.description, logits: await predict() };
  } finally {
    await backend.close();
  }
}

await post({
  refused: {
    absent: await refuse({ wasmUrl: "/absent.wasm" }),
    page: await refuse({ wasmUrl: "/" + "page.html" }),
    another: await refuse({ wasmUrl: "/another.wasm" }),
    cut: await refuse({ wasmUrl: new URL("/cut.wasm", location.href) }),
    elsewhere: await refuse({ wasmUrl: "http://127.0.0.1:1/a.wasm" }),
  },
  opened: {
    file: await open("files/renamed.bin"),
    folder: await open(new URL("/files/", location.href)),
    plain: await open("/files/tfjs-backend-wasm.wasm"),
    // After others, which must not be remembered.
    usual: await open(),
  },
  worker: await askWorker("wasm"),
});
