/** Who is in which group: lspci -v, the usual listings of iommu groups, sysfs. Forms: formats.md section (i). */
import { deviceName, type Facts } from "./facts.ts";
import { hexNumber, smallNumber } from "./numbers.ts";
import { PCI_DEVICE } from "./gate.ts";
import { all, anyOf, needsOf, type Needs } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const BDF = "((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])";
const DEVICE = new RegExp(`^${BDF} (?:"?(?:[A-Z]|3D)[^:]*?)(?: \\[[0-9a-f]{4}\\])?: (.*)$`);
const GROUP_LINE = new RegExp(`^\\s*IOMMU Group (\\d+):?\\s+(?:\\[[^\\]]*\\]\\s*)?${BDF}\\b(.*)$`, "i");
const GROUP_HEAD = /^\s*IOMMU Group (\d+):?\s*$/i;
const GROUP_MEMBER = new RegExp(`^\\s+(?:\\[[^\\]]*\\]\\s*)?${BDF}\\b(.*)$`);
/** `ls -l` of the devices folder of every group: a heading, then links. */
const LISTED_HEAD = /^\/sys\/kernel\/iommu_groups\/(\d+)\/devices\/?:$/;
const LINK = new RegExp(`^l[rwx]{9}.* ${BDF} -> (?:\\.\\./)+devices/`);
const GROUP_DEVICES = /^group (\d+)(?: type (\S+))? devices:((?: [0-9a-f:.]+)*)\s*$/;
const GROUP_COLUMN = new RegExp(`^${BDF} .*\\bgroup (\\d+)\\b`);
const TYPE = /iommu_groups\/(\d+)\/type(?::(\S+)| <==)?$/;
const BRIDGE = /\b(?:PCI|Host|ISA) bridge\b|\[060[0-4]\]/;
const PASID = /PASIDCap: .*Max PASID Width: ([0-9a-f]+)/;

