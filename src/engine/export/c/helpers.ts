/** Pieces of C that a program has when its calls need them. */

export const HELPERS = {
  /** A range of a process's own memory, touched by the kernel so that a bad address is an errno. */
  touch: `static int touch(u64 address, void *bytes, size_t length, int writing)
{
	struct iovec here = { bytes, length }, there = { (void *)(uintptr_t)address, length };
	ssize_t done = writing ? process_vm_writev(getpid(), &here, 1, &there, 1, 0) : process_vm_readv(getpid(), &here, 1, &there, 1, 0);

	return done == (ssize_t)length ? 0 : -1;
}`,
  /** Bytes that count up from a value. */
  counting: `static void counting(unsigned char *bytes, size_t length, unsigned int first)
{
	for (size_t at = 0; at < length; at++)
		bytes[at] = (unsigned char)(first + at);
}`,
  set_bits: `static void set_bits(unsigned char *bitmap, size_t length, const u64 *bits, size_t count)
{
	for (size_t at = 0; at < count; at++)
		if (bits[at] / 8 < length)
			bitmap[bits[at] / 8] |= (unsigned char)(1u << (bits[at] % 8));
}`,
  /** An argument longer than the structure: the same bytes, then zeros, or one byte that is none. */
  longer: `static int longer(int fd, unsigned long request, void *cmd, size_t known, size_t size, int nonzero)
{
	unsigned char *arg = calloc(1, size);
	int rc, error;

	if (!arg)
		return -1;
	memcpy(arg, cmd, known);
	if (nonzero)
		arg[known] = 1;
	rc = ioctl(fd, request, arg);
	error = errno;
	memcpy(cmd, arg, known);
	free(arg);
	errno = error;
	return rc;
}`,
  drop_capability: `static void drop_capability(int number)
{
	struct { uint32_t version; int32_t pid; } head = { 0x20080522, 0 };
	struct { uint32_t effective, permitted, inheritable; } sets[2];

	if (syscall(SYS_capget, &head, sets) == 0) {
		sets[number / 32].effective &= ~(1u << (number % 32));
		sets[number / 32].permitted &= ~(1u << (number % 32));
		syscall(SYS_capset, &head, sets);
	}
}`,
  /** Where a region of a VFIO device begins in its file. */
  region: `static u64 region(int fd, uint32_t index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	return ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info) == 0 ? info.offset : 0;
}`,
  /** QEMU's edu device: its DMA engine is at 0x80 of BAR 0, its buffer at 0x40000 of its own address space. */
  edu_dma: `static int edu_dma(int fd, int to_memory, u64 iova, u64 length, u64 offset)
{
	u64 bar = region(fd, 0), own = 0x40000 + offset, command = to_memory ? 3 : 1;
	u64 from = to_memory ? own : iova, to = to_memory ? iova : own;
	int tries = 1000;

	if (pwrite(fd, &from, 8, (off_t)(bar + 0x80)) != 8 || pwrite(fd, &to, 8, (off_t)(bar + 0x88)) != 8 ||
	    pwrite(fd, &length, 8, (off_t)(bar + 0x90)) != 8 || pwrite(fd, &command, 8, (off_t)(bar + 0x98)) != 8)
		return -1;
	do {
		usleep(1000);
		if (pread(fd, &command, 8, (off_t)(bar + 0x98)) != 8)
			return -1;
	} while ((command & 1) && --tries > 0);
	return 0;
}`,
} as const;

export type HelperName = keyof typeof HELPERS;

/** What a helper needs besides itself. */
export const NEEDS: Partial<Record<HelperName, { helpers?: readonly HelperName[]; structs?: readonly string[]; numbers?: readonly string[] }>> = {
  region: { structs: ["vfio_region_info"], numbers: ["VFIO_DEVICE_GET_REGION_INFO"] },
  edu_dma: { helpers: ["region"], structs: ["vfio_region_info"], numbers: ["VFIO_DEVICE_GET_REGION_INFO"] },
};
