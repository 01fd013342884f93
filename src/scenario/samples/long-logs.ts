/** Long logs of the kinds that people bring, the same in every run: for tests and benches. */

/** Whole numbers below `limit`, the same ones in every run. */
export function seeded(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 0x1_0000_0000) * limit);
  };
}

const hex = (value: number) => `0x${value.toString(16)}`;
const DEVICE = "0000:00:05.0";
const PAGE = 0x1000;

/** QEMU's trace of a guest with one device on iommufd whose memory map changes all the time; accesses to its registers in between. */
export function qemuTrace(lines: number): string {
  const random = seeded(7);
  const text = [
    "iommufd_cdev_getfd  /dev/vfio/devices/vfio0 (fd=9)", "iommufd_backend_connect fd=3 owned=1 users=1",
    `iommufd_cdev_connect_and_bind  [iommufd=3] Successfully bound device ${DEVICE} (fd=9): output devid=1`, "iommufd_backend_alloc_ioas  iommufd=3 ioas=2",
    `iommufd_cdev_attach_ioas_hwpt  [iommufd=3] Successfully attached device ${DEVICE} (9) to id=2`,
  ];
  const live: { iova: number; size: number }[] = [];
  let free = 0x1_0000_0000;
  while (text.length < lines) {
    const kind = random(10);
    const some = live.length > 64 ? live.splice(random(live.length), 1)[0] : undefined;
    if (kind < 4 || !some) {
      const [iova, size, va] = [free, (1 + random(64)) * PAGE, 0x7efc_b9a0_0000 + random(0x10_0000) * PAGE];
      free += size + PAGE;
      live.push({ iova, size });
      text.push(`vfio_listener_region_add_ram region_add [ram] ${hex(iova)} - ${hex(iova + size - 1)} [${hex(va)}]`);
      text.push(`iommufd_backend_map_dma  iommufd=3 ioas=2 iova=${hex(iova)} size=${hex(size)} addr=${hex(va)} readonly=0 (0)`);
    } else if (kind < 7) {
      text.push(`vfio_listener_region_del region_del ${hex(some.iova)} - ${hex(some.iova + some.size - 1)}`);
      text.push(`iommufd_backend_unmap_dma  iommufd=3 ioas=2 iova=${hex(some.iova)} size=${hex(some.size)} (0)`);
    } else {
      live.push(some);
      text.push(`vfio_pci_read_config  (${DEVICE}, @${hex(random(256))}, len=0x2) ${hex(random(0xffff))}`);
      text.push(`vfio_region_write  (${DEVICE}:region0+${hex(random(0x1_0000))}, ${hex(random(0xffff))}, 4)`);
    }
  }
  return text.slice(0, lines).join("\n") + "\n";
}

/** The iommu trace events of a VMM's memory map that changes all the time, as trace_pipe, trace-cmd or perf print them. */
export function tableTrace(lines: number, form: "trace_pipe" | "trace-cmd" | "perf" = "trace_pipe"): string {
  const random = seeded(17);
  const text: string[] = [];
  const live: { iova: number; size: number }[] = [];
  let free = 0;
  let time = 100_000_000;
  while (text.length < lines) {
    time += random(500);
    const at = `${Math.floor(time / 1e6)}.${String(time % 1e6).padStart(6, "0")}`;
    const cpu = `[${String(random(8)).padStart(3, "0")}]`;
    const pid = 428 + random(3);
    const before = form === "perf" ? ` qemu-system-x86     ${pid} ${cpu}   ${at}:                      iommu:` : ` qemu-system-x86-${pid}   ${cpu} .....   ${at}: `;
    const gap = form === "trace-cmd" ? "                  " : " ";
    if (live.length < 8 || random(2) === 0) {
      const size = random(3) === 0 ? 0x20_0000 : (1 + random(32)) * PAGE;
      live.push({ iova: free, size });
      text.push(`${before}map:${gap}IOMMU: iova=${padded(free)} - ${padded(free + size)} paddr=${padded(0x1_0000_0000 + random(0x10_0000) * PAGE)} size=${size}`);
      free += size + (random(3) === 0 ? PAGE : 0);
    } else {
      const { iova, size } = live.splice(random(live.length), 1)[0] as { iova: number; size: number };
      text.push(`${before}unmap:${gap}IOMMU: iova=${padded(iova)} - ${padded(iova + size)} size=${size} unmapped_size=${size}`);
    }
  }
  return text.join("\n") + "\n";
}

function padded(value: number): string {
  return `0x${value.toString(16).padStart(16, "0")}`;
}

/** A kernel log: mostly of others, some of the IOMMU's messages in between. */
export function kernelLog(lines: number): string {
  const random = seeded(11);
  const others = [
    "usb 1-1: new high-speed USB device number 4 using xhci_hcd", "audit: type=1400 audit(1700000000.123:45): apparmor=\"ALLOWED\" operation=\"open\"", "EXT4-fs (dm-1): mounted filesystem with ordered data mode",
    "e1000e 0000:00:1f.6 eno1: NIC Link is Up 1000 Mbps Full Duplex", "systemd[1]: Started Journal Service.", "pci 0000:00:1c.0: PCI bridge to [bus 01]", "nvme nvme0: 8/0/0 default/read/poll queues",
  ];
  const text: string[] = ["[    0.000000] Linux version 6.12.0 (build@host) (gcc 13.2.0)", "[    0.010000] DMAR: Host address width 39", "[    0.010001] DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e"];
  for (let line = text.length; line < lines; line++) {
    const time = `[${(line / 1000).toFixed(6).padStart(12)}] `;
    const kind = random(20);
    if (kind === 0) text.push(`${time}pci 0000:${random(256).toString(16).padStart(2, "0")}:00.0: Adding to iommu group ${random(64)}`);
    else if (kind === 1) text.push(`${time}DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr ${hex(random(0xffff_f000))} [fault reason 0x05] PTE Write access is not set`);
    else text.push(time + others[kind % others.length]);
  }
  return text.join("\n") + "\n";
}

/** A service's log that is of no concern to us, with some lines that speak of VFIO and say nothing. */
export function otherLog(lines: number): string {
  const random = seeded(13);
  const text: string[] = [];
  for (let line = 0; line < lines; line++) {
    const time = `2026-01-05T10:${String(Math.floor(line / 60) % 60).padStart(2, "0")}:${String(line % 60).padStart(2, "0")}.${String(random(1000)).padStart(3, "0")}Z`;
    const kind = random(20);
    if (kind === 0) text.push(`${time} the vfio device ${random(64)} is watched by worker ${random(100)}`);
    else if (kind < 8) text.push(`${time} INFO server.Requests - request ${random(1_000_000)} served in ${random(900)} ms`);
    else if (kind < 14) text.push(`${time} GET /index.html?id=${random(100_000)} 200 ${random(5000)} "curl/8.5.0"`);
    else text.push(`${time} WARN pool.Worker - queue ${random(16)} holds ${random(4000)} entries, ${hex(random(0xffff))} of them old`);
  }
  return text.join("\n") + "\n";
}
