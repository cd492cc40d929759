// How the program was called: by `deno task NAME` in a checkout, or as `rill NAME`, the one program with all tasks.

/** Tells whether the program that runs is the one with all tasks: a file, or the package's entry point. */
const hasAllTasks = (main: string): boolean =>
  /\/tasks\/cli\.ts$|^jsr:\/?@rill\/rill(?:@[^/]*)?\/cli$/.test(main);

/**
 * Formats a command line of ours as the person who reads it would type it: `deno task train` in a checkout, `rill train` without
 * one.
 *
 * @param words What follows: the name of a task, and its flags.
 * @param main The address of the program that runs.
 */
export const formatCommand = (words: string, main: string = Deno.mainModule): string =>
  `${hasAllTasks(main) ? "rill" : "deno task"} ${words}`;

/** Gets the command line of the task that runs: what follows its name. */
export const getTaskArgs = (
  args: readonly string[] = Deno.args,
  main: string = Deno.mainModule,
): readonly string[] => hasAllTasks(main) ? args.slice(1) : args;