/** `virsh nodedev-dumpxml`: a device, its driver, and its group with all members. */
const NODE_NAME = /^\s*<name>pci_([0-9a-f]{4})_([0-9a-f]{2})_([0-9a-f]{2})_([0-7])<\/name>$/;
const NODE_DRIVER = /^\s*<name>([\w-]+)<\/name>$/;
const NODE_GROUP = /^\s*<iommuGroup number=['"](\d+)['"]>/;
const NODE_MEMBER = /^\s*<address domain=['"]0x([0-9a-f]{4})['"] bus=['"]0x([0-9a-f]{2})['"] slot=['"]0x([0-9a-f]{2})['"] function=['"]0x([0-7])['"]\s*\/>/;
const NODE_OTHER = /^\s*<\/?(?:device|path|parent|driver|capability|domain|bus|slot|function|product|vendor|class|iommuGroup|numa|pci-express|link|address)\b[^>]*>/;

const NODE_BEGIN = /^\s*<device>$/;
const NODE_END = /^\s*<\/device>/;
/** One that a guest's firmware has to place above 4 GiB; those without a letter are smaller than a page. `lspci -v` gives no number. */
const LARGE_BAR = /^\s+(?:Region \d+: )?Memory at \S+ \(64-bit, (?:non-)?prefetchable\).*\[size=(\d+[KMGT])\]/;

const BLOCK_GROUP = /^\s+IOMMU group: (\d+)$/;
const BLOCK_OTHER = /^\s+(?:Region \d: Memory at|Capabilities: \[|PASIDC)/;

const LISTINGS: Needs = {
  is: "any",
  of: [
    all(PCI_DEVICE, needsOf(DEVICE)),
    anyOf([GROUP_LINE, LINK, GROUP_COLUMN, GROUP_HEAD, LISTED_HEAD, GROUP_DEVICES, TYPE, NODE_NAME, NODE_DRIVER, NODE_GROUP, NODE_MEMBER, NODE_OTHER, NODE_BEGIN, NODE_END, BLOCK_GROUP, BLOCK_OTHER, PASID]),
  ],
};

class Pci implements Session {
  private readonly facts: Facts;
  private device: string | null = null;
  private group: number | null = null;
  /** Number of the last line under a heading of a group. Copied text loses the tabs before its devices. */
  private under = 0;
  /** The device of libvirt's XML that is being read, and its group. */
  private node: { device: string; group: number | null } | null = null;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  /** Under a device of lspci any indented line is a detail of it, under a group one of its devices. */
  get expecting(): boolean {
    return this.device !== null || this.group !== null;
  }

  take(line: string, number: number): Taken | null {
    const isUnder = this.group !== null && number === this.under + 1;
    const taken = this.takeLine(line, isUnder);
    if (taken && this.group !== null) this.under = number;
    return taken;
  }

  private takeLine(line: string, isUnder: boolean): Taken | null {
    const node = this.inNode(line);
    if (node) return node;
    const listed = GROUP_LINE.exec(line);
    if (listed) return this.member(smallNumber(listed[1]), listed[2] as string, listed[3]);
    const members = GROUP_DEVICES.exec(line);
    if (members) {
      for (const name of (members[3] as string).trim().split(/\s+/)) if (name !== "") this.facts.join(deviceName(name), smallNumber(members[1]));
      return USED;
    }
    const column = GROUP_COLUMN.exec(line);
    if (column) return this.member(smallNumber(column[2]), column[1] as string);
    const head = GROUP_HEAD.exec(line) ?? LISTED_HEAD.exec(line);
    if (head) {
      this.group = smallNumber(head[1]);
      this.device = null;
      return USED;
    }
    const member = this.group === null ? null : (GROUP_MEMBER.exec(line) ?? LINK.exec(line));
    if (member) return this.member(this.group as number, member[1] as string, member[2]);
    if (TYPE.test(line)) return ignored("the kind of default domain");
    const device = DEVICE.exec(line);
    if (device) {
      if (isUnder) {
        this.device = deviceName(device[1] as string);
        return this.member(this.group as number, this.device, line);
      }
      this.group = null;
      this.device = deviceName(device[1] as string);
      if (BRIDGE.test(line)) this.facts.device(this.device).bridge = true;
      return USED;
    }
    return this.inBlock(line);
  }

  private inNode(line: string): Taken | null {
    const name = NODE_NAME.exec(line);
    if (name) {
      this.node = { device: `${name[1]}:${name[2]}:${name[3]}.${name[4]}`, group: null };
      return USED;
    }
    const { node } = this;
    if (!node) return NODE_BEGIN.test(line) ? ignored("a detail of a PCI device") : null;
    if (NODE_END.test(line)) this.node = null;
    const group = NODE_GROUP.exec(line);
    if (group) {
      node.group = smallNumber(group[1]);
      return this.member(node.group, node.device);
    }
    const member = node.group === null ? null : NODE_MEMBER.exec(line);
    if (member) return this.member(node.group as number, `${member[1]}:${member[2]}:${member[3]}.${member[4]}`);
    const driver = NODE_DRIVER.exec(line);
    if (driver) {
      this.facts.device(node.device).driver = driver[1];
      return USED;
    }
    return NODE_OTHER.test(line) ? ignored("a detail of a PCI device") : null;
  }

  /** Lines under a device of lspci -v. */
  private inBlock(line: string): Taken | null {
    if (!/^\s+\S/.test(line)) return null;
    const group = BLOCK_GROUP.exec(line);
    if (group && this.device !== null) return this.member(smallNumber(group[1]), this.device);
    const window = /^\s+(?:Prefetchable m|M)emory behind bridge: ([0-9a-f]{8,16})-([0-9a-f]{8,16})\b/.exec(line);
    if (window && this.device !== null) {
      this.facts.bridgeWindows.push({ first: hexNumber(window[1]), last: hexNumber(window[2]), bridge: this.device });
      return USED;
    }
    const driver = /^\s+Kernel driver in use: (\S+)$/.exec(line);
    if (driver && this.device !== null) {
      this.facts.device(this.device).driver = driver[1];
      return USED;
    }
    const bar = LARGE_BAR.exec(line);
    if (bar && this.device !== null) {
      this.facts.bars.set(this.device, [...(this.facts.bars.get(this.device) ?? []), bar[1] as string]);
      return USED;
    }
    const pasid = PASID.exec(line);
    if (pasid && this.device !== null) {
      // lspci prints the width in hexadecimal: 14 means 20 bits.
      this.facts.device(this.device).pasidBits = parseInt(pasid[1] as string, 16);
      return USED;
    }
    if (this.device !== null || group || pasid || BLOCK_OTHER.test(line)) return ignored("a detail of a PCI device");
    return null;
  }

  private member(group: number, name: string, words = ""): Taken {
    this.facts.join(deviceName(name), group);
    if (BRIDGE.test(words)) this.facts.device(deviceName(name)).bridge = true;
    return USED;
  }
}

export const pciReader: Reader = {
  format: "PCI devices and groups",
  needs: [LISTINGS],
  open: (facts) => new Pci(facts),
};
