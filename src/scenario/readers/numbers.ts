/** Numbers as logs print them. The callers' patterns have made sure that the text is one. */
import { ensure } from "../../base/assert.ts";
import { parseU64, type U64 } from "../../base/u64.ts";
import { errnoName, type Errno } from "../../kernel/errno.ts";

/** A number that is larger than any of its kind: the line that has it is not what it looks like. */
export class NumberTooLarge extends Error {
  override name = "NumberTooLarge";
}

/** Hexadecimal of up to 16 digits, with or without 0x. Throws NumberTooLarge. */
export function hexNumber(text: string | undefined): U64 {
  const digits = ensure(text, "hexadecimal number");
  const value = parseU64(digits.startsWith("0x") ? digits : "0x" + digits);
  if (value === null) throw new NumberTooLarge(digits.slice(0, 100));
  return value;
}

const LARGEST = 0xffff_ffff;

/** A decimal or 0x number of at most 32 bits. Throws NumberTooLarge. */
export function smallNumber(text: string | undefined): number {
  const value = Number(ensure(text, "number"));
  if (!(value <= LARGEST)) throw new NumberTooLarge(String(text).slice(0, 100));
  return value;
}

const STRERROR: Readonly<Record<string, Errno>> = {
  "Operation not permitted": "EPERM", "No such file or directory": "ENOENT", "Input/output error": "EIO", "Argument list too long": "E2BIG",
  "Bad file descriptor": "EBADF", "Resource temporarily unavailable": "EAGAIN", "Cannot allocate memory": "ENOMEM", "Permission denied": "EACCES",
  "Bad address": "EFAULT", "Device or resource busy": "EBUSY", "File exists": "EEXIST", "No such device": "ENODEV", "Invalid argument": "EINVAL",
  "Inappropriate ioctl for device": "ENOTTY", "No space left on device": "ENOSPC", "Value too large for defined data type": "EOVERFLOW",
  "Message too long": "EMSGSIZE", "Operation not supported": "EOPNOTSUPP", "Address already in use": "EADDRINUSE", "Out of memory": "ENOMEM",
};

const SENTENCES = Object.entries(STRERROR).map(([sentence, errno]) => [sentence.toLowerCase(), errno] as const);

/** What a line must have for one of these sentences to be in it. */
export const ERRNO_SENTENCE = new RegExp(Object.keys(STRERROR).join("|"), "i");

/** The errno that a C library's sentence stands for; null when it is none we know. */
export function errnoOfText(text: string | undefined): Errno | null {
  if (text === undefined) return null;
  // Go prints them in lower case.
  const lower = text.toLowerCase();
  for (const [sentence, errno] of SENTENCES) if (lower.includes(sentence)) return errno;
  return null;
}

/** The errno of "-22" or "22"; null when unknown. */
export function errnoOfNumber(text: string | undefined): Errno | null {
  return text === undefined ? null : errnoName(Number(text));
}
