#!/bin/sh
# What iovascope reads of a host, without root and without changing anything.
# Usage: sh collect.sh > host.txt      (then look at it before you share it)
# Shows: iommu groups, their reserved address ranges, the IOMMU's width, PCI addresses with vendor and driver names, the kernel
# version. Shows no serial numbers, host names, user names or memory contents.
echo "# kernel"
uname -sr
echo "# reserved regions"
grep . /sys/kernel/iommu_groups/*/reserved_regions 2>/dev/null
echo "# IOMMUs"
grep . /sys/class/iommu/*/intel-iommu/cap /sys/class/iommu/*/intel-iommu/ecap /sys/class/iommu/*/amd-iommu/features /sys/class/iommu/*/amd-iommu/cap 2>/dev/null
ls -d /sys/class/iommu/* 2>/dev/null
echo "# groups"
for device in /sys/kernel/iommu_groups/*/devices/*; do
  [ -e "$device" ] || continue
  group=${device#/sys/kernel/iommu_groups/}
  echo "IOMMU Group ${group%%/*} $(lspci -nns "${device##*/}" 2>/dev/null || echo "${device##*/}")"
done
echo "# drivers"
command -v lspci >/dev/null && lspci -k -v 2>/dev/null | grep -E '^[0-9a-f]|IOMMU group|Kernel driver in use|behind bridge'
