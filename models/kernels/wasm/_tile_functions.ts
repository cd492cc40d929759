/** The module's functions for tiles of convolutions, which `assembly/winograd/` describes. */
export interface TileFunctions {
  toWinograd(
    ...rest: readonly [
      ...tile: Tile,
      ...images: PlacedImages,
      down: number,
      across: number,
      top: number,
      left: number,
      gradients: number,
      placeBytes: number,
      room: number,
      outside: number,
      to: number,
      first: number,
      tiles: number,
      channel: number,
      end: number,
      tileBytes: number,
      evenBytes: number,
      oddBytes: number,
    ]
  ): void;
  fromWinograd(
    ...rest: readonly [
      ...tile: Tile,
      ...images: PlacedImages,
      down: number,
      across: number,
      placeBytes: number,
      room: number,
      outside: number,
      from: number,
      first: number,
      tiles: number,
      channel: number,
      end: number,
    ]
  ): void;
  multiplyPlaces(
    places: number,
    group: number,
    rows: number,
    depth: number,
    columns: number,
    from: number,
    fromBytes: number,
    panels: number,
    panelsBytes: number,
    panelBytes: number,
    results: number,
    resultsBytes: number,
    accumulate: number,
    room: number,
  ): void;
  filterToWinograd(
    ...rest: readonly [
      ...tile: Tile,
      filter: number,
      to: number,
      inputs: number,
      outputs: number,
      column: number,
      end: number,
      placeBytes: number,
      panelBytes: number,
      turned: number,
      room: number,
    ]
  ): void;
  filterFromWinograd(
    ...rest: readonly [
      ...tile: Tile,
      from: number,
      filter: number,
      inputs: number,
      outputs: number,
      column: number,
      end: number,
      placeBytes: number,
      room: number,
    ]
  ): void;
}

/** The sides of a tile's outputs and of its filter. */
export type Tile = readonly [output: number, filter: number];

/** Images in the heap. */
export type PlacedImages = readonly [
  address: number,
  height: number,
  width: number,
  channels: number,
];
