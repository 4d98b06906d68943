"""The model as data: modules by catalogue, classes and properties with closures, names, lint."""
