/**
 * A nominal tag on a plain type: a literal or an untagged value may become one, but two differently tagged values
 * never mix by accident (a length where an IOVA is wanted does not compile). Costs nothing at run time.
 */
export type Flavor<Plain, Name extends string> = Plain & { readonly __flavor?: Name };

/** Id of an iommufd object, unique in its context, from 1. */
export type ObjectId = Flavor<number, "object-id">;
/** An IOASID / PASID number. */
export type Pasid = Flavor<number, "pasid">;
/** CSS pixels. */
export type Px = Flavor<number, "px">;
