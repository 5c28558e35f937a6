# Values that contain themselves: nodes that reach each other form a part, which is named as a whole.


@cython.final
cdef class _Node:
    """A node of a part that contains itself: its pre-image with holes where the links point."""

    cdef int64_t number
    cdef bint sorts
    cdef size_t digests
    cdef bytearray image
    cdef list links     # of (place, number)
    cdef object owner

    cdef bytes digest(self, dict colours):
        """Of the pre-image with the colours of the nodes it links to."""
        cdef bytearray image = bytearray(self.image)
        cdef uint8_t *bytes_ = image
        cdef bytes result = PyBytes_FromStringAndSize(NULL, DIGEST)
        for place, number in self.links:
            image[place:place + DIGEST] = colours[number]
        bytes_ = image
        if self.sorts:
            qsort(bytes_ + self.digests, (len(image) - self.digests) // DIGEST, DIGEST, _compare)
        _hash(bytes_, len(image), <uint8_t *>PyBytes_AS_STRING(result))
        return result


cdef dict _name_part(list nodes):
    """Digests of the nodes of one part, by number.

    Colour refinement: all nodes begin with one colour, and the next colour of a node is the digest of its
    pre-image under the present colours, until a round tells no more nodes apart. The digest of a node is
    its colour with all colours of the part: two nodes of whatever parts agree in that exactly when they
    unfold to the same infinite tree, so it is the content that counts, not how objects are shared.
    """
    cdef dict colours = {(<_Node>node).number: bytes(DIGEST) for node in nodes}
    cdef Py_ssize_t known = 0, distinct = 1
    while known != distinct:
        known = distinct
        colours = {(<_Node>node).number: (<_Node>node).digest(colours) for node in nodes}
        distinct = len(set(colours.values()))
        PyErr_CheckSignals()
    everything = distinct.to_bytes(8, "little") + b"".join(sorted(set(colours.values())))
    cdef dict digests = {}
    cdef bytes image, digest
    for number, colour in colours.items():
        image = b"cycle/1\0" + colour + everything
        digest = PyBytes_FromStringAndSize(NULL, DIGEST)
        _hash(<const uint8_t *>PyBytes_AS_STRING(image), len(image), <uint8_t *>PyBytes_AS_STRING(digest))
        digests[number] = digest
    return digests
