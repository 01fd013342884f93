#!/bin/sh
# The kernel's own words about its IOMMU. Many systems let only root read the log.
# Usage: sudo sh kernel-log.sh > kernel.txt
# Shows: addresses of IOMMU units and firmware ranges, PCI addresses, messages about refused devices and faults.
dmesg | grep -E 'DMAR|AMD-Vi|arm-smmu|iommu|vfio|RLIMIT_MEMLOCK|e820: \[mem'
