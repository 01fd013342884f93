/** QEMU command lines (typed, from `ps`, from libvirt's log) and libvirt domain XML: how the guest's memory is laid out. */
import type { Facts } from "./facts.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const PROGRAM = /(?:^|[\s/])(?:qemu-system-\w+|qemu-kvm|kvm|cloud-hypervisor)\s+(?:\\$|--?[a-zA-Z])/;
const OPTION = /^\s*--?[a-zA-Z][\w-]*(?:[ =].*)?\\?$/;
const ENVIRONMENT = /^(?:[A-Z_]+=\S* )*[A-Z_]+=\S* ?\\$/;
const DOMAIN = /^\s*<domain\s[^>]*\btype=/;
/** Elements that people quote out of a domain. */
const PIECE = /^\s*<(?:memory unit=|maxMemory |memtune>|hard_limit |iommu model=|hostdev mode=|maxphysaddr |cpu mode=)/;
const OTHER_XML = /^\s*<(?:device|network|domain)\b/;
const TAG = /^\s*<[/!?a-zA-Z]/;
/** libvirt's log puts the program on a line of its own. */
const ALONE = /^\S*\/(?:qemu-system-\w+|qemu-kvm|kvm) \\$/;
/** Longer than any real one. */
const MOST = 256 * 1024;

class CommandLine implements Session {
  private readonly facts: Facts;
  private inside: "options" | "xml" | null = null;
  /** Place in the facts of the pieces of a domain, which are one domain's. */
  private pieces: number | null = null;

  constructor(facts: Facts) {
    this.facts = facts;
  }

  get expecting(): boolean {
    return this.inside !== null;
  }

  take(line: string): Taken | null {
    if (this.inside === "xml") {
      if (/<\/domain>/.test(line)) {
        this.append(line);
        this.inside = null;
        return USED;
      }
      if (TAG.test(line) && !OTHER_XML.test(line)) return this.append(line);
      this.inside = null;
      if (!OTHER_XML.test(line)) return null;
    }
    if (PIECE.test(line)) {
      this.inside = "xml";
      this.pieces ??= this.facts.commands.push("<domain type='kvm'>") - 1;
      return this.append(line, this.pieces);
    }
    if (DOMAIN.test(line)) {
      this.inside = /<\/domain>/.test(line) ? null : "xml";
      this.pieces = null;
      this.facts.commands.push(line.slice(0, MOST));
      return USED;
    }
    if (this.inside === "options" && OPTION.test(line)) {
      this.append(line);
      if (!line.endsWith("\\")) this.inside = null;
      return USED;
    }
    if (PROGRAM.test(line)) {
      this.inside = line.endsWith("\\") ? "options" : null;
      this.facts.commands.push(line.slice(0, MOST));
      return USED;
    }
    if (ENVIRONMENT.test(line)) return ignored("a command's environment");
    if (ALONE.test(line)) {
      this.inside = "options";
      this.facts.commands.push(line);
      return USED;
    }
    return null;
  }

  private append(line: string, last = this.inside === "xml" && this.pieces !== null ? this.pieces : this.facts.commands.length - 1): Taken {
    const before = this.facts.commands[last] ?? "";
    if (before.length + line.length < MOST) this.facts.commands[last] = `${before}\n${line}`;
    return USED;
  }
}

export const commandLineReader: Reader = {
  format: "VMM command line",
  needs: [anyOf([DOMAIN, PIECE, PROGRAM, ENVIRONMENT, ALONE])],
  open: (facts) => new CommandLine(facts),
};
