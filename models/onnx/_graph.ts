// A graph of ONNX while it is made: nodes, and the constants that they take.
import { create } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
} from "./_onnx_pb.ts";

/** A setting of an operator: a list of integers, or one; of numbers only where it says so. */
export type Attribute = number | readonly number[] | { readonly float: number };

/** What a node computes. */
export interface Operation {
  /** The operator's name, such as `Conv`. */
  readonly type: string;
  /** The names of the values that it takes. */
  readonly inputs: readonly string[];
  /** Its settings. */
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A graph to which nodes and constants are added. Values are known by their names, each of which is given once. */
export class Graph {
  readonly nodes: NodeProto[] = [];
  readonly constants: TensorProto[] = [];
  readonly #names = new Set<string>();
  readonly #integers = new Map<string, string>();

  /** Begins a graph with inputs and outputs of these names, and constants that keep theirs. */
  constructor(taken: readonly string[]) {
    for (const name of taken) this.#names.add(name);
  }

  /** Adds a node with one output, and gives the output's name, which is made from that of its layer. */
  add(name: string, { type, inputs, attributes = {} }: Operation): string {
    const output = this.#takeName(name || "network");
    this.nodes.push(create(NodeProtoSchema, {
      name: output,
      opType: type,
      input: [...inputs],
      output: [output],
      attribute: Object.entries(attributes).map(([name, value]) => toAttribute(name, value)),
    }));
    return output;
  }

  /** Adds numbers under a name that is theirs alone. */
  keep(name: string, shape: readonly number[], data: Float32Array): string {
    this.constants.push(toTensor(name, shape, DataType.FLOAT, toBytes(data)));
    return name;
  }

  /** Adds numbers under a name that is made from that of their layer. */
  addFloats(name: string, shape: readonly number[], data: readonly number[]): string {
    return this.keep(this.#takeName(name), shape, Float32Array.from(data));
  }

  /** Adds a list of integers, such as the axes of a slice; the same list once. */
  addIntegers(integers: readonly number[]): string {
    const key = integers.join(" ");
    const known = this.#integers.get(key);
    if (known !== undefined) return known;
    const name = this.#takeName(`integers.${integers.join("_")}`);
    const data = BigInt64Array.from(integers, BigInt);
    this.constants.push(toTensor(name, [integers.length], DataType.INT64, toBytes(data)));
    this.#integers.set(key, name);
    return name;
  }

  /** Gives the value that all leads to the name of the graph's output. */
  end(value: string, output: string): void {
    const made = this.nodes.some((node) => node.output[0] === value);
    if (!made) {
      this.nodes.push(
        create(NodeProtoSchema, {
          name: output,
          opType: "Identity",
          input: [value],
          output: [output],
        }),
      );
      return;
    }
    const rename = (names: string[]) => names.map((name) => name === value ? output : name);
    for (const node of this.nodes) {
      node.input = rename(node.input);
      node.output = rename(node.output);
    }
  }

  #takeName(wanted: string): string {
    let name = wanted;
    for (let i = 1; this.#names.has(name); i++) name = `${wanted}_${i}`;
    this.#names.add(name);
    return name;
  }
}

function toAttribute(name: string, value: Attribute): AttributeProto {
  const settings = typeof value === "number"
    ? { type: AttributeType.INT, i: BigInt(value) }
    : "float" in value
    ? { type: AttributeType.FLOAT, f: value.float }
    : { type: AttributeType.INTS, ints: value.map(BigInt) };
  return create(AttributeProtoSchema, { name, ...settings });
}

function toTensor(
  name: string,
  shape: readonly number[],
  dataType: DataType,
  rawData: Uint8Array<ArrayBuffer>,
): TensorProto {
  return create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData });
}

/** Whether this machine's numbers begin with their lowest byte, as ONNX has them. All that runs JavaScript today does so. */
const isLittleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

function toBytes(data: Float32Array | BigInt64Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  if (isLittleEndian) return bytes;
  const { BYTES_PER_ELEMENT: length } = data;
  const turned = bytes.slice();
  for (let at = 0; at < turned.length; at += length) turned.subarray(at, at + length).reverse();
  return turned;
}
