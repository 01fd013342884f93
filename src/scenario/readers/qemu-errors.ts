/**
 * What QEMU (and libvirt, which quotes it) says when VFIO or iommufd refuses something. The message may stand anywhere in
 * the line. Forms of QEMU 5 to 11: formats.md section (b), "Errors".
 */
import type { Errno } from "../../kernel/errno.ts";
import type { Facts, Failure } from "./facts.ts";
import { errnoOfNumber, errnoOfText, hexNumber, smallNumber } from "./numbers.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

/** People take the pointers out; what matters are the two numbers between them. */
const DMA = /(vfio_(?:legacy_)?(?:container_)?dma_(map|unmap))\((?:[^,()]{1,40}|\(nil\)), (0x[0-9a-f]{1,16}), (0x[0-9a-f]{1,16})(?:, (?:(0x[0-9a-f]{1,16})|\(nil\)|[^,()]{1,40}))?\) = -(\d+)/;
const DEVICE = /\bvfio ([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|[0-9a-f-]{36}): /;
const HOST = /\bhost=([0-9a-f]{4}:)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/;
const GROUP = /\bgroup (?:ID )?(\d+)\b/;
const REGION = /Region ([^:]+): vfio/;

function whose(line: string): { device?: string; group?: number } {
  const host = HOST.exec(line);
  const device = DEVICE.exec(line)?.[1] ?? (host ? (host[1] ?? "0000:") + (host[2] as string) : undefined);
  const group = GROUP.exec(line)?.[1];
  return { ...(device !== undefined && { device }), ...(group !== undefined && { group: Number(group) }) };
}

function mapFailure(line: string, match: RegExpExecArray): Failure {
  const region = REGION.exec(line)?.[1];
  return {
    kind: "map", op: match[2] as "map" | "unmap", iova: hexNumber(match[3]), size: hexNumber(match[4]),
    va: match[5] === undefined ? null : hexNumber(match[5]), errno: errnoOfNumber(match[6]),
    ...(region !== undefined && { region }), ...whose(line), ...(/iommufd=/.test(line) && { iommufd: true }),
  };
}

const OTHER_DEVICE = /\bid\b"?[:=] ?"?(?:ua-)?hostdev\w*[1-9]"?/;

/** Each message, and what it says. The first that is found in a line counts. */
const MESSAGES: readonly [RegExp, (match: RegExpExecArray, line: string) => Failure | string][] = [
  [DMA, (match, line) => mapFailure(line, match)],
  [/VFIO_MAP_DMA(?: failed)?: (?:-(\d+)|(.+))/, (match) => ({ kind: "map-errno", errno: match[1] !== undefined ? errnoOfNumber(match[1]) : errnoOfText(match[2]) })],
  [/IOMMU_IOAS_MAP failed: Bad address/, () => ({ kind: "bar-efault" })],
  [/IOMMU_IOAS_MAP failed: (.+)/, (match) => ({ kind: "map-errno", errno: errnoOfText(match[1]) })],
  [/group (\d+) is not viable/, (match, line) => ({ kind: "not-viable", ...whose(line), group: smallNumber(match[1]) })],
  [/Failed to set group container: (.+)/, (match, line) => ({ kind: "set-container", errno: errnoOfText(match[1]), ...whose(line) })],
  [/[Ff]ailed to set (?:iommu|IOMMU) for container: (.+)/, (match, line) => ({ kind: "set-iommu", errno: errnoOfText(match[1]), ...whose(line) })],
  [/Could not open '\/dev\/vfio\/(\d+)': (.+)|failed to open \/dev\/vfio\/(\d+): (.+)/, (match, line) => ({
    kind: "open-group", ...whose(line), group: smallNumber(match[1] ?? match[3]), errno: errnoOfText(match[2] ?? match[4]),
  })],
  [/error bind device fd=\d+ to iommufd=\d+: (.+)/, (match, line) => ({ kind: "bind", errno: errnoOfText(match[1]), ...whose(line) })],
  [/error attach (\S+) \(\d+\)(?: pasid \d+)? to id=(\d+): (.+)/, (match) => ({
    kind: "attach", device: match[1] as string, ptId: smallNumber(match[2]), errno: errnoOfText(match[3]),
  })],
  [/aw-bits (\d+) > host aw-bits (\d+)/, (match, line) => ({ kind: "width", guest: smallNumber(match[1]), host: smallNumber(match[2]), ...whose(line) })],
  [/group (\d+) used in multiple address spaces/, (match, line) => ({ kind: "two-address-spaces", ...whose(line), group: smallNumber(match[1]) })],
  [/running out of DMA mappings|No available DMA mappings/, () => ({ kind: "map-errno", errno: "ENOSPC" as Errno })],
  [/Please ensure all devices within the iommu_group/, () => "the second half of the message before"],
  [/PCI peer-to-peer transactions on BARs are not supported/, () => "what follows from the BAR that could not be mapped"],
  [/failed to setup container for group|memory listener initialization failed|error attaching to|vfio error: |vfio: error/, () => "what follows from another message"],
  [/KVM VFIO device isn't created yet|terminating on signal|KVM_SET_USER_MEMORY_REGION failed|dma-buf not supported|no available reset mechanism/, () => "says nothing about addresses"],
];

class QemuErrors implements Session {
  private readonly facts: Facts;
  private readonly input: string;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    for (const [pattern, read] of MESSAGES) {
      const match = pattern.exec(line);
      if (!match) continue;
      const failure = read(match, line);
      if (typeof failure === "string") return ignored(failure);
      failure.at = { file: this.input, line: number };
      this.remember(failure, line);
      return USED;
    }
    return null;
  }

  private remember(failure: Failure, line: string): void {
    // libvirt counts the devices it gives away from 0, KubeVirt too.
    if (OTHER_DEVICE.test(line)) this.facts.severalDevices = true;
    if (failure.kind === "width") this.facts.hostBits = failure.host;
    if (failure.kind === "set-iommu" && failure.errno === "EPERM") this.facts.interruptRemapping = false;
    if ("device" in failure && failure.device !== undefined && "group" in failure && failure.group !== undefined) this.facts.join(failure.device, failure.group);
    this.facts.failures.push(failure);
  }
}

export const qemuErrorsReader: Reader = {
  format: "QEMU messages",
  needs: [anyOf(MESSAGES.map(([pattern]) => pattern))],
  open: (facts, input) => new QemuErrors(facts, input),
};
