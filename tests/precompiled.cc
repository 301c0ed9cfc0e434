// Nothing is here: the library of the tests' precompiled headers wants a source.
