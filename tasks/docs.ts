import { pathFlag } from "./_cli/flags.ts";
import { attempt } from "./_cli/errors.ts";
import { runTask } from "./_cli/run_task.ts";
import { buildDocs } from "./_docs/build_docs.ts";

await runTask({
  name: "docs",
  about:
    "Builds the documentation as a static site: the guides, and all that is public, from its comments. It works from any " +
    "folder of a server.",
  flags: {
    out: pathFlag({
      placeholder: "DIR",
      help: "Folder for the site: a new or empty one, or one with a site, which is replaced",
      shownDefault: "dist/docs",
    }),
  },
}, ({ out = "dist/docs" }) => attempt(() => buildDocs(out)));
