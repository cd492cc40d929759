import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import {
  Dictionary,
  Global,
  List,
  type PickleReaders,
  type PickleValue,
  Tuple,
} from "./_pickle_values.ts";

/** The most opcodes that are read, some 50,000 tensors' worth: a file of nothing but empty dictionaries is not read to its end. */
const OPCODE_LIMIT = 2 ** 21;

/** The most bytes of an integer. */
const INTEGER_LIMIT = 64;

/** What is known of a pickle while it is read. */
interface Machine {
  readonly input: Input;
  readonly readers: PickleReaders;
  readonly memo: Map<number, PickleValue>;
  /** The values since the last mark. */
  stack: PickleValue[];
  /** The values before each mark. */
  readonly marked: PickleValue[][];
}

/** The opcodes that are read: those in which protocols 2 to 5 write plain values, and the four that name, call and fill. */
const OPCODES: Readonly<Record<number, (machine: Machine) => void>> = {
  // Structure.
  0x80: ({ input }) => {
    const protocol = input.readByte();
    if (protocol < 2 || protocol > 5) fail(`its pickle is of protocol ${protocol}`);
  },
  0x95: ({ input }) => void input.readSize(8), // FRAME: what it frames follows, and is read as if there were none
  0x28: (machine) => { // MARK
    machine.marked.push(machine.stack);
    machine.stack = [];
  },
  0x30: (machine) => void pop(machine), // POP
  0x31: (machine) => void popMark(machine), // POP_MARK
  0x32: (machine) => void machine.stack.push(top(machine)), // DUP
  // The memo.
  0x71: (machine) => memoize(machine, machine.input.readByte()), // BINPUT
  0x72: (machine) => memoize(machine, machine.input.readUint32()), // LONG_BINPUT
  0x94: (machine) => memoize(machine, machine.memo.size), // MEMOIZE
  0x68: (machine) => recall(machine, machine.input.readByte()), // BINGET
  0x6A: (machine) => recall(machine, machine.input.readUint32()), // LONG_BINGET
  // Constants and numbers.
  0x4E: ({ stack }) => void stack.push(null), // NONE
  0x88: ({ stack }) => void stack.push(true), // NEWTRUE
  0x89: ({ stack }) => void stack.push(false), // NEWFALSE
  0x4B: ({ stack, input }) => void stack.push(input.readByte()), // BININT1
  0x4D: ({ stack, input }) => void stack.push(input.readByte() + 256 * input.readByte()), // BININT2
  0x4A: ({ stack, input }) => void stack.push(input.readUint32() | 0), // BININT
  0x8A: ({ stack, input }) => void stack.push(readInteger(input, input.readByte())), // LONG1
  0x8B: ({ stack, input }) => void stack.push(readInteger(input, input.readUint32())), // LONG4
  0x47: ({ stack, input }) => void stack.push(input.readFloat64()), // BINFLOAT
  // Text and bytes.
  0x58: ({ stack, input }) => void stack.push(input.readText(input.readSize(4))), // BINUNICODE
  0x8C: ({ stack, input }) => void stack.push(input.readText(input.readSize(1))), // SHORT_BINUNICODE
  0x8D: ({ stack, input }) => void stack.push(input.readText(input.readSize(8))), // BINUNICODE8
  // As Python 2 wrote names.
  0x54: ({ stack, input }) => void stack.push(input.readText(input.readSize(4))), // BINSTRING
  0x55: ({ stack, input }) => void stack.push(input.readText(input.readSize(1))), // SHORT_BINSTRING
  0x42: ({ stack, input }) => void stack.push(input.readBytes(input.readSize(4))), // BINBYTES
  0x43: ({ stack, input }) => void stack.push(input.readBytes(input.readSize(1))), // SHORT_BINBYTES
  0x8E: ({ stack, input }) => void stack.push(input.readBytes(input.readSize(8))), // BINBYTES8
  // Tuples, lists, dictionaries.
  0x29: ({ stack }) => void stack.push(new Tuple([])), // EMPTY_TUPLE
  0x85: (machine) => pushTuple(machine, 1), // TUPLE1
  0x86: (machine) => pushTuple(machine, 2), // TUPLE2
  0x87: (machine) => pushTuple(machine, 3), // TUPLE3
  0x74: (machine) => { // TUPLE
    const items = popMark(machine);
    machine.stack.push(new Tuple(items));
  },
  0x5D: ({ stack }) => void stack.push(new List()), // EMPTY_LIST
  0x61: (machine) => append(machine, [pop(machine)]), // APPEND
  0x65: (machine) => append(machine, popMark(machine)), // APPENDS
  0x7D: ({ stack }) => void stack.push(new Dictionary()), // EMPTY_DICT
  0x73: (machine) => { // SETITEM
    const value = pop(machine);
    setItems(machine, [pop(machine), value]);
  },
  0x75: (machine) => setItems(machine, popMark(machine)), // SETITEMS
  // Names, and what is made with them.
  0x63: (machine) => { // GLOBAL
    const module = machine.input.readLine();
    name(machine, `${module}.${machine.input.readLine()}`);
  },
  0x93: (machine) => { // STACK_GLOBAL
    const attribute = pop(machine);
    const module = pop(machine);
    if (typeof module !== "string" || typeof attribute !== "string") {
      fail("its pickle has a name that is not text");
    }
    name(machine, `${module}.${attribute}`);
  },
  0x52: (machine) => { // REDUCE
    const args = pop(machine);
    const callee = pop(machine);
    if (!(callee instanceof Global)) fail("its pickle calls what is not a name");
    if (!(args instanceof Tuple)) fail(`its pickle calls ${callee.name} without arguments`);
    machine.stack.push(machine.readers.build(callee.name, args.items));
  },
  0x51: (machine) => { // BINPERSID
    const id = pop(machine);
    machine.stack.push(machine.readers.resolve(id));
  },
  0x62: (machine) => { // BUILD
    // Python would set attributes. Those of a `state_dict` hold the versions of its modules; nothing here has attributes.
    const state = pop(machine);
    if (!(top(machine) instanceof Dictionary && state instanceof Dictionary)) {
      fail("its pickle sets the state of what is not a dictionary");
    }
  },
};

