/** `dir` and `name` as one path. Windows, too, takes a forward slash. */
export const joinPath = (dir: string, name: string): string =>
  /[/\\]$/.test(dir) ? dir + name : `${dir}/${name}`;
