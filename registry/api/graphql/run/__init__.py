"""Documents compiled to functions, so that an answer costs what it holds and not what a general executor does."""
