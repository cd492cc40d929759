import type * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { printNote, printResult } from "../_text/print.ts";
import { checkFolder, makeSite, type SiteFiles, writeSite } from "./build_site.ts";
import { checkPort, serveSite } from "./serve_site.ts";
import type { siteFlags } from "./site_flags.ts";

/** Makes a site as the flags say, and serves it if they say so. */
export const runSite = (flags: FlagValues<typeof siteFlags>): TE.TaskEither<Error, void> =>
  attempt(async () => {
    const note = flags.quiet ? () => {} : printNote;
    const { out = "site", serve = false, port = 8000 } = flags;
    if (flags.port !== undefined && !serve) {
      throw new UsageError("Cannot use --port without --serve: nothing is served");
    }
    // Before what takes long, not after it.
    if (serve) await checkPort(port);
    await checkFolder(out);
    const files = await makeSite(flags, note);
    await writeSite(out, files);
    printResult(`site: ${files.size} files, ${formatMegabytes(files)} MB, in ${out}`);
    if (serve) await serveSite(files, port, printNote);
    else note("the same command with --serve shows it on this machine, until Ctrl-C");
  });

const formatMegabytes = (files: SiteFiles): string =>
  ([...files.values()].reduce((sum, { length }) => sum + length, 0) / 1e6).toFixed(1);
