/** Is this kernel ("6.12", "6.12.117", "5.4-rc1") at least major.minor? A name that is no version counts as new. */
export function kernelAtLeast(kernel: string, major: number, minor: number): boolean {
  const match = /^(\d+)\.(\d+)/.exec(kernel);
  if (!match) return true;
  const found = Number(match[1]);
  return found > major || (found === major && Number(match[2]) >= minor);
}
