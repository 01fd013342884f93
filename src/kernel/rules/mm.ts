import { defineRules } from "./rule.ts";

/** The checks around the PASID of a process, in all eras. */
export const mmRules = defineRules({
  // Processes
  "process-name-new": {
    errno: "EEXIST", fn: "(the model)", holds: "no process has this name",
    meaning: "There is, or was, a process of this name.", advice: "Choose another name.",
  },
  "process-alive": {
    errno: "ENOENT", fn: "(the model)", holds: "the process has not exited",
    meaning: "The process has exited or is exiting.", advice: "",
  },
  "process-mm-gone": {
    errno: "EBUSY", fn: "do_exit", holds: "the process has left its address space",
    meaning: "Files are closed only after the address space has been left.", advice: "Make exit_mm first.",
  },
  "mm-users-left": {
    errno: "EINVAL", fn: "mmput", holds: "somebody took a reference that can be dropped",
    meaning: "Nobody outside the process holds such a reference.", advice: "",
  },
  "mm-alive": {
    errno: "EINVAL", fn: "mmget_not_zero", holds: "the address space still has users",
    meaning: "The address space has been torn down; no new reference is given on it.", advice: "",
  },
  // Binding
  "sva-device-capable": {
    errno: "ENOTSUPP", fn: "intel_svm_bind_mm", holds: "the device and its IOMMU can share virtual addresses",
    meaning: "The device, or the IOMMU in front of it, can't share a process's addresses.", advice: "",
  },
  "sva-device-has-pasids": {
    errno: "EINVAL", fn: "intel_svm_bind_mm", holds: "the device has PASIDs",
    meaning: "The device says that it has no PASIDs.", advice: "",
  },
  "sva-supervisor-has-no-mm": {
    errno: "EINVAL", fn: "intel_svm_bind_mm", holds: "the supervisor flag is given exactly when there is no process",
    meaning: "A supervisor bind is the kernel's own and takes no process; every other bind needs one.", advice: "Leave the process out, or the flag.",
  },
  "sva-plain-bind": {
    errno: "EINVAL", fn: "iommu_sva_bind_device", holds: "a process is bound under its own PASID",
    meaning: "This kernel knows neither private PASIDs nor supervisor binds.", advice: "Bind the process without flags.",
  },
  "sva-pasid-fits-device": {
    errno: "ENOSPC", fn: "intel_svm_bind_mm", holds: "the PASID that the process has is one the device takes",
    meaning: "The process has a PASID already, and it is too large for this device.", advice: "Bind the device with the fewest PASIDs first.",
  },
  "sva-same-callbacks": {
    errno: "EBUSY", fn: "intel_svm_bind_mm", holds: "the device is bound again with the same callbacks",
    meaning: "The device is bound to this process already, with other callbacks.", advice: "",
  },
  "sva-range-sane": {
    errno: "EINVAL", fn: "iommu_sva_alloc_pasid", holds: "min is above 0 and not above max",
    meaning: "PASID 0 is for requests without a PASID, and the range must not be empty.", advice: "Ask from 1 on.",
  },
  "sva-pasid-in-range": {
    errno: "EOVERFLOW", fn: "iommu_sva_alloc_pasid", holds: "the PASID that the process has lies in the range asked for",
    meaning: "The process has a PASID already, and it is outside what this device takes.", advice: "Bind the device with the fewest PASIDs first.",
  },
  "sva-pasid-to-be-had": {
    errno: "ENOSPC", fn: "iommu_sva_alloc_pasid", holds: "a PASID is free",
    meaning: "No PASID is free in the range the device takes.", advice: "Let another process go, or use a device with more PASIDs.",
  },
  "sva-allowed-on-x86": {
    errno: "EOPNOTSUPP", fn: "iommu_sva_bind_device", holds: "sharing addresses is allowed on this architecture",
    meaning: "A stable backport (CVE-2025-71089) makes every bind fail on x86.", advice: "Switch the backport off in the scenario to see what bind would do.",
  },
  "sva-pasid-not-anothers": {
    errno: "EBUSY", fn: "iommu_sva_bind_device", holds: "the device has no other process under this PASID",
    meaning: "The device has another process under this very PASID.", advice: "",
  },
  "sva-is-bound": {
    errno: "EINVAL", fn: "intel_svm_unbind_mm", holds: "the device is bound to the process",
    meaning: "There is no such bind to undo.", advice: "",
  },
  // Steps that a scenario can make fail
  "sva-step-sdev": {
    errno: "ENOMEM", fn: "intel_svm_bind_mm", holds: "memory for the device's part of the bind is there",
    meaning: "No memory for the device's part of the bind.", advice: "",
  },
  "sva-step-enable": {
    errno: "EINVAL", fn: "intel_iommu_enable_pasid", holds: "PASIDs can be switched on in the device",
    meaning: "PASIDs could not be switched on in the device.", advice: "",
  },
  "sva-step-svm": {
    errno: "ENOMEM", fn: "intel_svm_bind_mm", holds: "memory for the bind is there",
    meaning: "No memory for the bind.", advice: "",
  },
  "sva-step-notifier": {
    errno: "ENOMEM", fn: "mmu_notifier_register", holds: "the MMU notifier can be registered",
    meaning: "The MMU notifier could not be registered.", advice: "",
  },
  "sva-step-table": {
    errno: "EINVAL", fn: "intel_pasid_setup_first_level", holds: "the PASID table entry can be written",
    meaning: "The PASID table entry could not be written.", advice: "",
  },
  "sva-step-group": {
    errno: "ENODEV", fn: "iommu_sva_bind_device", holds: "the device has an iommu group",
    meaning: "The device has no iommu group.", advice: "",
  },
  "sva-step-masking": {
    errno: "EBUSY", fn: "iommu_alloc_mm_data", holds: "the process's page tables suit a device (no address masking)",
    meaning: "The process masks address bits, which the device does not.", advice: "",
  },
  "sva-step-memory": {
    errno: "ENOMEM", fn: "iommu_alloc_mm_data", holds: "memory for the mm's part is there",
    meaning: "No memory for the mm's part of the bind.", advice: "",
  },
  "sva-step-domain": {
    errno: "ENOMEM", fn: "iommu_sva_domain_alloc", holds: "an SVA domain can be made",
    meaning: "The SVA domain could not be made.", advice: "",
  },
  "sva-step-attach": {
    errno: "EINVAL", fn: "iommu_attach_device_pasid", holds: "the domain can be attached to the device under the PASID",
    meaning: "The domain could not be attached.", advice: "",
  },
  "sva-call-in-era": {
    errno: "EOPNOTSUPP", fn: "(not there)", holds: "this kernel has the function",
    meaning: "This kernel has no such function; it came with 5.18 and went again with 6.8.", advice: "Choose the variant E4 or E4-fixed.",
  },
  // Submitting
  "enqcmd-on-cpu": {
    errno: "EOPNOTSUPP", fn: "ENQCMD", holds: "the CPU has ENQCMD",
    meaning: "The CPU does not know the instruction.", advice: "",
  },
  "enqcmd-portal": {
    errno: "EFAULT", fn: "ENQCMD", holds: "the process has the device's portal mapped",
    meaning: "The device's portal is not mapped here: it comes and goes with the open, bound device.", advice: "Bind the device first.",
  },
  "enqcmd-msr-valid": {
    errno: "EFAULT", fn: "ENQCMD", holds: "bit 31 of the thread's IA32_PASID is set",
    meaning: "The thread has no valid PASID, so the instruction raises #GP and the process gets a signal.", advice: "Bind the process to a device first.",
  },
  "gp-lazy": {
    errno: "EFAULT", fn: "try_fixup_enqcmd_gp", holds: "the #GP handler may load the mm's PASID into this thread's MSR",
    meaning: "The #GP is not one that the kernel can repair.", advice: "",
  },
});