/** The opcodes that would make an object of a class or look a name up elsewhere, for the message. */
const REFUSED: Readonly<Record<number, string>> = {
  0x6F: "OBJ",
  0x81: "NEWOBJ",
  0x92: "NEWOBJ_EX",
  0x82: "EXT1",
  0x83: "EXT2",
  0x84: "EXT4",
  0x50: "PERSID",
  0x97: "NEXT_BUFFER",
};

const STOP = 0x2E;
const INST = 0x69;

/**
 * Reads a pickle without executing anything. Python's would run whatever program a file says; here a fixed list of opcodes
 * makes plain values, and a fixed table of names says what is made of which arguments. All else is a fault.
 *
 * @param bytes The pickle, to its end.
 * @param readers How names are read.
 */
export function readPickle(bytes: Uint8Array<ArrayBuffer>, readers: PickleReaders): PickleValue {
  return readPickleAt(bytes, 0, readers).value;
}

/** Reads a pickle as {@linkcode readPickle} does that begins at a byte, and says where it ends: other things may follow. */
export function readPickleAt(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  readers: PickleReaders,
): { readonly value: PickleValue; readonly end: number } {
  const input = new Input(bytes, at);
  const machine: Machine = { input, readers, memo: new Map(), stack: [], marked: [] };
  for (let count = 0; count < OPCODE_LIMIT; count++) {
    const opcode = input.readByte();
    if (opcode === STOP) {
      const value = pop(machine);
      if (machine.stack.length > 0 || machine.marked.length > 0) {
        fail("its pickle ends with more than one value");
      }
      return { value, end: input.at };
    }
    const run = OPCODES[opcode];
    if (run) run(machine);
    else refuse(opcode, input);
  }
  fail(`its pickle has over ${OPCODE_LIMIT} opcodes`);
}

function refuse(opcode: number, input: Input): never {
  // The one other opcode that has the name in it.
  if (opcode === INST) refuseName(`${input.readLine()}.${input.readLine()}`);
  const shown = REFUSED[opcode] ?? `0x${opcode.toString(16).padStart(2, "0")}`;
  fail(`its pickle has the opcode ${shown} at byte ${input.at - 1}, which is not read`);
}

