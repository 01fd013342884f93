/** The historic forms that people can choose, in words, and which of them mean something to a scenario. */
import type { MachineConfig, Variants } from "../../kernel/config.ts";
import { callNames } from "../../scenario/calls.ts";
import type { History } from "../history.ts";
import type { OtherForm } from "../../scenario/other-form.ts";
import type { FormView } from "../views.ts";

type Part = keyof OtherForm;

interface Form {
  /** Beside the name of its part: "v3 as posted". */
  name: string;
  /** By itself, in the head of the page. */
  chip: string;
  era: string;
  kind: FormView["kind"];
  about: string;
}

const IOASID: Record<Variants["ioasid"], Form> = {
  "v3-as-posted": { name: "v3 as posted", chip: "IOASID, v3 as posted (2019)", era: "May 2019", kind: "posted", about: "One table and a list of custom allocators. When the active one leaves, the list’s head is taken for the next." },
  "v3-retain": { name: "v3 with RETAIN", chip: "IOASID, v3 with ids retained", era: "May 2019, never code", kind: "proposal", about: "Ids outlive the allocator that issued them, if it and the next one both ask for it; otherwise they are freed by force." },
  "mainline-5.5": { name: "Linux 5.5", chip: "IOASID as merged in 5.5", era: "January 2020", kind: "merged", about: "Families of allocators with a table each; the default allocator is just another one." },
  "mainline-5.11": { name: "Linux 5.11", chip: "IOASID of 5.11", era: "February 2021", kind: "merged", about: "As in 5.5, and each id counts its references: get and put." },
  "mainline-6.1": { name: "Linux 6.1", chip: "IOASID of 6.1", era: "December 2022", kind: "merged", about: "As in 5.5 again: the references are gone." },
  "series-2020-v2": { name: "2020 series, v2", chip: "IOASID, 2020 series v2 as posted", era: "August 2020", kind: "posted", about: "Sets with a quota, references, free pending, notifiers. A second free drops a reference that belongs to somebody else." },
  "series-2020-v3": { name: "2020 series, v3", chip: "IOASID, 2020 series v3 as posted", era: "September 2020", kind: "posted", about: "A second free of an id is ignored; listeners are not told of frees." },
  "series-2021-v4": { name: "2021 series, v4", chip: "IOASID, 2021 series v4 as posted", era: "February 2021", kind: "posted", about: "An id begins idle, and a set goes with its last id." },
  "global-ida": { name: "One global IDA", chip: "IOASID, one global IDA", era: "Linux 6.4, June 2023", kind: "merged", about: "The allocator is gone; one IDA hands out global PASIDs." },
};

const VFIO: Record<Variants["vfio"], Form> = {
  merged: { name: "type1 as merged", chip: "type1 as merged", era: "Linux 5.4, November 2019", kind: "merged", about: "Works on a copy of the list of valid IOVAs and installs it when everything has succeeded." },
  "rfc-v2": { name: "type1, RFC v2", chip: "type1, RFC v2 as posted", era: "January 2018", kind: "posted", about: "Changes the list in place: an attach that fails half-way leaves it damaged." },
};

const IOMMUFD: Record<Variants["iommufd"], Form> = {
  merged: { name: "iommufd as merged", chip: "iommufd as merged", era: "Linux 6.7, January 2024", kind: "merged", about: "Paging and nested page tables are two object types, each with its functions in a constant table." },
  "hwpt-2023-v4": { name: "HWPT series, v4", chip: "iommufd, HWPT series v4 (2023) as posted", era: "2023", kind: "posted", about: "One object type for both; each object carries two function pointers, abort and destroy." },
};

