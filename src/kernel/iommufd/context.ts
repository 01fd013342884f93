/** One open of /dev/iommu: its object table, its groups, and its modes. */
import type { AccountMode } from "../memory/accounting.ts";
import { IGroup, type Ioas, type IommufdObject, type ObjectType } from "./objects.ts";
import { PagesTable } from "./pages.ts";

type OfType<Type extends ObjectType> = Extract<IommufdObject, { type: Type }>;

export class Context {
  /** The fd it was opened as; part of the keys of its objects. */
  fd = 0;
  /** Names it among the contexts alive: the fd, with a letter if an older context of that fd still lives. */
  key = "";
  /** Counts the opens of the machine; names the context as owner of groups. */
  readonly serial: number;
  /** Null: the id is taken, but its object is not visible yet. */
  readonly objects = new Map<number, IommufdObject | null>();
  readonly groups = new Map<number, IGroup>();
  readonly pages = new PagesTable();
  accountMode: Exclude<AccountMode, "none"> = "user";
  vfioIoas: Ioas | null = null;
  /** Open files that keep it alive: the iommufd itself, accesses, fault queues, bound VFIO devices. */
  files = 0;
  private lowestFree = 1;

  constructor(serial: number) {
    this.serial = serial;
  }

  named(fd: number, key: string): void {
    this.fd = fd;
    this.key = key;
  }

  /** Takes the lowest free id, from 1. Nobody can see it before `publish`. */
  reserveId(): number {
    let id = this.lowestFree;
    while (this.objects.has(id)) id++;
    this.objects.set(id, null);
    this.lowestFree = id + 1;
    return id;
  }

  publish(object: IommufdObject): void {
    this.objects.set(object.id, object);
  }

  forget(id: number): void {
    this.objects.delete(id);
    if (id < this.lowestFree) this.lowestFree = id;
  }

  get(id: number): IommufdObject | null {
    return this.objects.get(id) ?? null;
  }

  find<Type extends ObjectType>(type: Type, id: number): OfType<Type> | null {
    const object = this.objects.get(id);
    return object && object.type === type ? (object as OfType<Type>) : null;
  }

  /** All visible objects in the order of their ids. */
  all(): IommufdObject[] {
    return this.sorted(() => true);
  }

  of<Type extends ObjectType>(type: Type): OfType<Type>[] {
    return this.sorted((object) => object.type === type) as OfType<Type>[];
  }

  private sorted(wanted: (object: IommufdObject) => boolean): IommufdObject[] {
    const found: IommufdObject[] = [];
    let ascending = true;
    for (const object of this.objects.values()) {
      if (object === null || !wanted(object)) continue;
      if (found.length > 0 && object.id < (found.at(-1) as IommufdObject).id) ascending = false;
      found.push(object);
    }
    return ascending ? found : found.sort((one, other) => one.id - other.id);
  }

  group(number: number): IGroup {
    let group = this.groups.get(number);
    if (!group) {
      group = new IGroup(number);
      this.groups.set(number, group);
    }
    return group;
  }
}
