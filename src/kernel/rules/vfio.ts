import { defineRules } from "./rule.ts";

/** The checks of VFIO groups, containers and the type1 IOMMU backend, in the order of a container's life. */
export const vfioRules = defineRules({
  // Groups and containers (drivers/vfio/group.c, container.c).
  "group-exists": {
    errno: "ENOENT", fn: "vfio_group_fops_open",
    meaning: "There is no /dev/vfio file for this group: no device of it is bound to a VFIO driver.",
    holds: "the group has a device bound to a VFIO driver",
    advice: "Bind a device of the group to vfio-pci first.",
  },
  "group-busy": {
    errno: "EBUSY", fn: "vfio_group_fops_open",
    meaning: "The group is in use: its file is open already, or one of its devices is bound to an iommufd.",
    holds: "nobody has the group's file open and none of its devices is bound to an iommufd",
    advice: "Close the group's file, or unbind its devices from the iommufd, first.",
  },
  "group-open": {
    errno: "EBADF", fn: "vfio_group_fops_unl_ioctl",
    meaning: "The group's file is not open.",
    holds: "the group's file is open",
    advice: "Open /dev/vfio/N first.",
  },
  "container-open": {
    errno: "EBADF", fn: "vfio_fops_unl_ioctl",
    meaning: "The container is not open.",
    holds: "the container is open",
    advice: "Open /dev/vfio/vfio first.",
  },
  "group-without-container": {
    errno: "EINVAL", fn: "vfio_group_ioctl_set_container",
    meaning: "The group is in a container already.",
    holds: "the group is in no container yet",
    advice: "Take the group out of its container with VFIO_GROUP_UNSET_CONTAINER first.",
  },
  "group-in-container": {
    errno: "EINVAL", fn: "vfio_group_ioctl_unset_container",
    meaning: "The group is in no container.",
    holds: "the group is in a container",
    advice: "Put the group into a container with VFIO_GROUP_SET_CONTAINER first.",
  },
  "group-has-open-devices": {
    errno: "EBUSY", fn: "vfio_group_ioctl_unset_container",
    meaning: "A device of the group is still open, and it does its DMA through the container.",
    holds: "no device of the group is open",
    advice: "Close the devices of the group first.",
  },
  "group-not-viable": {
    errno: "EPERM", fn: "iommu_group_claim_dma_owner",
    meaning: "The group's DMA belongs to somebody else: a host driver, or another user of VFIO.",
    holds: "nobody else owns the group's DMA",
    advice: "Unbind every device of the group from its host driver (a bridge may stay); a group moves as a whole.",
  },
  "claim-driver": {
    errno: "EINVAL", fn: "__iommu_group_set_domain",
    meaning: "The IOMMU driver refused to cut the group off from the host.",
    holds: "the IOMMU driver cuts the group off from the host",
    advice: "The kernel log of the host says why.",
  },
  "direct-region-refuses-device": {
    errno: "EINVAL", fn: "__iommu_device_set_domain",
    meaning: "A device of the group has a region that firmware wants mapped one to one at all times, so it can't be given away.",
    holds: "no device of the group has a region of type direct",
    advice: "The region comes from firmware (RMRR, IVMD, RMR): a firmware option or another slot may avoid it. Regions of type direct-relaxable don't count.",
  },
  "set-iommu-needs-group": {
    errno: "EINVAL", fn: "vfio_ioctl_set_iommu",
    meaning: "The container holds no group, so nobody has earned the right to use an IOMMU through it.",
    holds: "the container holds a group",
    advice: "Put a group into the container with VFIO_GROUP_SET_CONTAINER first.",
  },
  "set-iommu-once": {
    errno: "EINVAL", fn: "vfio_ioctl_set_iommu",
    meaning: "The container's IOMMU backend is set already.",
    holds: "the container's IOMMU backend is not set yet",
    advice: "Nothing needs to be done; to change the kind, take all groups out of the container first.",
  },
  "set-iommu-supported": {
    errno: "ENODEV", fn: "vfio_ioctl_set_iommu",
    meaning: "No IOMMU backend of this host offers the kind that was asked for.",
    holds: "a backend offers this kind",
    advice: "Ask VFIO_CHECK_EXTENSION; type1 offers 1 (TYPE1), 3 (TYPE1v2) and 6 (NESTING).",
  },
  "set-iommu-kind": {
    errno: "EINVAL", fn: "vfio_iommu_type1_open",
    meaning: "The number names an extension of type1, not a kind of container.",
    holds: "the number names a kind of container",
    advice: "Use 1 (TYPE1), 3 (TYPE1v2) or 6 (NESTING).",
  },
  "no-iommu-set": {
    errno: "EINVAL", fn: "vfio_fops_unl_ioctl",
    meaning: "The container has no IOMMU backend: VFIO_SET_IOMMU has not succeeded, or its last group has left.",
    holds: "the container's IOMMU backend is set",
    advice: "Put a group into the container and call VFIO_SET_IOMMU first.",
  },
  "device-in-group": {
    errno: "ENODEV", fn: "vfio_device_get_from_name",
    meaning: "The group has no device of this name bound to a VFIO driver.",
    holds: "the group has a device of this name bound to a VFIO driver",
    advice: "Use the name under /sys/kernel/iommu_groups/N/devices, with the PCI domain: 0000:00:05.0.",
  },
  "device-open": {
    errno: "EBADF", fn: "vfio_device_fops_release",
    meaning: "The device is not open.",
    holds: "the device is open",
    advice: "",
  },
  "device-needs-iommu": {
    errno: "EINVAL", fn: "vfio_device_group_use_iommu",
    meaning: "The group's container has no IOMMU backend yet, so its devices can't be opened.",
    holds: "the group is in a container whose IOMMU backend is set",
    advice: "Call VFIO_GROUP_SET_CONTAINER and VFIO_SET_IOMMU first.",
  },

  // Attaching a group to a type1 container.
  "attach-vaddr-pending": {
    errno: "EBUSY", fn: "vfio_iommu_type1_attach_group",
    meaning: "Some mappings wait for their new address, so nothing that may need to pin memory is allowed.",
    holds: "no mapping waits for a new address",
    advice: "Give the mappings their new addresses with VFIO_DMA_MAP_FLAG_VADDR, or unmap them.",
  },
  "attach-group-known": {
    errno: "EINVAL", fn: "vfio_iommu_type1_attach_group",
    meaning: "The group is attached already.",
    holds: "the group is not attached yet",
    advice: "Nothing needs to be done.",
  },
  "attach-domain-alloc": {
    errno: "EIO", fn: "vfio_iommu_domain_alloc",
    meaning: "The IOMMU driver did not give a new domain.",
    holds: "the IOMMU driver gives a new domain",
    advice: "",
  },
  "attach-nesting": {
    errno: "EINVAL", fn: "iommu_enable_nesting",
    meaning: "The container was opened for nesting, which this IOMMU does not offer here.",
    holds: "the IOMMU offers nesting to type1",
    advice: "Use VFIO_SET_IOMMU with 3 (TYPE1v2).",
  },
  "attach-driver": {
    errno: "EINVAL", fn: "iommu_attach_group",
    meaning: "The IOMMU driver refused to attach the group to the new domain.",
    holds: "the IOMMU driver attaches the group to the new domain",
    advice: "The kernel log of the host says why.",
  },
  "attach-aperture-conflict": {
    errno: "EINVAL", fn: "vfio_iommu_aper_conflict",
    meaning: "The group's IOMMU can't reach a range that is in use: a mapping lies outside its aperture, or the apertures don't meet at all.",
    holds: "every mapping lies inside the group's aperture",
    advice: "Unmap what lies outside the aperture first, or give the group a container of its own.",
  },
  "attach-regions-readable": {
    errno: "ENOMEM", fn: "iommu_get_group_resv_regions",
    meaning: "The list of the group's reserved regions could not be made.",
    holds: "the group's reserved regions are known",
    advice: "",
  },
  "attach-reserved-conflict": {
    errno: "EINVAL", fn: "vfio_iommu_resv_conflict",
    meaning: "A reserved region of the group lies on memory that is mapped already.",
    holds: "no reserved region of the group touches a mapping",
    advice: "Unmap the memory under the region first, place it elsewhere, or give the group a container of its own.",
  },
  "attach-list-memory": {
    errno: "ENOMEM", fn: "vfio_iommu_iova_insert",
    meaning: "The kernel ran out of memory while it cut the reserved regions out of the valid list.",
    holds: "there is memory for the new valid list",
    advice: "",
  },
  "attach-empty-list": {
    errno: "EINVAL", fn: "vfio_iommu_resv_exclude",
    meaning: "The group's aperture and regions would leave no valid address at all.",
    holds: "some address stays valid",
    advice: "Give the group a container of its own.",
  },
  "no-interrupt-remapping": {
    errno: "EPERM", fn: "vfio_iommu_type1_attach_group",
    meaning: "The host can't remap interrupts, so a device could raise any interrupt by writing to memory.",
    holds: "interrupts are remapped, or the host allows unsafe ones",
    advice: "Turn interrupt remapping on in firmware; as a last resort load vfio_iommu_type1 with allow_unsafe_interrupts=1.",
  },
  "attach-join-domain": {
    errno: "EBUSY", fn: "vfio_iommu_type1_attach_group",
    meaning: "The group could not share an existing domain; it keeps its own.",
    holds: "the group can share this compatible domain",
    advice: "",
  },
  "attach-return-to-domain": {
    errno: "EINVAL", fn: "vfio_iommu_type1_attach_group",
    meaning: "After it could not share a domain, the group could not go back to its own.",
    holds: "the group goes back to its own domain",
    advice: "",
  },
  "attach-mapped-without-domain": {
    errno: "EINVAL", fn: "vfio_iommu_replay",
    meaning: "A mapping counts as mapped though no domain holds it, so its pages can't be found.",
    holds: "every mapping that counts as mapped is held by a domain",
    advice: "Unmap it and map it again.",
  },
  "attach-replay": {
    errno: "EINVAL", fn: "vfio_iommu_replay",
    meaning: "An existing mapping does not fit the smallest page of the new domain: its IOVA, size or memory is not a multiple.",
    holds: "every existing mapping is aligned to the new domain's smallest page",
    advice: "Unmap the mappings that are not aligned to the larger page first.",
  },
  "attach-msi-cookie": {
    errno: "ENOMEM", fn: "iommu_get_msi_cookie",
    meaning: "The window for software-managed interrupt addresses could not be set up.",
    holds: "the window for software-managed interrupt addresses is set up",
    advice: "",
  },

  // VFIO_IOMMU_MAP_DMA.
  "dma-argsz": {
    errno: "EINVAL", fn: "vfio_iommu_type1_ioctl",
    meaning: "argsz is smaller than the smallest structure of this call.",
    holds: "argsz covers the structure",
    advice: "Set argsz to the size of the structure.",
  },
  "dma-flags": {
    errno: "EINVAL", fn: "vfio_iommu_type1_ioctl",
    meaning: "A flag is set that this call does not know.",
    holds: "only known flags are set",
    advice: "",
  },
  "dma-access": {
    errno: "EINVAL", fn: "vfio_dma_do_map",
    meaning: "A map must say READ, WRITE or both, or else be an update of the address (VADDR), never both.",
    holds: "either READ or WRITE is set, or VADDR alone",
    advice: "Set READ (1), WRITE (2) or both (3).",
  },
  "dma-misaligned": {
    errno: "EINVAL", fn: "vfio_dma_do_map",
    meaning: "iova, size and the memory's address must be multiples of the smallest page, and size must not be 0.",
    holds: "iova, size and vaddr are multiples of the smallest page, size is not 0",
    advice: "Round to the smallest page that VFIO_IOMMU_GET_INFO gives.",
  },
  "dma-wraps": {
    errno: "EINVAL", fn: "vfio_dma_do_map",
    meaning: "The range runs past the end of the 64-bit space.",
    holds: "neither iova + size nor vaddr + size wraps",
    advice: "",
  },
  "dma-vaddr-no-mapping": {
    errno: "ENOENT", fn: "vfio_dma_do_map",
    meaning: "There is no mapping whose address could be updated.",
    holds: "a mapping is there to update",
    advice: "",
  },
  "dma-vaddr-not-pending": {
    errno: "EINVAL", fn: "vfio_dma_do_map",
    meaning: "The mapping does not wait for a new address, or the range is not exactly the mapping's.",
    holds: "the mapping waits for a new address and the range is exactly its own",
    advice: "Invalidate the mapping first: VFIO_IOMMU_UNMAP_DMA with VFIO_DMA_UNMAP_FLAG_VADDR.",
  },
  "dma-overlaps-mapping": {
    errno: "EEXIST", fn: "vfio_dma_do_map",
    meaning: "Part of the range is mapped already.",
    holds: "the range meets no existing mapping",
    advice: "Unmap the old mapping first; type1 never replaces one.",
  },
  "dma-entry-limit": {
    errno: "ENOSPC", fn: "vfio_dma_do_map",
    meaning: "The container has as many mappings as it may have.",
    holds: "the container may hold one more mapping",
    advice: "Map larger ranges, or raise the module parameter dma_entry_limit of vfio_iommu_type1.",
  },
  "dma-outside-valid-list": {
    errno: "EINVAL", fn: "vfio_iommu_iova_dma_valid",
    meaning: "The range does not lie inside one window of the container's valid IOVAs.",
    holds: "one valid window holds the whole range",
    advice: "Keep to the windows that VFIO_IOMMU_GET_INFO lists; a range that crosses a hole must be split or moved.",
  },
  "dma-pin-faults": {
    errno: "EFAULT", fn: "vaddr_get_pfns",
    meaning: "The memory could not be pinned: nothing is mapped at that address, or it is read-only and the device would write.",
    holds: "the process's memory is there and allows the access",
    advice: "Map the memory in the process first; for read-only memory leave WRITE out.",
  },
  "dma-lock-limit": {
    errno: "ENOMEM", fn: "vfio_pin_pages_remote",
    meaning: "Pinning would lock more memory than the process may lock.",
    holds: "the process may lock that much memory",
    advice: "Raise RLIMIT_MEMLOCK (ulimit -l) to at least the guest's memory.",
  },
  "dma-driver-map": {
    errno: "EINVAL", fn: "vfio_iommu_map",
    meaning: "The IOMMU driver refused the mapping.",
    holds: "the IOMMU driver takes the mapping",
    advice: "The kernel log of the host says why.",
  },

  // VFIO_IOMMU_UNMAP_DMA.
  "unmap-dirty-alone": {
    errno: "EINVAL", fn: "vfio_iommu_type1_unmap_dma",
    meaning: "A dirty bitmap can't be asked for together with ALL or VADDR.",
    holds: "the dirty bitmap is asked for without ALL and VADDR",
    advice: "",
  },
  "unmap-dirty-bitmap-size": {
    errno: "EINVAL", fn: "verify_bitmap_size",
    meaning: "The dirty bitmap is too small for the range, or larger than 256 MiB.",
    holds: "the dirty bitmap has a bit for every page of the range",
    advice: "One bit per page, rounded up to 8 bytes.",
  },
  "unmap-vaddr-emulated": {
    errno: "EBUSY", fn: "vfio_dma_do_unmap",
    meaning: "An emulated device (mdev) uses the container, so addresses can't be taken away.",
    holds: "no emulated group is in the container",
    advice: "",
  },
  "unmap-misaligned": {
    errno: "EINVAL", fn: "vfio_dma_do_unmap",
    meaning: "iova and size must be multiples of the smallest page, size must not be 0 and the range must not wrap.",
    holds: "iova and size are multiples of the smallest page, size is not 0, nothing wraps",
    advice: "Unmap exactly what was mapped.",
  },
  "unmap-all-is-bare": {
    errno: "EINVAL", fn: "vfio_dma_do_unmap",
    meaning: "With the flag ALL both iova and size must be 0.",
    holds: "iova and size are 0 with the flag ALL",
    advice: "Set iova and size to 0, or leave ALL out.",
  },
  "unmap-dirty-tracking": {
    errno: "EINVAL", fn: "vfio_dma_do_unmap",
    meaning: "A dirty bitmap needs dirty tracking to be on and the smallest page as its page size.",
    holds: "dirty tracking is on and the bitmap's page is the smallest page",
    advice: "Start tracking with VFIO_IOMMU_DIRTY_PAGES first.",
  },
  "unmap-cuts-mapping": {
    errno: "EINVAL", fn: "vfio_dma_do_unmap",
    meaning: "The range would cut a mapping in two; a v2 container removes whole mappings only.",
    holds: "the range cuts no mapping",
    advice: "Unmap whole mappings; map in the pieces that will be unmapped.",
  },
  "unmap-vaddr-twice": {
    errno: "EINVAL", fn: "vfio_dma_do_unmap",
    meaning: "A mapping in the range waits for a new address already; what this call had marked is unmarked again.",
    holds: "no mapping in the range waits for a new address yet",
    advice: "",
  },

  // VFIO_IOMMU_DIRTY_PAGES.
  "dirty-needs-v2": {
    errno: "EACCES", fn: "vfio_iommu_type1_dirty_pages",
    meaning: "A v1 container does not track dirty pages.",
    holds: "the container is v2",
    advice: "Use VFIO_SET_IOMMU with 3 (TYPE1v2).",
  },
  "dirty-one-action": {
    errno: "EINVAL", fn: "vfio_iommu_type1_dirty_pages",
    meaning: "Exactly one of START, STOP and GET_BITMAP must be set.",
    holds: "exactly one of START, STOP and GET_BITMAP is set",
    advice: "",
  },
  "dirty-tracking-started": {
    errno: "EINVAL", fn: "vfio_iommu_type1_dirty_pages",
    meaning: "Dirty tracking is not started.",
    holds: "dirty tracking is started",
    advice: "Call VFIO_IOMMU_DIRTY_PAGES with START first.",
  },
  "dirty-range": {
    errno: "EINVAL", fn: "vfio_iommu_type1_dirty_pages",
    meaning: "The range must be made of smallest pages, must not wrap or be empty, and the bitmap's page must be the smallest page.",
    holds: "range and page size fit the smallest page",
    advice: "",
  },
  "dirty-cuts-mapping": {
    errno: "EINVAL", fn: "vfio_iova_dirty_bitmap",
    meaning: "The range would cut a mapping.",
    holds: "the range cuts no mapping",
    advice: "Ask for whole mappings.",
  },
});
