/** Symbolic errnos as a caller sees them through libc, and OK. */
export const ERRNO = {
  EPERM: 1, ENOENT: 2, EIO: 5, E2BIG: 7, EBADF: 9, EAGAIN: 11, ENOMEM: 12, EACCES: 13, EFAULT: 14, EBUSY: 16, EEXIST: 17,
  ENODEV: 19, EINVAL: 22, ENFILE: 23, EMFILE: 24, ENOTTY: 25, ENOSPC: 28, ESPIPE: 29, ERANGE: 34, EDEADLOCK: 35,
  EBADE: 52, EOVERFLOW: 75, EBADFD: 77, EMSGSIZE: 90, EOPNOTSUPP: 95, EADDRINUSE: 98, ENOTSUPP: 524,
} as const;

export type Errno = keyof typeof ERRNO;
export type ErrnoOrOk = Errno | "OK";

const NAMES = new Map<number, Errno>(Object.entries(ERRNO).map(([name, number]) => [number, name as Errno]));

/** The name of a positive or negated errno number; null when unknown. */
export function errnoName(number: number): Errno | null {
  return NAMES.get(Math.abs(number)) ?? null;
}