/** Refuses a name that is in none of the tables. */
function refuseName(name: string): never {
  fail(
    `it names ${
      clip(name)
    }: a file is read without running anything, and may hold tensors and plain values alone, ` +
      "as torch.save(model.state_dict(), path) writes",
  );
}

function name({ stack, readers }: Machine, name: string): void {
  if (!readers.isKnown(name)) refuseName(name);
  stack.push(new Global(name));
}

function pop({ stack }: Machine): PickleValue {
  const value = stack.pop();
  return value === undefined ? fail("its pickle takes a value where there is none") : value;
}

function top(machine: Machine): PickleValue {
  const value = machine.stack.at(-1);
  return value === undefined ? fail("its pickle takes a value where there is none") : value;
}

/** Takes the values since the last mark. */
function popMark(machine: Machine): PickleValue[] {
  const items = machine.stack;
  machine.stack = machine.marked.pop() ?? fail("its pickle takes a mark where there is none");
  return items;
}

function memoize(machine: Machine, index: number): void {
  machine.memo.set(index, top(machine));
}

function recall({ stack, memo }: Machine, index: number): void {
  const value = memo.get(index);
  stack.push(
    value === undefined ? fail(`its pickle recalls value ${index}, which is not there`) : value,
  );
}

function pushTuple(machine: Machine, length: number): void {
  const items = Array.from({ length }, () => pop(machine)).reverse();
  machine.stack.push(new Tuple(items));
}

function append(machine: Machine, items: readonly PickleValue[]): void {
  const list = top(machine);
  if (!(list instanceof List)) fail("its pickle appends to what is not a list");
  for (const item of items) list.items.push(item);
}

function setItems(machine: Machine, items: readonly PickleValue[]): void {
  const dictionary = top(machine);
  if (!(dictionary instanceof Dictionary)) {
    fail("its pickle sets items of what is not a dictionary");
  }
  if (items.length % 2 !== 0) fail("its pickle has a key without a value");
  for (let i = 0; i < items.length; i += 2) dictionary.entries.set(items[i]!, items[i + 1]!);
}

/** Reads an integer in two's complement, little-endian: a number where it can be exact. */
function readInteger(input: Input, length: number): number | bigint {
  if (length > INTEGER_LIMIT) fail(`its pickle has an integer of ${length} bytes`);
  let integer = 0n;
  const bytes = input.readBytes(length);
  for (let i = length - 1; i >= 0; i--) integer = integer << 8n | BigInt(bytes[i]!);
  integer = BigInt.asIntN(8 * length, integer);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The bytes of a pickle, read one after the other. */
class Input {
  at: number;
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;

  constructor(bytes: Uint8Array<ArrayBuffer>, at: number) {
    this.at = at;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Goes on by so many bytes, which must be there, and gives where they begin. */
  #advance(count: number): number {
    const from = this.at;
    if (count > this.#bytes.length - from) {
      fail(`its pickle ends at byte ${this.#bytes.length}, within a value`);
    }
    this.at += count;
    return from;
  }

  readByte(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  readUint32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  readFloat64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  /** Reads a length, which {@linkcode readBytes} checks against what follows. */
  readSize(bytes: 1 | 4 | 8): number {
    if (bytes === 1) return this.readByte();
    const low = this.readUint32();
    return bytes === 4 ? low : low + 2 ** 32 * this.readUint32();
  }

  readBytes(count: number): Uint8Array<ArrayBuffer> {
    const from = this.#advance(count);
    return this.#bytes.subarray(from, from + count);
  }

  readText(count: number): string {
    try {
      return utf8.decode(this.readBytes(count));
    } catch (error) {
      if (error instanceof TypeError) fail("its pickle has text that is not UTF-8");
      throw error;
    }
  }

  readLine(): string {
    const end = this.#bytes.indexOf(0x0A, this.at);
    if (end < 0) fail(`its pickle ends at byte ${this.#bytes.length}, within a value`);
    const line = this.readText(end - this.at);
    this.#advance(1);
    return line;
  }
}
