/** The four files of the data set: images and labels of either split. */
export type DatasetFile = "trainImages" | "trainLabels" | "testImages" | "testLabels";

/** A data set on disk whose content has been checked. */
export interface Dataset {
  /** The folder that holds the files. */
  readonly dir: string;
  /** The path of each file, gzipped or plain IDX. */
  readonly files: Readonly<Record<DatasetFile, string>>;
}
