/// <reference lib="dom" />

/** The largest file of a picture that is read, in bytes. */
const MOST = 100e6;

/** A file that was chosen or dropped. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether it is a safetensors file by its beginning, or PyTorch's by its name: no picture at any rate. */
  readonly isCheckpoint: boolean;
}

/** Reads a file, and finds out by its content what it is. */
export async function readFile(file: File): Promise<GivenFile> {
  const { name, size } = file;
  const head = new Uint8Array(await file.slice(0, 9).arrayBuffer());
  // The length of the header in eight bytes, and the header, which is JSON.
  const isSafetensors = head[8] === "{".charCodeAt(0) && head[7] === 0 && head[6] === 0;
  const isCheckpoint = isSafetensors || /\.(?:safetensors|pth|pt)$/i.test(name);
  if (!isCheckpoint && size > MOST) {
    throw new Error(
      `Cannot use ${name} as it has ${Math.round(size / 1e6)} MB: a picture has ${
        MOST / 1e6
      } at most`,
    );
  }
  try {
    return { name, bytes: new Uint8Array(await file.arrayBuffer()), isCheckpoint };
  } catch (cause) {
    throw new Error(`Cannot read ${name} as the browser refuses`, { cause });
  }
}

/**
 * Takes files that are dropped anywhere on the page, or pasted.
 *
 * @param mark What shows that one can be dropped.
 */
export function listenForFiles(mark: HTMLElement, take: (file: File) => void): void {
  const show = (isOver: boolean) => mark.classList.toggle("over", isOver);
  addEventListener("dragover", (event) => {
    event.preventDefault();
    show(true);
  });
  addEventListener("dragleave", ({ relatedTarget }) => relatedTarget === null && show(false));
  addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    const [file] = event.dataTransfer?.files ?? [];
    if (file) take(file);
  });
  addEventListener("paste", (event) => {
    const [file] = event.clipboardData?.files ?? [];
    if (file) take(file);
  });
}

/** Takes the files that are chosen by an input, the same one again, too. */
export function listenForChoice(input: HTMLInputElement, take: (file: File) => void): void {
  input.addEventListener("change", () => {
    const [file] = input.files ?? [];
    if (file) take(file);
    input.value = "";
  });
}

/** Gives a file to the person. */
export function downloadFile(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
