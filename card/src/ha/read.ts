/**
 * Reading what comes from outside. A reader takes anything and returns what it is, or throws:
 * nothing that does not fit gets further than this.
 */

export type Reader<T> = (value: unknown) => T;

export type Read<R> = R extends Reader<infer T> ? T : never;

/** Something has not the form it must have; `where` names the field and nothing of its content. */
export class UnreadableError extends Error {
  constructor(readonly where: string) {
    super(`${where || "the answer"} has another form than it should`);
    this.name = "UnreadableError";
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function primitive<T>(kind: string): Reader<T> {
  return (value) => {
    if (typeof value !== kind) {
      throw new UnreadableError("");
    }
    return value as T;
  };
}

export const text: Reader<string> = primitive("string");
export const flag: Reader<boolean> = primitive("boolean");

export const number: Reader<number> = (value) => {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new UnreadableError("");
  }
  return value;
};

/** Milliseconds since 1970 of an ISO 8601 time. */
export const moment: Reader<number> = (value) => {
  const found = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(found)) {
    throw new UnreadableError("");
  }
  return found;
};

export function maybe<T>(reader: Reader<T>): Reader<T | null> {
  return (value) => (value === null || value === undefined ? null : reader(value));
}

/** One of some words; what is not among them becomes `other`, never one of them. */
export function oneOf<const T extends string, const O>(words: readonly T[], other: O) {
  return (value: unknown): T | O => (words.includes(value as T) ? (value as T) : other);
}

export function list<T>(reader: Reader<T>): Reader<T[]> {
  return (value) => {
    if (!Array.isArray(value)) {
      throw new UnreadableError("");
    }
    return value.map((each, at) => within(String(at), reader, each));
  };
}

export function table<T>(reader: Reader<T>): Reader<Record<string, T>> {
  return (value) => {
    if (!isObject(value)) {
      throw new UnreadableError("");
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, each]) => [key, within("entry", reader, each)]),
    );
  };
}

export function object<F extends Record<string, Reader<unknown>>>(
  fields: F,
): Reader<{ readonly [K in keyof F]: Read<F[K]> }> {
  return (value) => {
    if (!isObject(value)) {
      throw new UnreadableError("");
    }
    const found: Record<string, unknown> = {};
    for (const [name, reader] of Object.entries(fields)) {
      found[name] = within(name, reader, value[name]);
    }
    return found as { readonly [K in keyof F]: Read<F[K]> };
  };
}

function within<T>(name: string, reader: Reader<T>, value: unknown): T {
  try {
    return reader(value);
  } catch (error) {
    if (error instanceof UnreadableError) {
      throw new UnreadableError(error.where ? `${name}.${error.where}` : name);
    }
    throw error;
  }
}
