#!/bin/sh
# The kernel's page-table operations while something happens: tracepoints iommu:* for as long as you let it run.
# Usage: sudo sh iommu-events.sh > events.txt     (Ctrl-C ends it and turns the tracepoints off again)
# Shows: I/O addresses, host physical addresses (paddr) and names of processes. Busy hosts print very much: a few seconds do.
cd /sys/kernel/tracing || exit 1
trap 'echo 0 > events/iommu/enable' EXIT
trap 'exit 0' INT TERM
echo 1 > events/iommu/enable
cat trace_pipe
