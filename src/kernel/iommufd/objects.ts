/** The objects of an iommufd context: plain data. What happens to them is in the files named after them. */
import type { U64 } from "../../base/u64.ts";
import type { Json } from "../../base/json.ts";
import type { Copy, SelfCloning } from "../clone.ts";
import type { HostDevice, PlatformKind } from "../config.ts";
import type { Context } from "./context.ts";
import type { IoPagetable } from "./io-pagetable.ts";
import type { Pages, PinnedSpan } from "./pages.ts";

/** `users` is the kernel's long-term reference count: 1 is the table's own, so 1 means "may be destroyed". */
class Base {
  readonly context: Context;
  readonly id: number;
  users = 1;

  constructor(context: Context, id: number) {
    this.context = context;
    this.id = id;
  }
}

export class Ioas extends Base implements SelfCloning {
  readonly type = "IOAS";
  readonly table: IoPagetable;
  /** Its paging HWPTs in the order of their creation. */
  readonly hwpts: HwptPaging[] = [];

  constructor(context: Context, id: number, table: IoPagetable) {
    super(context, id);
    this.table = table;
  }

  /** Nobody else refers to its table, and there may be tens of thousands of them. */
  cloneSelf(copy: Copy, register: (twin: Ioas) => void): Ioas {
    const table = this.table.emptyTwin(copy);
    const twin: { -readonly [Key in keyof Ioas]: Ioas[Key] } = new Ioas(this.context, this.id, table);
    register(twin);
    twin.context = copy(this.context);
    twin.users = this.users;
    this.table.copyUsers(table, copy);
    for (const hwpt of this.hwpts) twin.hwpts.push(copy(hwpt));
    return twin;
  }
}

/** The driver behind a device or a page table; the kernel's own mock driver or the platform's. */
export type DriverName = "mock" | PlatformKind;

/** The hardware page table of a paging HWPT. */
export interface Domain {
  readonly driver: DriverName;
  /** Aperture, inclusive. */
  readonly first: U64;
  readonly last: U64;
  readonly pageSizes: U64;
  /** Created for dirty tracking. */
  readonly dirtyOps: boolean;
  tracking: boolean;
  /** Dirty IO pages of the mock driver, as iova / 2048. */
  readonly dirty: Set<number>;
}

export class HwptPaging extends Base {
  readonly type = "HWPT_PAGING";
  readonly ioas: Ioas;
  readonly nestParent: boolean;
  auto = false;
  domain: Domain | null = null;
  enforceCoherency = false;
  /** On ioas.hwpts, its domain in the IOAS's table. */
  linked = false;
  /** Start of the software MSI window that it serves; null: none. */
  msiCookie: U64 | null = null;
  readonly fault = null;

  constructor(context: Context, id: number, ioas: Ioas, nestParent: boolean) {
    super(context, id);
    this.ioas = ioas;
    this.nestParent = nestParent;
  }
}

/** A guest's own table. `iotlb` are the mock driver's four entries; `data` is what the guest described, as given. */
export interface NestedDomain {
  readonly driver: DriverName;
  readonly dataType: number;
  readonly data: Json;
  readonly iotlb: number[];
}

export class HwptNested extends Base {
  readonly type = "HWPT_NESTED";
  readonly parent: HwptPaging;
  domain: NestedDomain | null = null;
  fault: Fault | null = null;

  constructor(context: Context, id: number, parent: HwptPaging) {
    super(context, id);
    this.parent = parent;
  }
}

export type Hwpt = HwptPaging | HwptNested;

/** An iommu group as one context sees it: its devices share one page table. */
export class IGroup {
  readonly number: number;
  hwpt: Hwpt | null = null;
  /** Devices that are attached, in the order of attaching. */
  readonly attached: Device[] = [];
  swMsiStart: U64 | null = null;
  /** Devices that are bound. */
  bound = 0;

  constructor(number: number) {
    this.number = number;
  }
}

export class Device extends Base {
  readonly type = "DEVICE";
  /** For people and keys: "0000:00:05.0", "mock 3". */
  readonly name: string;
  readonly group: IGroup;
  readonly host: HostDevice | null;
  /** Flags of a mock device: 1 no dirty tracking, 2 has 1 MiB IO pages. Null: a real device. */
  readonly mockFlags: number | null;
  enforceCoherency = false;

  constructor(context: Context, id: number, name: string, group: IGroup, host: HostDevice | null, mockFlags: number | null) {
    super(context, id);
    this.name = name;
    this.group = group;
    this.host = host;
    this.mockFlags = mockFlags;
  }
}

/** Pages that one ACCESS_PAGES call pinned. */
export interface AccessItem {
  readonly id: number;
  readonly iova: U64;
  /** Inclusive. */
  readonly last: U64;
  readonly spans: { pages: Pages; span: PinnedSpan }[];
}

export class Access extends Base {
  readonly type = "ACCESS";
  readonly pins: boolean;
  ioas: Ioas | null = null;
  readonly items = new Map<number, AccessItem>();
  nextItem = 0;

  constructor(context: Context, id: number, pins: boolean) {
    super(context, id);
    this.pins = pins;
  }
}

/** One page request, waiting to be read or, with a cookie, to be answered. */
export interface PageRequest {
  readonly group: IGroup;
  readonly flags: number;
  readonly dev_id: number;
  readonly pasid: number;
  readonly grpid: number;
  readonly perm: number;
  readonly addr: U64;
}

export class Fault extends Base {
  readonly type = "FAULT";
  open = true;
  readonly deliver: PageRequest[] = [];
  readonly response = new Map<number, PageRequest>();
  /** A response with cookie 0 has marked index 0 of the kernel's table as free: a quirk that stays. */
  zeroIsFree = false;
}

export class Selftest extends Base {
  readonly type = "SELFTEST";
  device: Device | null = null;
}

export type IommufdObject = Ioas | HwptPaging | HwptNested | Device | Access | Fault | Selftest;
export type ObjectType = IommufdObject["type"];
