"""Models: the convolutions of a file on disk, as geometries, and all of them proved."""
