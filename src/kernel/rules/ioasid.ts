import { defineRules } from "./rule.ts";

/** The checks of all forms of the IOASID allocator. Where a function returns INVALID_IOASID or nothing, the errno only says what kind of refusal it is. */
export const ioasidRules = defineRules({
  // Ids
  "id-range-not-empty": {
    errno: "EINVAL", fn: "ioasid_alloc", holds: "min is not above max",
    meaning: "The range asked for is empty: its lowest id lies above its highest.", advice: "Swap min and max; both ends are inclusive.",
  },
  "id-range-has-room": {
    errno: "ENOSPC", fn: "ioasid_alloc", holds: "an id in [min, max] is free",
    meaning: "Every id in the range asked for is taken.", advice: "Free an id of the range or ask for a wider one.",
  },
  "id-is-not-invalid": {
    errno: "EINVAL", fn: "ioasid_alloc", holds: "the id is not the value that means failure",
    meaning: "The id is 0xffffffff, the very value that means \"no id\".", advice: "Keep max below 0xffffffff.",
  },
  "id-is-not-negative": {
    errno: "EINVAL", fn: "ioasid_alloc", holds: "the id, taken as a signed number, is not negative",
    meaning: "The id has its top bit set; the posted code keeps it in a signed number and takes it for a failure.", advice: "Keep ids below 0x80000000.",
  },
  "host-has-id": {
    errno: "ENOSPC", fn: "ioasid_alloc", holds: "the host gives the custom allocator an id",
    meaning: "The active custom allocator got no id from the host; other allocators are not asked.", advice: "Free an id that this host pool gave, or unregister the allocator.",
  },
  "host-id-is-new": {
    errno: "EBUSY", fn: "ioasid_alloc", holds: "the host's id is not in the table yet",
    meaning: "The host gave an id that is in use already, so it can't be stored.", advice: "The host's allocator is broken: it must not give out an id twice.",
  },
  "ioasid-known": {
    errno: "ENOENT", fn: "ioasid_find", holds: "the active table has the id",
    meaning: "The active allocator's table has no such id; ids of an allocator that has gone are not found either.", advice: "Use an id that the active allocator has handed out.",
  },
  "ioasid-in-set": {
    errno: "EACCES", fn: "ioasid_find", holds: "the id belongs to the set the caller names",
    meaning: "The id belongs to another set.", advice: "Name the set that allocated the id, or none.",
  },
  "getter-willing": {
    errno: "ENOENT", fn: "ioasid_find", holds: "the caller's getter can take a reference on the private data",
    meaning: "The getter says that the private data is on its way out, so the look-up gives nothing.", advice: "",
  },
  "no-data-attached": {
    errno: "EBUSY", fn: "ioasid_attach_data", holds: "the id has no private data yet",
    meaning: "Private data is attached to this id already.", advice: "Detach the old data first.",
  },
  "not-free-pending": {
    errno: "EBUSY", fn: "ioasid_get_locked", holds: "the id is not waiting to be freed",
    meaning: "The id has been freed and only waits for its last references; no new one is given.", advice: "Drop the references that remain, then allocate a new id.",
  },
  "freed-by-its-set": {
    errno: "EACCES", fn: "ioasid_free_locked", holds: "the very set that owns the id frees it",
    meaning: "An id may only be freed by the set it belongs to; naming no set does not help.", advice: "Name the set that allocated the id.",
  },
  // Allocators
  "default-is-empty": {
    errno: "EAGAIN", fn: "ioasid_register_allocator", holds: "the default allocator holds no id",
    meaning: "The default allocator still has ids out; default and custom ids must not mix.", advice: "Free all default ids first, then register.",
  },
  "allocator-is-new": {
    errno: "EEXIST", fn: "ioasid_register_allocator", holds: "the allocator is not registered yet",
    meaning: "This very allocator is registered already, or is the first registrant whose name its family still carries.", advice: "Register each allocator once; one that left its family can't come back while the family lives.",
  },
  "allocator-is-registered": {
    errno: "ENOENT", fn: "ioasid_unregister_allocator", holds: "an allocator with these functions is registered",
    meaning: "No such allocator is registered, so there is nothing to take away.", advice: "",
  },
  // Sets
  "set-is-live": {
    errno: "EINVAL", fn: "ioasid_alloc", holds: "the set is the one the table of sets has under its number",
    meaning: "The set is gone, or never came to be.", advice: "Make a new set.",
  },
  "quota-has-room": {
    errno: "ENOSPC", fn: "ioasid_alloc", holds: "the set uses less than its quota",
    meaning: "The set's quota is used up.", advice: "Free an id of the set; ids that wait for their last reference count too.",
  },
  "set-type-known": {
    errno: "EINVAL", fn: "ioasid_set_alloc", holds: "the type of set exists",
    meaning: "There is no such type of set.", advice: "Type 1 is a set without a token, type 2 a set of an mm.",
  },
  "set-type-usable": {
    errno: "EINVAL", fn: "ioasid_set_alloc", holds: "the set has a type",
    meaning: "Type 0 is no type of set.", advice: "Type 1 is a set without a token, type 2 a set of an mm.",
  },
  "quota-positive": {
    errno: "EINVAL", fn: "ioasid_set_alloc", holds: "the quota is above zero",
    meaning: "A set without any quota is of no use.", advice: "Give a quota of at least 1.",
  },
  "capacity-left": {
    errno: "ENOSPC", fn: "ioasid_set_alloc", holds: "the ids wanted are left of the capacity",
    meaning: "More ids are wanted than no set has a claim on.", advice: "Ask for at most what is left.",
  },
  "mm-set-has-mm": {
    errno: "EINVAL", fn: "ioasid_set_alloc", holds: "a set of an mm names one",
    meaning: "A set of an mm was asked for without naming an mm.", advice: "Give the mm as token.",
  },
  "mm-has-no-set": {
    errno: "EEXIST", fn: "ioasid_set_alloc", holds: "the mm has no set yet",
    meaning: "An mm has one set at most, and this one has it already.", advice: "Use the set that is there.",
  },
  "null-set-has-no-token": {
    errno: "EINVAL", fn: "ioasid_set_alloc", holds: "a set without a token is given none",
    meaning: "This type of set takes no token.", advice: "Leave the token out, or make it a set of an mm (type 2).",
  },
  "set-number-free": {
    errno: "ENOSPC", fn: "ioasid_set_alloc", holds: "a number for the set is free",
    meaning: "No set number is free in the range the code allows, which depends on the capacity left.", advice: "Let another set go first, or install a larger capacity.",
  },
  "quota-covers-use": {
    errno: "EINVAL", fn: "ioasid_adjust_set", holds: "the new quota is not below what the set uses",
    meaning: "The set uses more ids than the new quota allows.", advice: "Free ids of the set first.",
  },
  "quota-below-capacity-left": {
    errno: "ENOSPC", fn: "ioasid_adjust_set", holds: "the whole new quota is below what is left of the capacity",
    meaning: "The new quota is compared with the capacity left, although only its growth would be taken from there.", advice: "Ask for less than what is left, though more would fit.",
  },
  "set-has-ids": {
    errno: "ENOENT", fn: "ioasid_set_for_each_ioasid", holds: "the set has ids",
    meaning: "The set has no ids to visit.", advice: "",
  },
  "set-has-no-ids": {
    errno: "EBUSY", fn: "ioasid_set_free", holds: "the set has no ids any more",
    meaning: "The set still has ids.", advice: "Free its ids; the set then goes by itself with the last one.",
  },
  "set-is-of-an-mm": {
    errno: "EINVAL", fn: "ioasid_get_if_owned", holds: "the id's set is of an mm",
    meaning: "The id's set belongs to no mm, so nobody can own it in this sense.", advice: "",
  },
  "set-is-of-caller": {
    errno: "EPERM", fn: "ioasid_get_if_owned", holds: "the id's set is of the caller's mm",
    meaning: "The id's set belongs to another process.", advice: "",
  },
  "capacity-not-installed": {
    errno: "EBUSY", fn: "ioasid_install_capacity", holds: "no capacity has been installed yet",
    meaning: "The capacity is set once; later wishes are ignored.", advice: "",
  },
  "capacity-not-exceeded": {
    errno: "EINVAL", fn: "ioasid_cancel_capacity", holds: "no more is given back than had been taken",
    meaning: "More would be free than there is altogether.", advice: "Give back at most what was reserved.",
  },
  // Numbers inside a set
  "spid-is-a-number": {
    errno: "EINVAL", fn: "ioasid_attach_spid", holds: "the SPID is not the value that means none",
    meaning: "The value given as number inside the set is the one that means \"none\".", advice: "",
  },
  "spid-unused-in-set": {
    errno: "EINVAL", fn: "ioasid_attach_spid", holds: "no id of the set has this SPID",
    meaning: "The number is taken inside this set.", advice: "Detach it from the id that has it.",
  },
  "spid-is-attached": {
    errno: "ENOENT", fn: "ioasid_detach_spid", holds: "the id has a number inside its set",
    meaning: "The id has no number inside its set that could be taken away.", advice: "",
  },
  "spid-in-set": {
    errno: "ENOENT", fn: "ioasid_find_by_spid", holds: "an id of the set has this SPID",
    meaning: "No id of the set has this number.", advice: "",
  },
  // Notifiers
  "notifier-mm-given": {
    errno: "EINVAL", fn: "ioasid_register_notifier_mm", holds: "an mm is named",
    meaning: "No mm was named.", advice: "",
  },
  "notifier-is-new": {
    errno: "EBUSY", fn: "ioasid_register_notifier_mm", holds: "the block is not registered for this mm",
    meaning: "This notifier block is registered for this mm already.", advice: "",
  },
  "notified-set-is-empty": {
    errno: "EBUSY", fn: "ioasid_register_notifier_mm", holds: "the mm's set has no ids yet",
    meaning: "The set has ids already, whose events would have been missed.", advice: "Register before the first allocation.",
  },
  "notifier-not-of-mm": {
    errno: "EBUSY", fn: "ioasid_unregister_notifier", holds: "the block was not registered for an mm",
    meaning: "The block was registered for an mm and stays.", advice: "Unregister it for the mm.",
  },
  // Forms
  "device-has-pasids": {
    errno: "EINVAL", fn: "iommu_alloc_global_pasid", holds: "the device has PASIDs",
    meaning: "The device takes no PASIDs at all.", advice: "",
  },
  "call-in-this-form": {
    errno: "EOPNOTSUPP", fn: "(not there)", holds: "this form of the allocator has the function",
    meaning: "This historic form of the allocator has no such function.", advice: "Choose another variant, or the call that does the same here.",
  },
  "ioasid-still-exists": {
    errno: "EOPNOTSUPP", fn: "(not there)", holds: "the kernel still has the IOASID allocator",
    meaning: "Since 6.4 the IOASID allocator is gone: no custom allocators, no sets, no look-up; an IDA gives global PASIDs.", advice: "Use iommu_alloc_global_pasid and iommu_free_global_pasid.",
  },
  "kernel-still-runs": {
    errno: "EIO", fn: "(stopped)", holds: "the kernel still runs",
    meaning: "The kernel stopped at an earlier call; nothing answers any more.", advice: "Go back to a step before the fault.",
  },
  // Where the real code can't go on
  "active-is-an-allocator": {
    errno: "EFAULT", fn: "ioasid_alloc", holds: "the active allocator is an allocator",
    meaning: "The list's own head was taken for the next allocator; calling it jumps to whatever lies in front of it.", advice: "As posted, the active allocator must be the last one to leave.",
  },
  "unlinked-was-linked": {
    errno: "EFAULT", fn: "ioasid_unregister_allocator", holds: "the allocator that is unlinked is on the list",
    meaning: "The posted code unlinks an allocator without asking whether it is linked.", advice: "Unregister only what is registered, and once.",
  },
  "no-ids-left-behind": {
    errno: "EBUSY", fn: "ioasid_unregister_allocator", holds: "no id is out when the last custom allocator goes",
    meaning: "Ids were out when the last custom allocator left; the posted code stops the whole machine.", advice: "Free all ids first.",
  },
  "member-list-ends": {
    errno: "EFAULT", fn: "ioasid_unregister_allocator", holds: "a walk through the family's members comes back to its head",
    meaning: "The family's member list is damaged: an earlier registration relinked a member.", advice: "Never register an allocator that is a member already.",
  },
  "pending-entry-exists": {
    errno: "EFAULT", fn: "ioasid_register_notifier_mm", holds: "there is an entry to write to",
    meaning: "Without a set for the mm, the posted code writes through the cursor of a loop that found nothing.", advice: "Make the set first.",
  },
  "lock-not-held-already": {
    errno: "EDEADLOCK", fn: "ioasid_register_notifier", holds: "the lock is not held by this very CPU",
    meaning: "The function takes a lock that its caller holds, so this CPU waits for itself.", advice: "",
  },
  "locks-in-order": {
    errno: "EDEADLOCK", fn: "ioasid_set_put", holds: "all CPUs take the two locks in one order",
    meaning: "Two CPUs hold one lock each and wait for the other's.", advice: "",
  },
  // Two CPUs
  "cpu-is-idle": {
    errno: "EBUSY", fn: "(the model)", holds: "the CPU is not inside another call",
    meaning: "This CPU is in the middle of another call.", advice: "Finish it with lane_step or lane_finish.",
  },
  "cpu-has-call": {
    errno: "ENOENT", fn: "(the model)", holds: "the CPU is inside a call",
    meaning: "This CPU is not inside any call.", advice: "Put a call on it with lane_start.",
  },
  "lock-is-free": {
    errno: "EBUSY", fn: "(the model)", holds: "nobody else holds the lock",
    meaning: "Another CPU holds the lock that is needed next, so this one would spin.", advice: "Step the CPU that holds it.",
  },
});
