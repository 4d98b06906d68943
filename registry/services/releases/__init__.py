"""The life of a release: modules read, drafts published, weighed, activated. Compiling one lives in domain."""
