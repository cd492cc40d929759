// Prints the programs that tests may run, for `--allow-run`: this Deno, and those of the others that are installed: shells, mkfifo
// and script make what Deno can't, such as pipes, terminals and names that aren't UTF-8; nbconvert runs notebooks, Python the
// programs that load networks in PyTorch, and mpirun those of several ranks. Deno tells of each that isn't installed, once for each
// file of tests.

const separator = Deno.build.os === "windows" ? ";" : ":";
const endings = Deno.build.os === "windows" ? [".exe", ".cmd", ""] : [""];
const folders = (Deno.env.get("PATH") ?? "").split(separator).filter((folder) => folder !== "");

const isInstalled = (name: string): boolean =>
  folders.some((folder) =>
    endings.some((ending) => {
      try {
        return Deno.statSync(`${folder}/${name}${ending}`).isFile;
      } catch {
        return false;
      }
    })
  );

const others = [
  "node",
  "chromium",
  "google-chrome",
  "firefox-esr",
  "firefox",
  "sh",
  "bash",
  "mkfifo",
  "script",
  "jupyter-nbconvert",
  "python3",
  "mpirun",
  "mpirun.openmpi",
  "mpirun.mpich",
].filter(isInstalled);
// The system's Python, which has the system's packages, is another one where the path names one before it.
if (others.includes("python3") && Deno.build.os === "linux") others.push("/usr/bin/python3");
console.log([Deno.execPath(), ...others].join(","));
