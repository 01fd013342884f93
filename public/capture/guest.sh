#!/bin/sh
# How a running QEMU was started, and how much memory it may lock. Run it as the user that runs QEMU, or as root.
# Usage: sh guest.sh PID > guest.txt     (PID of the qemu-system or qemu-kvm process)
# Shows: the whole command line. That holds the guest's name, paths of disks and addresses of sockets: take out what you don't
# want to share. iovascope needs -m, -machine, -cpu, -accel, -object and -device.
pid=${1:?which process?}
tr '\0' ' ' < "/proc/$pid/cmdline"
echo
grep -i 'locked memory' "/proc/$pid/limits"