const MM: Record<Variants["mm"], Form> = {
  E1: { name: "E1 as posted", chip: "mm PASID, kept from first bind", era: "March 2020", kind: "posted", about: "The first bind allocates; the number is freed when the mm’s context is destroyed." },
  E2: { name: "E2, Linux 5.10", chip: "mm PASID, reference counted", era: "December 2020", kind: "merged", about: "Freed at the last unbind; all threads’ MSRs are written by interrupt." },
  E4: { name: "E4, Linux 5.18-rc", chip: "mm PASID, freed with the mm", era: "April 2022", kind: "merged", about: "Freed with the address space, before the process’s files are closed." },
  "E4-fixed": { name: "E4 fixed, Linux 5.18", chip: "mm PASID, freed with the mm (fixed)", era: "May 2022", kind: "merged", about: "Freed with the last reference on the mm; an MSR is loaded when a thread first needs it." },
  E7: { name: "E7, Linux 6.8", chip: "mm PASID in mm->iommu_mm", era: "March 2024", kind: "merged", about: "As before; the mm keeps the number and its page tables in one structure." },
};

const CONTAINER: Record<"type1" | "iommufd", Form> = {
  type1: { name: "VFIO type1", chip: "answered by type1", era: "since Linux 3.6", kind: "merged", about: "VFIO’s own backend: a group’s regions count from the moment it joins." },
  iommufd: { name: "iommufd in VFIO’s place", chip: "answered by iommufd", era: "Linux 6.2, February 2023", kind: "merged", about: "The same calls answered by iommufd’s compatibility layer: a device’s regions count from the moment it is opened." },
};

const TABLES: { readonly [Name in Part]-?: Readonly<Record<string, Form>> } = { ioasid: IOASID, vfio: VFIO, iommufd: IOMMUFD, mm: MM, container: CONTAINER };
const TITLES: Record<Part, string> = { ioasid: "IOASID allocator", vfio: "VFIO type1", iommufd: "iommufd page tables", mm: "PASID of a process", container: "Who answers VFIO’s container calls" };

function formOf(part: Part, value: string): Form {
  return TABLES[part][value] as Form;
}

/** What a part's form is called in the head of the page. */
export function chipOf(part: keyof Variants, value: string): string {
  return formOf(part, value).chip;
}

/** "Linux 5.5", of several parts "Linux 5.5 + E2, Linux 5.10". */
export function nameOfForm(form: OtherForm): string {
  return (Object.keys(form) as Part[]).map((part) => formOf(part, form[part] as string).name).join(" + ");
}

/** The form that a machine has in the parts in which another form differs. */
export function ownForm(config: MachineConfig, other: OtherForm): OtherForm {
  const own: Required<OtherForm> = { ...config.variants, container: config.container };
  return Object.fromEntries((Object.keys(other) as Part[]).map((part) => [part, own[part]]));
}

const CONTAINER_CALL = /^VFIO_(?:SET_IOMMU|IOMMU_|CHECK_EXTENSION|GET_API_VERSION)/;

/** The parts of the kernel that a scenario's calls reach. */
function partsUsed(history: History): Part[] {
  const { scenario, config } = history;
  const first = history.at(0);
  const names = callNames(scenario.calls);
  const subsystems = new Set([...names].map((name) => first.defOf(name)?.subsystem));
  const throughContainer = [...names].some((name) => CONTAINER_CALL.test(name));
  const onType1 = throughContainer ? config.container === "type1" : subsystems.has("vfio");
  const used: [Part, boolean][] = [
    ["ioasid", subsystems.has("ioasid")], ["mm", subsystems.has("mm")], ["vfio", onType1],
    ["container", throughContainer], ["iommufd", [...names].some((name) => name.startsWith("IOMMU_HWPT"))],
  ];
  return used.filter(([, is]) => is).map(([part]) => part);
}

/** All forms of the parts that a scenario uses, its own among them. */
export function formsFor(history: History): FormView[] {
  const own: Required<OtherForm> = { ...history.config.variants, container: history.config.container };
  return partsUsed(history).flatMap((part) => Object.entries(TABLES[part]).map(([value, form]): FormView => ({
    target: { [part]: value }, part: TITLES[part], name: form.name, era: form.era, kind: form.kind, about: form.about, current: own[part] === value,
  })));
}
