import { runTask } from "./_cli/run_task.ts";
import { runServer } from "./_serve/run_server.ts";
import { serveFlags } from "./_serve/serve_flags.ts";

await runTask({
  name: "serve",
  about:
    "Serves a network that was trained to this machine: a page on which pictures are dropped, chosen or drawn, and POST /predict, " +
    "which takes a picture (PNG, JPEG, WebP) as the body or as a form's file and gives the likeliest classes as JSON. Pictures " +
    "that come together are predicted together. GET /health tells that it works. Ctrl-C stops it once what it has begun is answered.",
  flags: serveFlags,
}, runServer);
