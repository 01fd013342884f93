/** What stands where a diagram has nothing to show: what would make something, and what one would see then. */

/** Neither an IOAS nor a container. */
export function NoSpace() {
  return (
    <div className="dg dg-empty">
      <p>
        <strong>No I/O address space yet.</strong> <code>IOMMU_IOAS_ALLOC</code> makes an IOAS, a VFIO container gets one with its first group. Then its whole space, 0 to 2⁶⁴, is drawn here: what devices carve out of it, what is left, and what is mapped.
      </p>
    </div>
  );
}

export function NoPasids() {
  return (
    <div className="dg dg-empty">
      <p>
        <strong>No PASIDs in this scenario.</strong> A PASID is a 20-bit number that a device puts beside an address to say whose memory it means: one for each process or guest that shares the device. Calls like <code>ioasid_alloc</code> or <code>iommu_sva_bind_device</code> hand them out.
      </p>
    </div>
  );
}
