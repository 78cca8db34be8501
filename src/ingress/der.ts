/** DER, as far as certificates need it: each function gives a value with its tag and length. */

const tagged = (tag: number, content: Buffer): Buffer => {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const bytes: number[] = [];
  for (let left = length; left > 0; left = Math.floor(left / 256)) bytes.unshift(left % 256);
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length, ...bytes]), content]);
};

export const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
export const set = (...parts: readonly Buffer[]): Buffer => tagged(0x31, Buffer.concat(parts));
export const octets = (content: Buffer): Buffer => tagged(0x04, content);
export const text = (content: string): Buffer => tagged(0x0c, Buffer.from(content));
export const truth = (): Buffer => tagged(0x01, Buffer.from([0xff]));
/** `[n]` around other values. */
export const explicit = (n: number, content: Buffer): Buffer => tagged(0xa0 | n, content);
/** `[n]` in place of the value's own tag. */
export const implicit = (n: number, content: Buffer): Buffer => tagged(0x80 | n, content);
export const bits = (content: Buffer, unusedBits = 0): Buffer => tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), content]));

/** A number of zero or more, by its bytes. */
export const integer = (content: Buffer | number): Buffer => {
  const bytes = typeof content === "number" ? Buffer.from([content]) : content;
  return tagged(0x02, (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes);
};

export const objectId = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...others] = dotted.split(".").map(Number);
  const septets = (value: number): number[] => {
    const bytes = [value % 128];
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) bytes.unshift(0x80 | (left % 128));
    return bytes;
  };
  return tagged(0x06, Buffer.from([first * 40 + second, ...others.flatMap(septets)]));
};

/** Two digits of the year before 2050, four from then on, as certificates demand. */
export const time = (ms: number): Buffer => {
  const digits = `${new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(0, 14)}Z`;
  return Number(digits.slice(0, 4)) < 2050 ? tagged(0x17, Buffer.from(digits.slice(2))) : tagged(0x18, Buffer.from(digits));
};
