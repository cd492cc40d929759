import { runTask } from "./_cli/run_task.ts";
import { runSite } from "./_site/run_site.ts";
import { siteFlags } from "./_site/site_flags.ts";

await runTask({
  name: "site",
  about:
    "Makes a static page that runs Rill in the browser, on WebGPU or WASM: draw or drop a picture and see its classes and what " +
    "each layer makes of it, load a checkpoint, train LeNet. It needs no server of its own: put the folder anywhere, such as " +
    "on GitHub Pages. Once loaded it works without a network.",
  flags: siteFlags,
}, runSite);
