/** The four files of the data set: images and labels of either split. */
export type DatasetFile = "trainImages" | "trainLabels" | "testImages" | "testLabels";

/** A file whose content has been checked. */
export interface CheckedFile {
  /** Its path, of a gzipped or a plain file. */
  readonly path: string;
  /** The content, decompressed: it was read to be checked, and isn't read a second time. */
  readonly content: Uint8Array<ArrayBuffer>;
}

/** A data set on disk whose content has been checked. */
export interface Dataset {
  /** The folder that holds the files. */
  readonly dir: string;
  /** Each file. */
  readonly files: Readonly<Record<DatasetFile, CheckedFile>>;
}

/** The facts that the decompressed content of a file must match. */
export interface FileFacts {
  /** The name of the plain file; gzipped, it ends in `.gz`. */
  readonly name: string;
  /** How many images or labels it holds. */
  readonly items: number;
  /** Its length in bytes. */
  readonly bytes: number;
  /** The SHA-256 of its bytes, in lower-case hexadecimal. */
  readonly sha256: string;
}

/** A data set: the facts of its files, and the places that offer them. */
export interface Manifest {
  /** The data set's name, for people. */
  readonly title: string;
  /** The name of its folder in the user's cache directory. */
  readonly folder: string;
  /** The facts of each file. */
  readonly files: Readonly<Record<DatasetFile, FileFacts>>;
  /** The folder where a system package puts the files. */
  readonly systemDir: string;
  /** The Debian package that puts them there. */
  readonly debianPackage: string;
  /** Addresses of folders with the gzipped files, in the order in which they are tried. */
  readonly addresses: readonly string[];
}
